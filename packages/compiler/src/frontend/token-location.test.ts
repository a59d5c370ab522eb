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

const constructs = `import { currentTask, HashMap, type i32, type KernelPtr, type KernelStruct, loop, range, u64, type u32 } from "@waggle/kernel";
import { tracepoint, type FixedArray, type TracepointContext, xdp, XdpAction, type XdpContext } from "@waggle/kernel";
interface task_struct extends KernelStruct<"task_struct"> { readonly tgid: i32; readonly real_parent: KernelPtr<task_struct> }
interface Seen { count: u64; table: FixedArray<u32, 8> }
export class Filter {
  static readonly seen = new HashMap<u32, Seen>({ maxEntries: 8 });
  static total: u64 = 0n;
  @xdp() static run(ctx: XdpContext): XdpAction {
    const key: u32 = ctx.length;
    const third = key > 1 ? key / 3 : key * 2;
    const found = Filter.seen.get(third);
    const both = found !== null && found.table[1] > 5 || key === 77;
    switch (third) {
      case 21: Filter.total += 2n; break;
      case 22: return XdpAction.Tx;
      default: Filter.total = 9n;
    }
    for (const port of [53, 80]) if (key === port) return XdpAction.Drop;
    if (found === null) return XdpAction.Pass;
    let sum = 0;
    for (const one of found.table) sum += one;
    for (const i of range(8)) sum ^= found.table[i];
    return both || sum > 9 ? XdpAction.Pass : XdpAction.Tx;
  }
  @tracepoint("sched", "sched_switch") static follow(_ctx: TracepointContext<"sched/sched_switch">): i32 {
    const task = currentTask<task_struct>();
    Filter.total += u64(task.real_parent.real_parent.tgid);
    Filter.seen.forEach((at, value) => {
      if (at.value > 5) value.count += Filter.total;
    });
    loop(1000, (turn) => {
      Filter.total -= u64(turn);
      return Filter.total < 6n;
    });
    return 0;
  }
}
`;

/** Places of the object's line info: `line` and `column` from 1, and the source's text there up to the end of that token. */
function placesOf(source: string, optimize: 0 | 1 | 2) {
  const file = "/project/filter.ts";
  const { classes, diagnostics } = compile({
    files: [file],
    overlay: new Map([[file, source]]),
    cwd: process.cwd(),
    optimize,
    target: { kernel: "6.12" },
    check: true,
  });
  expect(diagnostics).toEqual([]);
  const [built] = classes;
  if (built === undefined) throw new Error("no class was built");
  const text = source.split("\n");
  const lines = readObject(built.object).programs.flatMap((program) => program.lines);
  return lines.map(({ line, column }) => {
    const rest = text[line - 1]?.slice(column - 1) ?? "";
    return { line, column, token: /^(?:\w+|[^\w\s]+)/.exec(rest)?.[0] };
  });
}
type Places = ReturnType<typeof placesOf>;

const tokensOf = (places: Places): string[] => [
  ...new Set(places.map(({ line, token }) => `${line} ${token}`)),
];

describe.each([0, 1, 2] as const)("line info of what can fail points at its token, level %d", (level) => {
  const found = tokensOf(placesOf(source, level));
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
    expect(found).toContain(token);
  });

  test("none is at an object before its property", () => {
    expect(found.filter((token) => /^\d+ (?:found|ctx|Filter|seen)$/.test(token))).toEqual([]);
  });
});

describe.each([0, 1, 2] as const)("line info of control flow and of kernel types, level %d", (level) => {
  const places = placesOf(constructs, level);
  const found = tokensOf(places);
  test.each([
    ["the condition of a ternary, at its operator", "10 >"],
    ["a branch of a ternary", "10 /"],
    ["the other branch", "10 *"],
    ["a key that is put on the stack, at the argument", "11 third"],
    ["the call that takes it", "11 get"],
    ["the left side of &&", "12 !=="],
    ["what stands right of it", "12 1"],
    ["its comparison", "12 >"],
    ["the right side of ||", "12 ==="],
    ["a case of a switch, at its value", "14 21"],
    ["another", "15 22"],
    ["the body of a case", "14 total"],
    ["a return in a case", "15 return"],
    ["the default", "16 total"],
    ["a turn over a list", "18 ==="],
    ["an element that for…of reads, at its variable", "21 one"],
    ["a loop's own counter, at the loop", "21 for"],
    ["an element by the counter of a range", "22 i"],
    ["a call that gives a pointer", "26 currentTask"],
    ["each pointer of a chain, at its field", "27 real_parent"],
    ["the number at its end", "27 tgid"],
    ["a call with a callback, at its name", "28 forEach"],
    ["a key in a callback", "29 value"],
    ["a comparison in a callback", "29 >"],
    ["an assignment in a callback", "29 count"],
    ["a loop function", "31 loop"],
    ["an assignment in its callback", "32 total"],
    ["what its callback returns", "33 <"],
    ["a return", "35 return"],
  ])("%s", (_, token) => {
    expect(found).toContain(token);
  });

  test("each field of the chain has a place of its own", () => {
    const chain = places.filter(({ line, token }) => line === 27 && /real_parent|tgid/.test(token ?? ""));
    expect(new Set(chain.map(({ column }) => column)).size).toBe(3);
  });
});
