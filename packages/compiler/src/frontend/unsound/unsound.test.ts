/** TypeScript's errors and the compiler's own are told together: sources with both, and all that is to be told of each. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compile } from "../../compile.js";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const preamble = `import { ArrayMap, config, HashMap, loop, RingBuffer, type u32, u64, u8, xdp, XdpAction, zeroed } from "@waggle/kernel";
import type { FixedArray, XdpContext } from "@waggle/kernel";
`;

interface Mixed {
  readonly name: string;
  /** Lines to be told of end in `//! CODES`. */
  readonly source: string;
  /** Files beside it, by name. */
  readonly others?: Readonly<Record<string, string>>;
}

const program = (name: string, ...body: string[]): string =>
  [`@xdp() static ${name}(ctx: XdpContext): XdpAction {`, ...body, "return XdpAction.Pass;", "}"].join("\n");

const classOf = (...members: string[]): string => ["export class K {", ...members, "}"].join("\n");

const typeError = "const wrong: string = 1; //! TS2322";
const float = "const half = 1.5; //! WG1002";

const cases: readonly Mixed[] = [
  {
    name: "two programs",
    source: classOf(program("a", typeError), program("b", float)),
  },
  {
    name: "the compiler's first",
    source: classOf(program("a", float), program("b", typeError), program("c", float)),
  },
  {
    name: "one function",
    source: classOf(program("a", typeError, float, "const x = ctx.lenght; //! TS2551", "const y = x + 1.5;")),
  },
  {
    name: "a function and its caller",
    source: [
      `function twice(n: u32): u32 {\n${float}\nreturn n * 2; }`,
      "function broken(n: u32): u32 { return nn * 2; } //! TS2304",
      classOf(program("a", "const a = broken(1) + 1.5;", "const b: u32 = twice(2);"), program("b", float)),
    ].join("\n"),
  },
  {
    name: "a function that only code with an error calls",
    source: [
      `function inner(n: u32): u32 {\n${float}\nreturn n; }`,
      "function outer(n: u32): u32 {",
      typeError,
      "return inner(n); }",
      classOf(program("a", "const a: string = outer(1); //! TS2322")),
    ].join("\n"),
  },
  {
    name: "a type that both use",
    source: [
      "interface Both { n: u23; m: u32 } //! TS2304",
      "interface Good { n: number } //! WG2011",
      classOf(
        "static readonly both = new HashMap<u32, Both>({ maxEntries: 4 });",
        "static readonly good = new HashMap<u32, Good>({ maxEntries: 4 });",
        program("a", "const b = K.both.get(1);", "if (b !== null) b.m = 1.5;"),
        program("b", "const g = K.good.get(1);", "if (g !== null) g.n += 1;", float),
      ),
    ].join("\n"),
  },
  {
    name: "a type whose only error is in another's field",
    source: [
      "interface Inner { n: u23 } //! TS2304",
      "interface Outer { inner: Inner }",
      "function take(o: Outer): u32 { return o.inner.n + 1.5; }",
      classOf(
        "static readonly m = new HashMap<u32, Outer>({ maxEntries: 4 });",
        program(
          "a",
          "const o = K.m.get(1);",
          "if (o !== null && take(o) > 1.5) return XdpAction.Drop;",
          float,
        ),
      ),
    ].join("\n"),
  },
  {
    name: "a map",
    source: classOf(
      "static readonly m = new HashMap<u32, u64>({ maxEntrys: 4 }); //! TS2561",
      "static readonly n = new HashMap<u32, u64>({ maxEntries: 0 }); //! WG2007",
      program("a", "const e = K.m.get(1);", "if (e !== null) e.value += 1n;", "K.n.set(1, 1n);", float),
    ),
  },
  {
    name: "config",
    source: classOf(
      '@config static limit: u32 = "5"; //! TS2322',
      "@config static other: u32 = 1.5; //! WG1002",
      "@config static plain: number = 5; //! WG2011",
      program("a", "if (ctx.length > K.limit) return XdpAction.Drop;", float),
    ),
  },
  {
    name: "a decorator",
    source: classOf(
      program("a", float).replace("@xdp()", "@xpd()").replace("{", "{ //! TS2304").replace(" //! WG1002", ""),
      program("b", float),
    ),
  },
  {
    name: "the class's only program",
    source: classOf(
      "static limit: number = 5; //! WG2011",
      program("a").replace("XdpAction {", "XdpActon { //! TS2552"),
    ),
  },
  {
    name: "the class itself",
    source: `${classOf(program("a", "const half = 1.5;")).replace("K {", "K extends Missing { //! TS2304")}\n${classOf(program("a", float)).replace("K", "L")}`,
  },
  {
    name: "syntax",
    source: classOf(program("a", "const x = ;  //! TS1109", "const half = 1.5;")),
  },
  {
    name: "syntax of an imported file",
    others: { "shared.ts": "export function twice(n: number): number { return n * ; } //! TS1109" },
    source: `import { twice } from "./shared.js";\n${classOf(program("a", "const n: u32 = twice(2) + 1.5;", float))}`,
  },
  {
    name: "types of an imported file",
    others: {
      "shared.ts": [
        'import type { u32 } from "@waggle/kernel";',
        "export function broken(n: u32): u32 { return nn; } //! TS2304",
        "export function other(n: u32): u32 {",
        float,
        "return n; }",
      ].join("\n"),
    },
    source: `import { broken, other } from "./shared.js";\n${classOf(program("a", "const n: u32 = broken(other(2)) + 1.5;", float), program("b", "const n: u32 = other(2);"))}`,
  },
  {
    name: "an import that leads nowhere",
    source: `import { twice } from "./nowhere.js"; //! TS2307\n${classOf(program("a", "const n = twice(2) + 1.5;", float))}`,
  },
  {
    name: "an import that leads nowhere, handed on",
    others: { "shared.ts": 'export { twice } from "./nowhere.js"; //! TS2307' },
    source: `import { twice } from "./shared.js";\n${classOf(program("a", "const n = twice(2) + 1.5;", float))}`,
  },
  {
    name: "a name that is not exported",
    others: { "shared.ts": "export const two = 2;" },
    source: `import { two, tow } from "./shared.js"; //! TS2305\n${classOf(program("a", "const n = tow + 1.5;", "const m = two + 1.5; //! WG1002"))}`,
  },
  {
    name: "a constant",
    source: [
      'const broken: u32 = "5"; //! TS2322',
      "const derived = broken + 1;",
      "const good = 1.5; //! WG1002",
      classOf(program("a", "if (ctx.length > derived + 1.5) return XdpAction.Drop;", "const n: u32 = good;")),
    ].join("\n"),
  },
  {
    name: "a guard, whose variable is not known after it",
    source: classOf(
      "static readonly counts: FixedArray<u32, 4> = [1, 2, 3, 4];",
      program(
        "a",
        "const i = ctx.length;",
        "if (i >= K.counts.lenght) return XdpAction.Drop; //! TS2551",
        "const n = K.counts[i];",
        "const m = K.counts[ctx.length]; //! WG1011",
      ),
    ),
  },
  {
    name: "an assignment, after which the variable is not known",
    source: classOf(
      "static readonly counts: FixedArray<u32, 4> = [1, 2, 3, 4];",
      program("a", "let i = ctx.length;", 'i = i % "4"; //! TS2363', "const n = K.counts[i];", float),
    ),
  },
  {
    name: "a loop, which has no bound without its break",
    source: classOf(
      program(
        "a",
        "let n: u32 = 0;",
        "while (true) {",
        "n += 1;",
        "if (n > limit) break; //! TS2304",
        "}",
        float,
      ),
    ),
  },
  {
    name: "a callback",
    source: classOf(
      "static total: u64 = 0n;",
      program(
        "a",
        "loop(8, () => { K.total += 1; }); //! TS2365",
        "loop(8, () => { K.total += 1.5; }); //! TS2365",
        float,
      ),
    ),
  },
  {
    name: "a variable whose declaration the error speaks of",
    source: classOf(
      program(
        "a",
        "const t: FixedArray<u32, 4> = [1, 2, 3, 4];",
        "let i: u32 | undefined;",
        "const v = t[i]; //! TS2538",
      ),
    ),
  },
  {
    name: "a type of the function's own",
    source: classOf(
      program(
        "a",
        "interface Own { n: u23 } //! TS2304",
        "const o: Own = { n: 1.5 };",
        "if (o.n > 1.5) return XdpAction.Drop;",
        float,
      ),
    ),
  },
  {
    name: "a record that is submitted by a statement with an error",
    source: [
      "interface Event { n: u32 }",
      classOf(
        "static readonly events = new RingBuffer<Event>({ bytes: 4096 });",
        program(
          "a",
          "const e = K.events.reserve();",
          "if (e === null) return XdpAction.Drop;",
          'e.n = "1"; //! TS2322',
          "K.events.submit(e);",
          float,
        ),
      ),
    ].join("\n"),
  },
  {
    name: "a result whose type comes from a body with an error",
    source: [
      "function broken(n: u32) { return nn * 1.5; } //! TS2304",
      classOf(program("a", "const n = broken(1) + 1.5;"), program("b", float)),
    ].join("\n"),
  },
  {
    name: "a comment that hides errors",
    source: `// @ts-ignore //! WG1012\n${classOf(program("a", "const half = 1.5;"))}`,
  },
  {
    name: "what is found in the code that is made",
    source: [
      "interface Event { n: u32 }",
      classOf(
        "static readonly events = new RingBuffer<Event>({ bytes: 4096 });",
        program("a", typeError),
        program("b", "const e = K.events.reserve();", "if (e !== null) e.n = 1;").replace(
          "return XdpAction.Pass;",
          "return XdpAction.Pass; //! WG2012",
        ),
        program(
          "c",
          "let n: u64 = 0n;",
          "for (let i: u32 = 0; i < 60000; i += 1)",
          "for (let j: u32 = 0; j < ctx.length && j < 60000; j += 1) n += u64(j ^ i); //! WG1010",
          "if (n > 5n) return XdpAction.Drop;",
        ),
      ),
    ].join("\n"),
  },
  {
    name: "what is found where the code does not fit",
    source: [
      "interface Table { words: FixedArray<u64, 5000> }",
      classOf(
        "static readonly tables = new ArrayMap<Table>({ maxEntries: 5 });",
        program("a", typeError),
        program("b", "const t = zeroed<Table>(); //! WG3004", "K.tables.set(0, t);"),
      ),
    ].join("\n"),
  },
  {
    name: "a handler without a decorator",
    source: classOf(
      program("a", typeError),
      program("b", float),
      "static c(ctx: XdpContext): XdpAction { return XdpAction.Pass; }",
    ),
  },
];

/** `file:line code` of each line's comment. */
const expectedOf = (files: ReadonlyMap<string, string>): string[] =>
  [...files].flatMap(([file, text]) =>
    text.split("\n").flatMap((line, index) =>
      (/\/\/! (.*)$/.exec(line)?.[1] ?? "")
        .split(" ")
        .filter((code) => code !== "")
        .map((code) => `${file}:${index + 1} ${code}`),
    ),
  );

test.each(cases)("$name", ({ source, others = {} }) => {
  const files = new Map([[here("mixed.ts"), preamble + source]]);
  for (const [name, text] of Object.entries(others)) files.set(here(name), text);
  const { classes, diagnostics } = compile({ files: [here("mixed.ts")], overlay: files, check: true });
  const found = diagnostics.map(({ file, line, code }) => `${file}:${line} ${code}`);
  expect([...found].sort()).toEqual(expectedOf(files).sort());
  const places = diagnostics.map(({ file, line, column }) => [file, line * 1000 + column] as const);
  expect(places).toEqual([...places].sort(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : i - j)));
  expect(classes).toEqual([]);
});
