/** Functions longer than people write: compiled in about linear time, or refused with a reason. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type CompileResult, compile } from "./compile.js";

const file = fileURLToPath(new URL("long.ts", import.meta.url));

function compileBody(body: string): CompileResult {
  const text = `import { u32, u64, xdp, XdpAction, type XdpContext } from "@waggle/kernel";
function same(value: u32): u32 { return value; }
export class Long {
  static total: u64 = 0n;
  @xdp() static run(ctx: XdpContext): XdpAction {
let a: u32 = ctx.length;
${body}
return a > 9 ? XdpAction.Drop : XdpAction.Pass;
  }
}
`;
  return compile({ files: [file], overlay: new Map([[file, text]]) });
}

const lines = (count: number, line: (index: number) => string, between = "\n"): string =>
  Array.from({ length: count }, (_, index) => line(index)).join(between);
const statements = (count: number): string => lines(count, (index) => `a = (a ^ ${index}) * 3;`);
const codes = ({ diagnostics }: CompileResult): string[] => diagnostics.map(({ code }) => code);

/** Seconds of processor time, which other processes take nothing of. */
function secondsFor(body: string): number {
  const before = process.cpuUsage();
  expect(codes(compileBody(body))).toEqual([]);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

test("four times the statements take far less than sixteen times the time", () => {
  secondsFor(statements(1000));
  expect(secondsFor(statements(4000)) / secondsFor(statements(1000))).toBeLessThan(12);
});

test("16,000 statements compile", () => {
  const result = compileBody(statements(16_000));
  expect(codes(result)).toEqual([]);
  expect(result.classes[0]?.programs[0]?.instructions).toBeGreaterThan(16_000);
});

test("a long chain of else-if compiles", () => {
  expect(
    codes(compileBody(lines(300, (index) => `if (a === ${index}) Long.total += 1n;`, " else "))),
  ).toEqual([]);
});

/** Ways to nest, by what is nested. */
const nested: Readonly<Record<string, (count: number) => string>> = {
  "else if": (count) => lines(count, (index) => `if (a === ${index}) Long.total += 1n;`, " else "),
  terms: (count) => `a = ${lines(count, (index) => `(a ^ ${index})`, " + ")};`,
  "operands of &&": (count) => `if (${lines(count, (index) => `a !== ${index}`, " && ")}) a = 3;`,
  "conditional operators": (count) => `a = ${lines(count, (index) => `a === ${index} ? 1 : `, "")}2;`,
  parentheses: (count) => `a = ${"(".repeat(count)}a${" + 1)".repeat(count)};`,
  blocks: (count) => `${"{ ".repeat(count)}a += 1;${" }".repeat(count)}`,
  "statements in each other": (count) => `${"if (a > 3) { ".repeat(count)}a += 1;${" }".repeat(count)}`,
  loops: (count) => `${"while (a > 3) { ".repeat(count)}a -= 1;${" }".repeat(count)}`,
  calls: (count) => `a = ${"same(".repeat(count)}a${")".repeat(count)};`,
  "unary operators": (count) => `a = ${"~".repeat(count)}a;`,
  arrays: (count) => `const x = ${"[".repeat(count)}a${"]".repeat(count)};`,
  objects: (count) => `const x = ${"{ v: ".repeat(count)}a${" }".repeat(count)};`,
  members: (count) => `a = a${".x".repeat(count)};`,
  functions: (count) => `const f = ${"() => ".repeat(count)}1;`,
  types: (count) => `let x: ${"Array<".repeat(count)}u32${">".repeat(count)};`,
  "parentheses that are not closed": (count) => "(".repeat(count),
};

describe.each(Object.entries(nested))("%s", (_name, body) => {
  test("16,000 are refused", () => {
    const { classes, diagnostics } = compileBody(body(16_000));
    expect(classes).toEqual([]);
    expect(diagnostics).toMatchObject([
      {
        code: "WG9002",
        file,
        line: 7,
        endLine: 7,
        message: "this is nested too deeply, or one statement is too long, for the compiler",
        help: "move the inner part into a function of its own, or write a loop or a switch",
      },
    ]);
  });
});
