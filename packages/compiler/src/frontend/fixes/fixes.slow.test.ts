import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { applyFix } from "../../diagnostics/diagnostic.js";
import { compileCase, readFixtures, topicsOf, withoutAnnotations } from "../fixtures/fixture-file.js";
import { frontend } from "../frontend.js";

const file = join(fileURLToPath(new URL(".", import.meta.url)), "case.ts");
const compile = (text: string): readonly Diagnostic[] =>
  frontend({ files: [file], overlay: new Map([[file, text]]) }).diagnostics;

const imports =
  'import { config, HashMap, u32, XdpAction, xdp, zeroed, type be16, type u8, type u64, type XdpContext } from "@waggle/kernel";\n';
const program = (body: string, result = "XdpAction"): string => `${imports}interface Key { a: u32; b: u8 }
interface Stats { packets: u64; words: import("@waggle/kernel").FixedArray<u32, 8> }
export class Case {
  static readonly stats = new HashMap<Key, Stats>({ maxEntries: 16 });
  static readonly counts = new HashMap<u32, u64>({ maxEntries: 16 });
  @xdp()
  static run(ctx: XdpContext): ${result} {
    ${body}
    return XdpAction.Pass;
  }
}
`;

/** The lines that a fix changed, without their indentation. */
function changedLines(before: string, after: string): string[] {
  const old = new Set(before.split("\n"));
  return after
    .split("\n")
    .filter((line) => !old.has(line))
    .map((line) => line.trim());
}

const withValue = imports.replace("type u8", "u8").trim();
const with64 = imports.replace("type u64", "u64").trim();

