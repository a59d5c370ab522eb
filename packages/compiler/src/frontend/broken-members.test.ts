/** A mistake in a member is reported at the member, whatever its uses are: they are not lowered and not reported. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { frontend } from "./frontend.js";

const file = fileURLToPath(new URL("broken.ts", import.meta.url));

interface Member {
  readonly name: string;
  readonly declaration: string;
  readonly code: string;
  /** A number, a boolean and a reference that come from the member. */
  readonly number: string;
  readonly boolean: string;
  readonly reference: string;
}

const map = (name: string, declaration: string, code: string): Member => ({
  name,
  declaration: `static readonly broken = new ${declaration};`,
  code,
  number: "u32(K.broken.get(1)?.n ?? 7)",
  boolean: "K.broken.has(1)",
  reference: "K.broken.get(1)",
});

const field = (name: string, declaration: string, code: string, number: string, boolean: string): Member => ({
  name,
  declaration,
  code,
  number,
  boolean,
  reference: `K.good.get(${number})`,
});

const members: readonly Member[] = [
  map("a map of a struct without widths", "HashMap<u32, NoWidth>({ maxEntries: 4 })", "WG2011"),
  map("a map without entries", "HashMap<u32, Good>({ maxEntries: 0 })", "WG2007"),
  map("a map of an optional field", "HashMap<u32, Optional>({ maxEntries: 4 })", "WG2005"),
  map("a map with a name that the kernel does not take", "HashMap<u32, Named>({ maxEntries: 4 })", "WG2005"),
  map("a map whose size is not constant", "HashMap<u32, Good>({ maxEntries: twice(2) })", "WG2010"),
  {
    ...map("a ring buffer of a record without widths", "RingBuffer<NoWidth>({ bytes: 4096 })", "WG2011"),
    number: 'u32(K.broken.query("size"))',
    boolean: "K.broken.output({ n: 1 })",
    reference: "K.broken.reserve()",
  },
  field("a constant", "@config static broken: number = 5;", "WG2011", "u32(K.broken)", "K.broken > 3"),
  field("a variable", "static broken: number = 5;", "WG2011", "u32(K.broken)", "K.broken > 3"),
  field(
    "a constant with a fraction",
    "@config static broken: u32 = 1.5;",
    "WG1002",
    "K.broken",
    "K.broken > 3",
  ),
  field(
    "a struct variable",
    "static broken: NoWidth = { n: 1 };",
    "WG2011",
    "u32(K.broken.n)",
    "K.broken.n > 3",
  ),
  field(
    "a field of two decorators' meaning",
    "@config static readonly broken: boolean = true;",
    "WG2008",
    "u32(K.broken ? 1 : 2)",
    "K.broken",
  ),
];

type Use = readonly [name: string, text: (member: Member) => string];

const uses: readonly Use[] = [
  ["if", ({ boolean }) => `if (${boolean}) return XdpAction.Drop;`],
  ["if and else", ({ boolean }) => `if (${boolean}) K.total += 1n; else K.total += 2n;`],
  ["not", ({ boolean }) => `if (!(${boolean})) return XdpAction.Drop;`],
  ["a check for null", ({ reference }) => `const e = ${reference}; if (e !== null) e.n += 1;`],
  ["a check in place", ({ reference }) => `if (${reference} === null) return XdpAction.Drop;`],
  ["while", ({ boolean }) => `let i: u32 = 0; while (${boolean} && i < 4) i += 1;`],
  ["do", ({ boolean }) => `let i: u32 = 0; do { i += 1; } while (i < 4 && ${boolean});`],
  ["for", ({ number }) => `for (let i: u32 = 0; i < 8 && i < ${number}; i += 1) K.total += 1n;`],
  ["the start of a loop", ({ number }) => `for (let i: u32 = ${number}; i < 8; i += 1) K.total += 1n;`],
  ["a range", ({ number }) => `for (const i of range(${number})) K.total += u64(i);`],
  ["switch", ({ number }) => `switch (${number}) { case 1: return XdpAction.Drop; default: break; }`],
  ["case", ({ number }) => `switch (ctx.length) { case ${number}: return XdpAction.Drop; default: break; }`],
  ["?:", ({ boolean }) => `return ${boolean} ? XdpAction.Drop : XdpAction.Pass;`],
  ["a branch of ?:", ({ number }) => `const n: u32 = ctx.length > 3 ? ${number} : 4; K.total += u64(n);`],
  ["&&", ({ boolean }) => `const both = ${boolean} && ctx.length > 3; if (both) return XdpAction.Drop;`],
  ["||", ({ boolean }) => `const one = ctx.length > 3 || ${boolean}; if (one) return XdpAction.Drop;`],
  ["??", ({ reference }) => `const n: u32 = ${reference}?.n ?? 4; if (n > 3) return XdpAction.Drop;`],
  ["?.", ({ reference }) => `if (${reference}?.n === 4) return XdpAction.Drop;`],
  ["an argument", ({ number }) => `if (twice(${number}) > 4) return XdpAction.Drop;`],
  ["a struct", ({ number }) => `K.good.set(1, { n: ${number} });`],
  ["an assignment", ({ number }) => `let n: u32 = 1; n = ${number}; if (n > 3) return XdpAction.Drop;`],
  ["a function's result", () => "if (fromCallee()) return XdpAction.Drop;"],
  ["a loop's callback", ({ boolean }) => `loop(8, () => { if (${boolean}) K.total += 1n; });`],
  ["a labelled block", ({ boolean }) => `out: { if (${boolean}) break out; K.total += 1n; }`],
];

const noWidth = "export interface NoWidth { n: number }";

const source = (member: Member): string => `
import { config, HashMap, loop, range, RingBuffer, u32, u64, xdp, XdpAction } from "@waggle/kernel";
import type { XdpContext } from "@waggle/kernel";
export interface Good { n: u32 }
${noWidth}
export interface Optional { n: u32; m?: u32 }
export interface Named { n: u32; $x: u32 }
function twice(n: u32): u32 { return n * 2; }
function fromCallee(): boolean { if (${member.boolean}) return false; return true; }
export class K {
  static total: u64 = 0n;
  static readonly good = new HashMap<u32, Good>({ maxEntries: 4 });
  ${member.declaration}
${uses.map(([, use], index) => `  @xdp() static p${index}(ctx: XdpContext): XdpAction { ${use(member)} return XdpAction.Pass; }`).join("\n")}
}
`;

test.each(members)("$name: its mistake is the only one that is reported", (member) => {
  const text = source(member);
  const { modules, diagnostics } = frontend({ files: [file], overlay: new Map([[file, text]]) });
  const found = diagnostics.map(
    ({ code, line, message }) => `${text.split("\n")[line - 1]?.trim()}: ${code} ${message}`,
  );
  // What is wrong with a field is reported at the field.
  const place =
    member.code === "WG2011" && member.declaration.includes("NoWidth") ? noWidth : member.declaration;
  expect(found).toEqual([expect.stringContaining(`${place}: ${member.code}`)]);
  expect(modules).toEqual([]);
});
