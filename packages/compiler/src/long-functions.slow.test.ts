/** Functions longer than people write: compiled in about linear time, or refused with a reason. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type CompileResult, compile } from "./compile.js";

const file = fileURLToPath(new URL("long.ts", import.meta.url));

function compileBody(body: string): CompileResult {
  const text = `import { u32, u64, xdp, XdpAction, type XdpContext } from "@waggle/kernel";
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

test.each([
  ["4,000 terms", `a = ${lines(4000, (index) => `(a ^ ${index})`, " + ")};`],
  ["4,000 parentheses", `a = ${"(".repeat(4000)}a${" + 1)".repeat(4000)};`],
  ["4,000 nested statements", `${"if (a > 3) {".repeat(4000)} a += 1; ${"}".repeat(4000)}`],
])("%s compile or are refused with a reason", (_name, body) => {
  const result = compileBody(body);
  if (result.classes.length > 0) return;
  expect(codes(result)).toEqual(["WG9002"]);
  expect(result.diagnostics[0]).toMatchObject({
    file,
    message: "this is nested too deeply, or one statement is too long, for the compiler",
    help: "move the inner part into a function of its own, or write a loop",
  });
});
