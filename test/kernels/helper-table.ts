/** What `guest/probe-helpers.ts` found on several kernels, as the table in @waggle/object. */

/** One kernel's answer: the helpers of each kind of program, and those of them that want the GPL. */
export interface ProbedKernel {
  /** "6.1" */
  readonly version: string;
  readonly helpers: ReadonlyMap<string, readonly number[]>;
  readonly gpl: ReadonlyMap<string, readonly number[]>;
}

interface Line {
  readonly kind: string;
  readonly helpers?: readonly number[];
  readonly gpl?: readonly number[];
}

function isLine(value: unknown): value is Line {
  return typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
}

/** Reads what the guest printed. */
export function readProbe(release: string, output: string): ProbedKernel {
  const version = /^\d+\.\d+/.exec(release)?.[0];
  if (version === undefined) throw new Error(`${release} is no kernel release`);
  const lines = output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): unknown => JSON.parse(line))
    .filter(isLine);
  return {
    version,
    helpers: new Map(lines.flatMap(({ kind, helpers }) => (helpers === undefined ? [] : [[kind, helpers]]))),
    gpl: new Map(lines.flatMap(({ kind, gpl }) => (gpl === undefined ? [] : [[kind, gpl]]))),
  };
}

/** "1-8 12 25-28". */
function rangesOf(ids: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === id - 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(" ");
}

/** The generated file, of kernels from old to new. */
export function helperTable(kernels: readonly ProbedKernel[]): string {
  const kinds = [...new Set(kernels.flatMap(({ helpers }) => [...helpers.keys()]))].sort();
  const rows = kinds.map((kind) => {
    const known = new Set<number>();
    const lists = kernels.map(({ helpers }) => {
      const fresh = (helpers.get(kind) ?? []).filter((id) => !known.has(id));
      for (const id of fresh) known.add(id);
      return `    "${rangesOf(fresh)}",`;
    });
    return `  "${kind}": [\n${lists.join("\n")}\n  ],`;
  });
  const newest = kernels.at(-1);
  const all = new Set(newest === undefined ? [] : [...newest.helpers.values()].flat());
  const free = new Set(
    [...(newest?.helpers ?? [])].flatMap(([kind, ids]) =>
      ids.filter(
        (id) => !(newest?.gpl.get(kind) ?? []).includes(id) && kind !== "lsm" && !kind.startsWith("tracing/"),
      ),
    ),
  );
  const always = [...all].filter(
    (id) => !free.has(id) && [...(newest?.gpl.values() ?? [])].some((ids) => ids.includes(id)),
  );
  return `// Made by WAGGLE_KERNELS=5.10,6.1,6.12,6.18,newest UPDATE_HELPERS=1 npx vitest run test/kernels/helpers.test.ts
/** The kernels that were asked, from old to new. */
export const probedKernels: readonly string[] = [${kernels.map(({ version }) => `"${version}"`).join(", ")}];

/** By kind of program, for each kernel that was asked: ids of the helpers that it lets such programs call and the ones before it do not. */
export const helperPrograms: Readonly<Record<string, readonly string[]>> = {
${rows.join("\n")}
};

/** Ids of helpers for programs under a licence compatible with the GPL only. */
export const gplHelpers = "${rangesOf(always)}";
`;
}
