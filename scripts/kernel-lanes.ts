import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { programKinds } from "@waggle/object";
import type { Reporter, TestModule } from "vitest/node";
import { isBroken } from "./broken-file.js";

/** What a check of test/programs did on a kernel. */
export interface KernelResult {
  readonly suite: string;
  readonly name: string;
  /** Kinds of programs that it shows. */
  readonly kinds: readonly string[];
  readonly result: "passed" | "failed" | "skipped";
  /** What was wrong, or what the kernel lacks; "" when it passed. */
  readonly why: string;
}

declare module "vitest" {
  interface TaskMeta {
    kernels?: { readonly release: string; readonly results: readonly KernelResult[] };
  }
}

const page = fileURLToPath(new URL("../docs/programs-by-kernel.md", import.meta.url));

/**
 * Ends a run of the kernel lanes with `kernels: N passed, N failed, N skipped`, where each check counts once for each kernel, and writes
 * the table of kinds of programs to docs/programs-by-kernel.md.
 */
export class KernelLanes implements Reporter {
  readonly #writesPage: boolean;

  /** @param writesPage whether the run is on all kernels of the page */
  constructor(writesPage: boolean) {
    this.#writesPage = writesPage;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const byKernel = new Map<string, KernelResult[]>();
    for (const module of modules) {
      for (const item of module.children.allTests()) {
        const ran = item.meta().kernels;
        const { state } = item.result();
        for (const result of ran?.results ?? []) counts[result.result] += 1;
        if (ran !== undefined)
          byKernel.set(ran.release, [...(byKernel.get(ran.release) ?? []), ...ran.results]);
        const isTold = (ran?.results.length ?? 0) > 0;
        if (!isTold && (state === "passed" || state === "failed" || state === "skipped")) counts[state] += 1;
        if (isTold && state === "failed" && ran?.results.every(({ result }) => result !== "failed"))
          counts.failed += 1;
      }
      if (isBroken(module)) counts.failed += 1;
    }
    for (const [release, results] of byKernel)
      for (const { name, why } of results.filter(({ result }) => result === "failed"))
        console.log(`failed on ${release}: ${name}: ${why.split("\n", 1)[0]}`);
    if (this.#writesPage && byKernel.size > 1) writeFileSync(page, pageOf(byKernel));
    console.log(`kernels: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}

const numbersOf = (release: string): readonly number[] =>
  (release.match(/\d+/g) ?? []).slice(0, 2).map(Number);

function compare([a0 = 0, a1 = 0]: readonly number[], [b0 = 0, b1 = 0]: readonly number[]): number {
  return a0 - b0 || a1 - b1;
}

function pageOf(byKernel: ReadonlyMap<string, readonly KernelResult[]>): string {
  const releases = [...byKernel.keys()].sort(
    (a, b) =>
      compare(numbersOf(a), numbersOf(b)) || Number(b.includes("amd64")) - Number(a.includes("amd64")),
  );
  const shown = programKinds.filter(({ name }) =>
    [...byKernel.values()].some((results) => results.some(({ kinds }) => kinds.includes(name))),
  );
  const title = (release: string): string =>
    release.includes("amd64") ? numbersOf(release).join(".") : `${numbersOf(release).join(".")} (micro VM)`;
  const cell = (release: string, kind: string): string => {
    const results = (byKernel.get(release) ?? []).filter(({ kinds }) => kinds.includes(kind));
    if (results.some(({ result }) => result === "failed")) return "**fails**";
    if (results.some(({ result }) => result === "passed")) return "works";
    return results.find(({ why }) => why !== "")?.why ?? "";
  };
  const rows = shown.map(
    ({ name, since }) =>
      `| ${[name, since, ...releases.map((release) => cell(release, name))].join(" | ")} |`,
  );
  const never = programKinds.filter((kind) => !shown.includes(kind)).map(({ name }) => name);
  return `# Programs by kernel

\`npm run kernels\` writes this page. The checks in test/programs attached each kind of program on each kernel and saw that it does what
it should. If a kernel cannot run a kind, the cell says what the kernel lacks. The kernels are Debian's, and that of the machine that wrote the page.

| kind | since | ${releases.map(title).join(" | ")} |
| --- | --- | ${releases.map(() => "---").join(" | ")} |
${rows.join("\n")}

Not checked: ${never.join(", ")}.
`;
}