describe("in a program's body", () => {
  test.each([
    [
      "narrowing",
      "const x: u8 = ctx.length + 1;",
      "WG2002",
      "Convert ctx.length + 1 with u8(…)",
      [withValue, "const x: u8 = u8(ctx.length + 1);"],
    ],
    [
      "TypeScript's narrowing",
      "const x: u8 = ctx.length;",
      "TS2322",
      "Convert ctx.length with u8(…)",
      [withValue, "const x: u8 = u8(ctx.length);"],
    ],
    [
      "narrowing into a field",
      "const k = zeroed<Key>(); k.b = k.a * 2; k.a = 1;",
      "WG2002",
      "Convert k.a * 2 with u8(…)",
      [withValue, "const k = zeroed<Key>(); k.b = u8(k.a * 2); k.a = 1;"],
    ],
    [
      "narrowing in a short property",
      "const b = ctx.length; const k: Key = { a: 1, b }; k.a = 2;",
      "TS2322",
      "Convert b with u8(…)",
      [withValue, "const b = ctx.length; const k: Key = { a: 1, b: u8(b) }; k.a = 2;"],
    ],
    [
      "sides that do not meet",
      "const n: u64 = 1n; const y = n + ctx.length;",
      "TS2365",
      "Convert ctx.length with u64(…)",
      [with64, "const n: u64 = 1n; const y = n + u64(ctx.length);"],
    ],
    [
      "a literal beside 64 bits",
      "const n: u64 = 1n; if (n === 1) return XdpAction.Drop;",
      "TS2367",
      "Write 1n",
      ["const n: u64 = 1n; if (n === 1n) return XdpAction.Drop;"],
    ],
    ["a literal for 64 bits", "const n: u64 = 1;", "TS2322", "Write 1n", ["const n: u64 = 1n;"]],
    [
      "literal out of range",
      "const x: u8 = 999;",
      "WG2001",
      "Declare it as u16",
      [imports.replace("type XdpContext", "type XdpContext, type u16").trim(), "const x: u16 = 999;"],
    ],
    [
      "literal operand out of range",
      "const k = zeroed<Key>(); if (k.b + 300 > 400) return XdpAction.Drop;",
      "WG2001",
      "Convert k.b with u16(…)",
      [
        imports.replace("type XdpContext", "type XdpContext, u16").trim(),
        "const k = zeroed<Key>(); if (u16(k.b) + 300 > 400) return XdpAction.Drop;",
      ],
    ],
    [
      "cast",
      "const x = ctx.length as unknown as u64;",
      "WG1012",
      "Convert with u64(…)",
      [with64, "const x = u64(ctx.length);"],
    ],
    [
      "unchecked null",
      "const s = Case.stats.get({ a: 1, b: 2 });\n    s.packets += 1n;",
      "TS18047",
      "Check s for null: return XdpAction.Pass",
      ["if (s === null) return XdpAction.Pass;"],
    ],
    [
      "unchecked null of a call",
      "Case.stats.get({ a: 1, b: 2 }).packets += 1n;",
      "TS2531",
      "Check found for null: return XdpAction.Pass",
      [
        "const found = Case.stats.get({ a: 1, b: 2 });",
        "if (found === null) return XdpAction.Pass;",
        "found.packets += 1n;",
      ],
    ],
    [
      "unchecked null in a loop",
      "for (let i: u32 = 0; i < 4; i++) {\n      const s = Case.counts.get(i);\n      s.value += 1n;\n    }",
      "TS2531|TS18047",
      "Check s for null: go on with the next turn",
      ["if (s === null) continue;"],
    ],
    [
      "assertion",
      "const s = Case.stats.get({ a: 1, b: 2 });\n    s!.packets = 1n;",
      "WG1020",
      "Check s for null: return XdpAction.Pass",
      ["if (s === null) return XdpAction.Pass;", "s.packets = 1n;"],
    ],
    [
      "assertion in a declaration",
      "const s = Case.stats.get({ a: 1, b: 2 })!;\n    s.packets = 1n;",
      "WG1020",
      "Check s for null: return XdpAction.Pass",
      ["const s = Case.stats.get({ a: 1, b: 2 });", "if (s === null) return XdpAction.Pass;"],
    ],
    [
      "overwritten reference",
      "const a = zeroed<Stats>(); const b = zeroed<Stats>();\n    const words = a.words;\n    a.words = b.words;\n    if (words[0] === 1) return XdpAction.Drop;",
      "WG1022",
      "Copy what is needed later: words = copyOf(…)",
      [
        imports.replace("type XdpContext", "type XdpContext, copyOf").trim(),
        "const words = copyOf(a.words);",
      ],
    ],
    [
      "overwritten reference of a swap",
      "const a = zeroed<Stats>(); const b = zeroed<Stats>();\n    const words = a.words;\n    a.words = b.words;\n    b.words = words;",
      "WG1022",
      "Swap both at once",
      ["[a.words, b.words] = [b.words, a.words];"],
    ],
    [
      "index",
      "const s = zeroed<Stats>(); const i = ctx.length;\n    s.words[i] = 1;",
      "WG1011",
      "Check the index: return XdpAction.Pass",
      ["if (i >= 8) return XdpAction.Pass;"],
    ],
    [
      "misspelt name",
      "const length = ctx.length; const x = lenght;",
      "TS2552|TS2304",
      "Write length",
      ["const length = ctx.length; const x = length;"],
    ],
    [
      "a name that is misspelt twice",
      "const x = ktimeGetNsec() + ktimeGetNsec();",
      "TS2304",
      "Write ktimeGetNs and import it",
      [
        imports.replace("type XdpContext", "type XdpContext, ktimeGetNs").trim(),
        "const x = ktimeGetNs() + ktimeGetNs();",
      ],
    ],
    ["misspelt member", "const x = ctx.lenght;", "TS2551", "Write length", ["const x = ctx.length;"]],
    [
      "misspelt member of a map",
      "Case.stats.gett({ a: 1, b: 2 });",
      "TS2551|TS2339",
      "Write get",
      ["Case.stats.get({ a: 1, b: 2 });"],
    ],
    [
      "name that is not imported",
      "const x = u16(ctx.length);",
      "TS2304|TS2552",
      "Import u16 from @waggle/kernel",
      [imports.replace("type XdpContext", "type XdpContext, u16").trim()],
    ],
    [
      "type that is not imported",
      "const x: u16 = 3;",
      "TS2304|TS2552",
      "Import u16 from @waggle/kernel",
      [imports.replace("type XdpContext", "type XdpContext, type u16").trim()],
    ],
    [
      "misspelt type",
      "const x: Kye = { a: 1, b: 2 };",
      "TS2304|TS2552",
      "Write Key",
      ["const x: Key = { a: 1, b: 2 };"],
    ],
    [
      "no semicolon",
      "Case.stats.get({ a: 1, b: 2 })!.packets = 1n",
      "WG1020",
      "Check found for null: return XdpAction.Pass",
      [
        "const found = Case.stats.get({ a: 1, b: 2 });",
        "if (found === null) return XdpAction.Pass;",
        "found.packets = 1n",
      ],
    ],
    [
      "loose comparison",
      "if (ctx.length == 3) return XdpAction.Drop;",
      "WG1014",
      "Write ===",
      ["if (ctx.length === 3) return XdpAction.Drop;"],
    ],
    ["var", "var x: u32 = 1;", "WG1001", "Write let", ["let x: u32 = 1;"]],
    ["debugger", "debugger;", "WG1001", "Remove it", []],
  ])("%s", (_name, body, code, title, lines) => {
    const before = program(body);
    const found = compile(before).filter((item) => code.split("|").includes(item.code));
    expect(found.map(({ message }) => message)).toHaveLength(1);
    const fix = found[0]?.fixes?.find((item) => item.title === title);
    expect(found[0]?.fixes?.map((item) => item.title)).toContain(title);
    if (fix === undefined) return;
    const after = applyFix(before, file, fix);
    expect(changedLines(before, after)).toEqual(lines);
    expect(compile(after)).toEqual([]);
  });
});

