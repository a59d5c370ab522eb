/** What docs/language/out.md says is out: each row by programs that have it, and the code that it names. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "@waggle/compiler";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./blocks.js";
import { kernelFile } from "./snippet.js";

/** Bodies of programs by the row's first cell. */
const programs: Readonly<Record<string, readonly string[]>> = {
  "`1.5`, `2e-3`": ["const x = 1.5;", "const x = 2e-3;"],
  "template strings, `+` on text, regular expressions": [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the program's
    "const x = `${ctx.length} bytes`;",
    'const x = "a" + "b";',
    "const x = /a/;",
  ],
  "`new`, classes in functions": ["const x = new Map();", "const t = 1; { class Inner {} }"],
  "functions as values, functions in functions": [
    "const f = (n: u32): u32 => n;",
    "if (ctx.length > 0) { function f(n: u32): u32 { return n; } }",
  ],
  "`throw`, `try`": ['throw "x";', "try { ktimeGetNs(); } catch {}"],
  "`async`, `await`, `yield`": [
    "async function f(): Promise<u32> { return 1; }\n// ---\nf();",
    "function* f(): Generator<u32> { yield 1; }\n// ---\nf();",
    "async function f(): Promise<u64> { return await ktimeGetNs(); }\n// ---\nf();",
  ],
  recursion: ["function f(n: u32): u32 { return n === 0 ? 0 : f(n - 1); }\n// ---\nconst x = f(3);"],
  "more than 5 parameters": [
    "function f(a: u32, b: u32, c: u32, d: u32, e: u32, g: u32): u32 { return a + b + c + d + e + g; }\n// ---\nconst x = f(1, 2, 3, 4, 5, 6);",
  ],
  "loops without an evident end": ["let n = ctx.length; while (n !== 1) n = (n * 3) / 2;"],
  "`a[i]` with any `i`": ["const a = zeroed<FixedArray<u32, 4>>(); const x = a[ctx.length];"],
  "`x as T`, `<T>x`": ["const x = ctx.length as u8;", "const x = <u8>ctx.length;"],
  "globals: `Math`, `Reflect`": ["const x = Math.sqrt(4);", "const x = Reflect.ownKeys;"],
  "`==`, `!=`": ["if (ctx.length == 4) return XdpAction.Drop;"],
  "`o[name]`, `in`, `for…in`": [
    "const key: EthHdr = zeroed<EthHdr>(); for (const name in key) {}",
    'const has = "source" in zeroed<EthHdr>();',
  ],
  "`x!`": ["const eth = ctx.at<EthHdr>(0)!;"],
  "`typeof x`, `instanceof`": ['if (typeof ctx.length === "number") return XdpAction.Drop;'],
  "`this` as a value": [
    "export class A { static n: u32 = 0; @xdp() static run(ctx: XdpContext): XdpAction { const self = this; return XdpAction.Pass; } }",
  ],
  "`delete`, `**`, `void x`, `debugger`": ["const x = ctx.length ** 2;", "debugger;", "void ktimeGetNs();"],
  "`number`, `bigint`": ["const x: number = ctx.length;", "const x: bigint = ktimeGetNs();"],
};

const rows = readFileSync(join(root, "docs/language/out.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && /\[WG\d{4}\]/.test(line))
  .map((line) => ({
    what: line.split("|")[1]?.trim() ?? "",
    code: line.match(/\[(WG\d{4})\]/)?.[1] ?? "",
  }));

let folder = "";
beforeAll(() => {
  // Inside the repository, so that @waggle/kernel resolves.
  folder = mkdtempSync(join(root, "test/docs/.out-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every row has programs, and every program a row", () => {
  expect(rows.map(({ what }) => what).sort()).toEqual(Object.keys(programs).sort());
});

test.each(rows)("$what: $code", ({ what, code }) => {
  for (const program of programs[what] ?? []) {
    writeFileSync(join(folder, "out.ts"), kernelFile(program));
    const { diagnostics } = compile({ files: ["out.ts"], cwd: folder });
    const codes = diagnostics.map((diagnostic) => diagnostic.code);
    expect(codes, `${program}\n${diagnostics.map(({ message }) => message).join("\n")}`).toContain(code);
  }
});
