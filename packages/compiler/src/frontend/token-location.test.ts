import { readObject } from "@waggle/object";
import { describe, expect, test } from "vitest";
import { compile } from "../compile.js";

const source = `import { type FixedArray, HashMap, type u32, type u64, xdp, XdpAction, type XdpContext } from "@waggle/kernel";
interface Seen { count: u64; table: FixedArray<u32, 8> }
export class Filter {
  static readonly seen = new HashMap<u32, Seen>({ maxEntries: 8 });
  static halve(seen: Seen, by: u32): u32 {
    return seen.table[1] % by;
  }
  @xdp() static run(ctx: XdpContext): XdpAction {
    const key: u32 = ctx.length;
    const found = Filter.seen.get(key);
    if (found === null) return XdpAction.Pass;
    found.count += 1n;
    const i = found.table[2];
    if (i >= 8) return XdpAction.Drop;
    found.table[i] = (found.table[3] / key) * 5;
    found.table[4]++;
    Filter.seen.delete(key);
    return Filter.halve(found, key) > 7 ? XdpAction.Tx : XdpAction.Pass;
  }
}
`;

/** The source's text at every place that the object's line info names, by line, up to the end of that token. */
function tokens(optimize: 0 | 1 | 2): ReadonlySet<string> {
  const file = "/project/filter.ts";
  const { classes, diagnostics } = compile({
    files: [file],
    overlay: new Map([[file, source]]),
    cwd: process.cwd(),
    optimize,
    check: true,
  });
  expect(diagnostics).toEqual([]);
  const [built] = classes;
  if (built === undefined) throw new Error("no class was built");
  const lines = source.split("\n");
  const [program] = readObject(built.object).programs;
  return new Set(
    program?.lines.map(({ line, column }) => {
      const rest = lines[line - 1]?.slice(column - 1) ?? "";
      return `${line} ${/^(?:\w+|[^\w\s]+)/.exec(rest)?.[0]}`;
    }),
  );
}

describe.each([0, 1, 2] as const)("line info of what can fail points at its token, level %d", (level) => {
  const found = tokens(level);
  test.each([
    ["a field of the context", "9 length"],
    ["a call, at its callee's name", "10 get"],
    ["a null check, at its operator", "11 ==="],
    ["a compound assignment, at the place", "12 count"],
    ["an element, at its index", "13 2"],
    ["a comparison, at its operator", "14 >="],
    ["an assignment, at the place", "15 i"],
    ["an element among operands", "15 3"],
    ["a division, at its operator", "15 /"],
    ["a multiplication, at its operator", "15 *"],
    ["an increment, at the place", "16 4"],
    ["a call without a result", "17 delete"],
    ["an element in an inlined function", "6 1"],
    ["an operator in an inlined function", "6 %"],
    ["a comparison with a call's result", "18 >"],
  ])("%s", (_, token) => {
    expect([...found]).toContain(token);
  });

  test("none is at an object before its property", () => {
    expect([...found].filter((token) => /^\d+ (?:found|ctx|Filter|seen)$/.test(token))).toEqual([]);
  });
});