describe("of declarations", () => {
  const run = "@xdp() static run(ctx: XdpContext): XdpAction { return XdpAction.Pass; }";
  test.each([
    ["export", `class Case { ${run} }`, "WG2008", "Export Case", `export class Case { ${run} }`],
    [
      "default export",
      `export default class Case { ${run} }`,
      "WG2008",
      "Remove default",
      `export class Case { ${run} }`,
    ],
    [
      "a map that is not readonly",
      `export class Case { static m = new HashMap<u32, u64>({ maxEntries: 1 }); ${run} }`,
      "WG2007",
      "Make m readonly",
      `export class Case { static readonly m = new HashMap<u32, u64>({ maxEntries: 1 }); ${run} }`,
    ],
    [
      "a config field that is readonly",
      `export class Case { @config static readonly limit: u32 = 1; ${run} }`,
      "WG2008",
      "Remove readonly",
      `export class Case { @config static limit: u32 = 1; ${run} }`,
    ],
    [
      "a program that is not static",
      `export class Case { ${run.replace("static ", "")} }`,
      "TS1241",
      "Make run static",
      `export class Case { ${run} }`,
    ],
    [
      "async",
      `export class Case { ${run.replace("static", "static async").replace("): XdpAction", "): Promise<XdpAction>")} }`,
      "TS1241",
      "Remove async",
      `export class Case { ${run} }`,
    ],
    [
      "a program without a decorator",
      `export class Case { ${run} static other(ctx: XdpContext): XdpAction { return XdpAction.Drop; } }`,
      "WG2008",
      "Write @xdp()",
      `export class Case { ${run} @xdp() static other(ctx: XdpContext): XdpAction { return XdpAction.Drop; } }`,
    ],
    [
      "an object that can change",
      `const limits = { most: 3 };\nexport class Case { ${run.replace("Pass", "Pass + limits.most")} }`.replace(
        "return XdpAction.Pass + limits.most",
        "return ctx.length > limits.most ? XdpAction.Drop : XdpAction.Pass",
      ),
      "WG2010",
      "Write as const",
      `const limits = { most: 3 } as const;\nexport class Case { ${run.replace("return XdpAction.Pass", "return ctx.length > limits.most ? XdpAction.Drop : XdpAction.Pass")} }`,
    ],
    [
      "a struct of plain numbers",
      `interface Bad { a: number; b: number }\nexport class Case { ${run.replace("return", "const b = zeroed<Bad>(); b.a = 1; return")} }`,
      "WG2011",
      "Write u32",
      `interface Bad { a: u32; b: u32 }\nexport class Case { ${run.replace("return", "const b = zeroed<Bad>(); b.a = 1; return")} }`,
    ],
    [
      "an optional parameter",
      `function add(a: u32, b?: u32): u32 { return a; }\nexport class Case { ${run.replace("return", "const b = add(1); if (b === 3) return XdpAction.Drop; return")} }`,
      "WG1001",
      "Write b: u32 = 0",
      `function add(a: u32, b: u32 = 0): u32 { return a; }\nexport class Case { ${run.replace("return", "const b = add(1); if (b === 3) return XdpAction.Drop; return")} }`,
    ],
    [
      "an optional field",
      `interface Bad { a?: u32; b: u32 }\nexport class Case { ${run.replace("return", "const b = zeroed<Bad>(); b.b = 1; return")} }`,
      "WG2005",
      "Remove the question mark",
      `interface Bad { a: u32; b: u32 }\nexport class Case { ${run.replace("return", "const b = zeroed<Bad>(); b.b = 1; return")} }`,
    ],
  ])("%s", (_name, text, code, title, wanted) => {
    const before = imports + text;
    const found = compile(before).filter((item) => item.code === code);
    expect(found.flatMap((item) => item.fixes ?? []).map((item) => item.title)).toContain(title);
    const fix = found.flatMap((item) => item.fixes ?? []).find((item) => item.title === title);
    if (fix === undefined) return;
    expect(applyFix(before, file, fix)).toBe(imports + wanted);
    expect(compile(applyFix(before, file, fix))).toEqual([]);
  });
});

