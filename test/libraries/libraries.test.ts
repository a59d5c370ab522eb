/** Kernel code in several files and in an npm package. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { simulateObject } from "@waggle/vm";
import { afterAll, beforeAll, expect, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));

const library: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({
    name: "@acme/kernel-kit",
    version: "1.2.3",
    type: "module",
    files: ["src"],
    exports: {
      ".": { waggle: "./src/index.ts" },
      "./sums": { waggle: "./src/sums.ts" },
    },
    peerDependencies: { "@waggle/kernel": "*" },
  }),
  "src/index.ts": `export * from "./sums.ts";
export { default as triple } from "./triple.ts";
export const enum Limit { Low = 3, High = 300 }
export enum Colour { Red = 1, Blue = 4 }
export const table: FixedArray<u32, 4> = [10, 20, 30, 40];
import type { FixedArray, u32 } from "@waggle/kernel";
`,
  "src/sums.ts": `import type { FixedArray, u32, u64 } from "@waggle/kernel";
import { u64 as wide } from "@waggle/kernel";
export interface Pair<T> { a: T; b: T }
export function sum<N extends number>(values: FixedArray<u32, N>): u64 {
  let total: u64 = 0n;
  for (let i: u32 = 0; i < values.length; i++) total += wide(values[i]);
  return total;
}
export function apply(pair: Pair<u64>, change: (value: u64) => u64): void {
  pair.a = change(pair.a);
  pair.b = change(pair.b);
}
`,
  "src/triple.ts": `import type { u64 } from "@waggle/kernel";
export default function (value: u64): u64 { return value * 3n; }
`,
};

const project: Readonly<Record<string, string>> = {
  "kernel.ts": `import { u32, u64, XdpAction, xdp } from "@waggle/kernel";
import type { FixedArray, XdpContext } from "@waggle/kernel";
import { apply, Colour, Limit, table, triple } from "@acme/kernel-kit";
import * as sums from "@acme/kernel-kit/sums";
import type { Pair } from "@acme/kernel-kit/sums";
import * as even from "./even.js";
import { again } from "./index.js";

export class Library {
  static result: u64 = 0n;
  @xdp() static run(ctx: XdpContext): XdpAction {
    const words: FixedArray<u32, 3> = [1, 2, ctx.length];
    const pair: Pair<u64> = { a: sums.sum(words), b: triple(5n) };
    apply(pair, (value) => value + 1n);
    Library.result = pair.a * 1000n + pair.b * 10n + u64(even.isEven(ctx.length, 1) ? 1 : 0) + u64(again(Limit.High));
    Library.result += u64(table[ctx.length & 3]) * 1000000n + u64(Colour.Blue) + u64(even.STEP) + even.bump();
    return XdpAction.Pass;
  }
}
`,
  "index.ts": `export { STEP, bump } from "./even.js";
export { same as again } from "./odd.js";
`,
  "even.ts": `import type { u32, u64 } from "@waggle/kernel";
import { isOdd } from "./odd.js";
export const STEP = 2;
let count: u64 = 0n;
export function bump(): u64 { count += 1n; return count; }
export function isEven(n: u32, depth: u32): boolean { return n % STEP === 0 && (depth === 0 || !isOdd(n)); }
`,
  "odd.ts": `import type { u32 } from "@waggle/kernel";
import { STEP } from "./even.js";
export const SHIFT = STEP + 1;
export function isOdd(n: u32): boolean { return n % STEP === 1; }
export function same(n: u32): u32 { return n << (SHIFT - 3); }
`,
};

let folder = "";
function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(here, ".build-"));
  write(join(folder, "kit"), library);
  write(folder, project);
  // What is published, and nothing else, is installed.
  execFileSync("npm", ["pack", "--pack-destination", folder], { cwd: join(folder, "kit"), stdio: "pipe" });
  const target = join(folder, "node_modules/@acme/kernel-kit");
  mkdirSync(target, { recursive: true });
  execFileSync("tar", [
    "-xzf",
    join(folder, "acme-kernel-kit-1.2.3.tgz"),
    "-C",
    target,
    "--strip-components=1",
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([0, 1, 2] as const)("modules and a package, level %i", (optimize) => {
  const { classes, diagnostics } = compile({ files: ["kernel.ts"], cwd: folder, optimize, check: true });
  expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
  const { object } = link(classes.map((item) => ({ name: item.name, bytes: item.object })));
  const sim = simulateObject(object);
  sim.programs.run?.run({ data: new Uint8Array(62) });
  // 65 and 15 plus one each; 62 is even; 300; table[2] is 30; Blue 4; STEP 2; the first bump 1.
  expect(sim.variables.result?.get()).toBe(66_000n + 160n + 1n + 300n + 30_000_000n + 4n + 2n + 1n);
});

test("a mistake in a package is told in its file", () => {
  const path = join(folder, "node_modules/@acme/kernel-kit/src/sums.ts");
  writeFileSync(path, `${library["src/sums.ts"]}export function bad(): u64 { return wide(1.5); }\n`);
  const file = "bad.ts";
  writeFileSync(
    join(folder, file),
    `import { XdpAction, xdp } from "@waggle/kernel";
import type { XdpContext } from "@waggle/kernel";
import { bad } from "@acme/kernel-kit/sums";
export class Bad { @xdp() static run(ctx: XdpContext): XdpAction { bad(); return XdpAction.Pass; } }
`,
  );
  const { diagnostics } = compile({ files: [file], cwd: folder });
  const told = diagnostics.map((item) => ({ code: item.code, path: item.file.endsWith("/src/sums.ts") }));
  expect(told).toEqual([{ code: "WG1002", path: true }]);
  rmSync(join(folder, file));
});
