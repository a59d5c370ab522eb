/** Compiles and runs programs in every way that there is, and compares with what is expected. */
import { fileURLToPath } from "node:url";
import { BugError, compile, type Diagnostic, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { loadObject } from "@waggle/userspace";
import { simulateObject } from "@waggle/vm";
import type { Configuration } from "./configurations.js";
import { expectedOutcomes, numberNames, numbersInPacket, type Outcome, packetOf } from "./expected.js";
import { className, printFile } from "./print.js";
import type { ProgramTree } from "./tree.js";
import { sizeOf } from "./types.js";

/** What went wrong; "limit" is no fault: the program is more than a kernel takes, and the compiler says so. */
export type FaultKind = "limit" | "crash" | "refused" | "in process" | "not loaded" | "in the kernel";

/** A program that does not do what it must in some configuration. */
export interface Fault {
  readonly tree: ProgramTree;
  readonly configuration: Configuration;
  readonly kind: FaultKind;
  /** Two faults with the same key have the same cause, as far as is known. */
  readonly key: string;
  readonly text: string;
}

/** A program with what it must do. */
export interface Tested {
  readonly tree: ProgramTree;
  readonly outcomes: readonly Outcome[];
}

/** The program with what the evaluator says of it. */
export const tested = (tree: ProgramTree): Tested => ({ tree, outcomes: expectedOutcomes(tree) });

const folder = fileURLToPath(new URL("../..", import.meta.url));
const file = "programs.ts";

/** Limits of the kernel that a program may exceed. */
const limits: ReadonlySet<string> = new Set(["WG3001", "WG3002", "WG3004", "WG3005"]);

/** The same of the steps that the verifier follows in loops. */
const isLimit = ({ code, message }: Diagnostic): boolean =>
  limits.has(code) || (code === "WG1010" && message.startsWith("the verifier follows "));

/** A run of a program on a packet. */
type Run = (data: Uint8Array) => { readonly result: number; readonly data?: Uint8Array };

/** Faults of the programs in one configuration. `kernel` says whether the running kernel may be asked. */
export function faultsOf(
  programs: readonly Tested[],
  configuration: Configuration,
  kernel: boolean,
): Fault[] {
  const built = build(programs, configuration);
  if (!("object" in built)) return apart(programs, configuration, kernel, built.fault);
  const config = Object.fromEntries(programs.flatMap(({ tree }) => configOf(tree)));
  const simulation = simulateObject(built.object, { config });
  const faults = programs.flatMap((program) =>
    compare(program, configuration, "in process", (data) => {
      const found = simulation.programs[program.tree.name];
      if (found === undefined) throw new Error("no such program");
      return found.run({ data });
    }),
  );
  if (!kernel || configuration.order !== "little") return faults;
  let app: ReturnType<typeof loadObject>;
  try {
    app = loadObject(built.object, { config });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [
      ...faults,
      ...apart(programs, configuration, kernel, { kind: "not loaded", key: keyOf(text), text }),
    ];
  }
  try {
    return [
      ...faults,
      ...programs.flatMap((program) =>
        compare(program, configuration, "in the kernel", (data) => {
          const found = app.programs[program.tree.name];
          if (found === undefined) throw new Error("no such program");
          return found.testRun({ data });
        }),
      ),
    ];
  } finally {
    app.close();
  }
}

/** Tries the halves of programs of which one is at fault. */
function apart(
  programs: readonly Tested[],
  configuration: Configuration,
  kernel: boolean,
  found: Pick<Fault, "kind" | "key" | "text">,
): Fault[] {
  const [first] = programs;
  if (programs.length === 1 && first !== undefined) return [{ tree: first.tree, configuration, ...found }];
  const middle = programs.length >> 1;
  return [programs.slice(0, middle), programs.slice(middle)].flatMap((half) =>
    faultsOf(half, configuration, kernel),
  );
}

/** An object, or why there is none. */
type Built = { readonly object: Uint8Array } | { readonly fault: Pick<Fault, "kind" | "key" | "text"> };

function build(programs: readonly Tested[], { level, cpu, order, kernel }: Configuration): Built {
  const overlay = new Map([[`${folder}${file}`, printFile(programs.map(({ tree }) => tree))]]);
  const target = { byteOrder: order, cpu, kernel };
  try {
    const { classes, diagnostics } = compile({
      files: [file],
      cwd: folder,
      target,
      optimize: level,
      overlay,
    });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const [first] = errors;
    if (first !== undefined) {
      const text = formatDiagnostics(errors.slice(0, 4), { color: false, cwd: folder });
      const kind = errors.every(isLimit) ? "limit" : first.code === "WG9001" ? "crash" : "refused";
      return { fault: { kind, key: `${first.code} ${keyOf(first.message)}`, text } };
    }
    const [compiled] = classes;
    if (compiled === undefined)
      return { fault: { kind: "refused", key: "nothing", text: "no class was compiled" } };
    return { object: link([{ name: className, bytes: compiled.object }]).object };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const text = error instanceof BugError ? error.message : (error.stack ?? error.message);
    return { fault: { kind: "crash", key: keyOf(error.message), text: text.slice(0, 4000) } };
  }
}

/** A text without what differs from one program to the next. */
const keyOf = (text: string): string =>
  (text.split("\n", 1)[0] ?? "").replace(/`[^`]*`|0x[\da-f]+|\d+|[A-Za-z]+\d\w*/g, "…").slice(0, 120);

/** The values of its `@config` constants. */
function configOf({ statics }: ProgramTree): [string, number | bigint][] {
  return statics.flatMap(({ name, type, config }): [string, number | bigint][] =>
    config === null ? [] : [[name, type.bits === 64 ? config : Number(config)]],
  );
}

function compare(
  { tree, outcomes }: Tested,
  configuration: Configuration,
  kind: "in process" | "in the kernel",
  run: Run,
): Fault[] {
  const { order } = configuration;
  for (const [index, input] of tree.inputs.entries()) {
    const expected = outcomes[index];
    if (expected === undefined) continue;
    const sent = packetOf(tree, input, order);
    const differences = differencesOf(tree, expected, sent, order, run);
    if (differences.length === 0) continue;
    const text = [`run ${index} on ${Buffer.from(sent).toString("hex")}`, ...differences].join("\n");
    return [
      {
        tree,
        configuration,
        kind,
        key: keyOf(differences[0]?.startsWith("error") === true ? differences[0] : kind),
        text,
      },
    ];
  }
  return [];
}

function differencesOf(
  { io }: ProgramTree,
  expected: Outcome,
  sent: Uint8Array,
  order: Configuration["order"],
  run: Run,
): string[] {
  try {
    const { result, data = new Uint8Array() } = run(sent);
    const found = numbersInPacket(io, data, order);
    const names = numberNames(io);
    const numbers = (expected.numbers ?? []).flatMap((number, index) =>
      found?.[index] === number ? [] : [`io.${names[index]}: expected ${number}, found ${found?.[index]}`],
    );
    const size = expected.numbers === null ? 0 : sizeOf(io);
    const isRestKept = Buffer.from(data).subarray(size).equals(Buffer.from(sent).subarray(size));
    return [
      ...(result === expected.action ? [] : [`action: expected ${expected.action}, found ${result}`]),
      ...numbers,
      ...(isRestKept ? [] : ["bytes behind io were changed"]),
    ];
  } catch (error) {
    return [`error: ${error instanceof Error ? error.message : String(error)}`];
  }
}