describe("imports", () => {
  const text = (head: string): string =>
    `${head}export class Case { @xdp() static run(ctx: XdpContext): XdpAction { const x: u8 = ctx.length + 1; return XdpAction.Pass; } }\n`;
  test.each([
    [
      "a type among types",
      'import { XdpAction, xdp } from "@waggle/kernel";\nimport type { u8, XdpContext } from "@waggle/kernel";\n',
      'import { XdpAction, xdp, u8 } from "@waggle/kernel";\nimport type { XdpContext } from "@waggle/kernel";\n',
    ],
    [
      "the last of the types",
      'import { XdpAction, xdp } from "@waggle/kernel";\nimport type { XdpContext, u8 } from "@waggle/kernel";\n',
      'import { XdpAction, xdp, u8 } from "@waggle/kernel";\nimport type { XdpContext } from "@waggle/kernel";\n',
    ],
    [
      "the only type",
      'import { XdpAction, xdp, type XdpContext } from "@waggle/kernel";\nimport type { u8 } from "@waggle/kernel";\n',
      'import { XdpAction, xdp, type XdpContext, u8 } from "@waggle/kernel";\n',
    ],
    [
      "CRLF, and no import to add to",
      'import * as k from "@waggle/kernel";\r\nimport { XdpAction, xdp, type u8, type XdpContext } from "@waggle/kernel";\r\n',
      'import * as k from "@waggle/kernel";\r\nimport { XdpAction, xdp, u8, type XdpContext } from "@waggle/kernel";\r\n',
    ],
  ])("%s", (_name, head, wanted) => {
    const before = text(head);
    const [diagnostic] = compile(before);
    const fix = diagnostic?.fixes?.[0];
    expect(fix?.title).toBe("Convert ctx.length + 1 with u8(…)");
    if (fix === undefined) return;
    const after = applyFix(before, file, fix);
    expect(after).toBe(text(wanted).replace("ctx.length + 1", "u8(ctx.length + 1)"));
    expect(compile(after)).toEqual([]);
  });
});

describe.each(topicsOf("rejected"))(
  "what is offered for the rejected programs takes the mistake away: %s",
  (topic) => {
    test.each(readFixtures("rejected", topic))("$name", ({ text }) => {
      const { result, source, kernel } = compileCase(withoutAnnotations(text));
      const same = (list: readonly Diagnostic[], { code, message }: Diagnostic): number =>
        list.filter((item) => item.code === code && item.message === message).length;
      for (const item of result.diagnostics) {
        for (const fix of item.fixes ?? []) {
          const path = item.file;
          const after = applyFix(source, path, fix);
          const left = frontend({ files: [path], overlay: new Map([[path, after]]), kernel }).diagnostics;
          expect([fix.title, same(left, item) < same(result.diagnostics, item), after]).toEqual([
            fix.title,
            true,
            after,
          ]);
        }
      }
    });
  },
);
