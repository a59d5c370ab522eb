import { expect, test } from "vitest";
import { checkModule } from "../ir/check.js";
import { parseModule } from "../ir/parse.js";
import { printModule } from "../ir/print.js";
import { widenLoops } from "./widen-loops.js";

const head = 'module M license "GPL"\n';
const loopOf = (slots: string, before: string, body: string, limit = 100): string =>
  `${head}function f section "xdp" -> i32 { slot s0 "i" size 4 align 4 ${slots}
   b0(v0: ptr, v1: i32): v2 = const.i32 0 v3 = const.i32 1 v4 = const.i32 ${limit} v5 = slot s0 store.u32 v5+0, v2 stack ${before} jump b1
   b1: v10 = load.u32 v5+0 stack v11 = ult v10, v4 branch v11, b2, b6
   b2: ${body}
   b5: v50 = load.u32 v5+0 stack v51 = add.i32 v50, v3 store.u32 v5+0, v51 stack jump b1
   b6: return v2 }`;

/** What the pass puts into each block that it changes: the lines that were not there. */
function added(text: string): string[] {
  const module = parseModule(text);
  expect(checkModule(module)).toEqual([]);
  const after = widenLoops(module);
  expect(checkModule(after)).toEqual([]);
  const before = printModule(module, { locations: false }).split("\n");
  return printModule(after, { locations: false })
    .split("\n")
    .filter((line) => !before.includes(line));
}

test("a local that a branch changes begins each turn unknown, and the counter does not", () => {
  const text = loopOf(
    'slot s1 "n" size 4 align 4',
    "v6 = slot s1 store.u32 v6+0, v2 stack",
    "v20 = load.u32 v6+0 stack branch v1, b3, b5 b3: v21 = add.i32 v20, v3 store.u32 v6+0, v21 stack jump b5",
  );
  expect(added(text)).toMatchInlineSnapshot(`
    [
      "data loop__zero section ".bss" mutable private: u64 = 0x0000000000000000",
      "  v52 = global loop__zero",
      "  v53 = load.u32 v52+0 map",
      "  v56 = slot s1",
      "  v54 = load.u32 v56+0 stack",
      "  v55 = add.i32 v54, v53",
      "  store.u32 v56+0, v55 stack",
    ]
  `);
});

test("so does a field of a struct on the stack that is accessed by a variable index as well", () => {
  const text = loopOf(
    'slot s1 "line" size 72 align 8',
    "v6 = slot s1 zero v6+0 size 72 align 8 stack",
    `v20 = load.u64 v6+64 stack v21 = const.i64 64 v22 = ult v20, v21 branch v22, b3, b5
     b3: v23 = offset v6, v20 store.u8 v23+0, v1 unknown v24 = const.i64 1 v25 = add.i64 v20, v24 store.u64 v6+64, v25 stack jump b5`,
  );
  expect(added(text)).toMatchInlineSnapshot(`
    [
      "data loop__zero section ".bss" mutable private: u64 = 0x0000000000000000",
      "  v52 = global loop__zero",
      "  v53 = load.u64 v52+0 map",
      "  v56 = slot s1",
      "  v54 = load.u64 v56+64 stack",
      "  v55 = add.i64 v54, v53",
      "  store.u64 v56+64, v55 stack",
    ]
  `);
});

test("a local that both ways to the loop have written begins each turn unknown", () => {
  const text = loopOf(
    'slot s1 "n" size 4 align 4',
    "v6 = slot s1 branch v1, b9, b10 b9: store.u32 v6+0, v3 stack jump b11 b10: store.u32 v6+0, v2 stack jump b11 b11:",
    "branch v1, b3, b5 b3: v20 = load.u32 v6+0 stack v21 = add.i32 v20, v3 store.u32 v6+0, v21 stack branch v21, b4, b5 b4: jump b5",
  );
  expect(added(text)).toContainEqual(expect.stringMatching(/load\.u32 v\d+\+0 stack/));
});

const fewTurns = loopOf(
  'slot s1 "n" size 4 align 4',
  "v6 = slot s1 store.u32 v6+0, v2 stack",
  "v20 = load.u32 v6+0 stack branch v1, b3, b5 b3: v21 = add.i32 v20, v3 store.u32 v6+0, v21 stack jump b5",
  10,
);
const noBranch = loopOf(
  'slot s1 "n" size 4 align 4',
  "v6 = slot s1 store.u32 v6+0, v2 stack",
  "v20 = load.u32 v6+0 stack v21 = add.i32 v20, v1 store.u32 v6+0, v21 stack jump b5",
);
const ofTheTurn = loopOf(
  'slot s1 "n" size 4 align 4',
  "v6 = slot s1",
  "store.u32 v6+0, v1 stack v20 = load.u32 v6+0 stack branch v20, b3, b5 b3: v21 = add.i32 v20, v3 store.u32 v6+0, v21 stack jump b5",
);
const aPointer = loopOf(
  'slot s1 "p" size 8 align 8',
  "v6 = slot s1 store.u64 v6+0, v0 stack",
  "v20 = load.u64.ptr v6+0 stack branch v1, b3, b5 b3: store.u64 v6+0, v20 stack jump b5",
);
const inTwoWidths = loopOf(
  'slot s1 "u" size 4 align 4',
  "v6 = slot s1 store.u32 v6+0, v2 stack",
  "v20 = load.u16 v6+0 stack branch v20, b3, b5 b3: store.u32 v6+0, v1 stack jump b5",
);

const zeroedInTheTurn = loopOf(
  'slot s1 "bits" size 4 align 4',
  "v6 = slot s1",
  "branch v1, b3, b5 b3: zero v6+0 size 4 align 4 stack v20 = load.u16 v6+2 stack v21 = add.i32 v20, v3 store.u16 v6+2, v21 stack branch v21, b4, b5 b4: jump b5",
);
const writtenByBothBranches = loopOf(
  'slot s1 "n" size 4 align 4',
  "v6 = slot s1",
  "branch v1, b3, b4 b3: store.u32 v6+0, v3 stack jump b7 b4: store.u32 v6+0, v2 stack jump b7 b7: v20 = load.u32 v6+0 stack branch v20, b8, b5 b8: jump b5",
);
const writtenOnOneWay = loopOf(
  'slot s1 "n" size 4 align 4',
  "v6 = slot s1 branch v1, b9, b10 b9: store.u32 v6+0, v3 stack jump b10 b10:",
  "branch v1, b3, b5 b3: v20 = load.u32 v6+0 stack v21 = add.i32 v20, v3 store.u32 v6+0, v21 stack branch v21, b4, b5 b4: jump b5",
);

test.each([
  ["memory that a turn zeroes", zeroedInTheTurn],
  ["a variable of the turn that both branches write", writtenByBothBranches],
  ["a variable that only some ways to the loop have written", writtenOnOneWay],
  ["few turns", fewTurns],
  ["a loop without branches", noBranch],
  ["a variable of the turn", ofTheTurn],
  ["a pointer", aPointer],
  ["bytes that are read in another width", inTwoWidths],
])("left alone: %s", (_what, text) => {
  expect(added(text)).toEqual([]);
});

test("of a callback the captured variables that it reads and writes, not the map's value", () => {
  const text = `${head}map m "hash" entries 8 key u32 value u64
    function each -> i32 {
    b0(v0: ptr, v1: ptr, v2: ptr, v3: ptr): v4 = load.u64 v2+0 map v5 = load.u64 v3+8 stack v6 = add.i64 v4, v5
    store.u64 v3+8, v6 stack store.u64 v2+0, v6 map store.u64 v3+16, v6 stack v7 = const.i32 0 return v7 }
    function f section "xdp" -> i32 { slot s0 "sum" size 24 align 8
    b0(v0: ptr): v1 = slot s0 zero v1+0 size 24 align 8 stack v2 = map m v3 = function each v4 = const.i64 0
    v5 = helper.i64 bpf_for_each_map_elem(v2, v3, v1, v4) v6 = const.i32 2 return v6 }`;
  expect(added(text)).toMatchInlineSnapshot(`
    [
      "data loop__zero section ".bss" mutable private: u64 = 0x0000000000000000",
      "  v8 = global loop__zero",
      "  v9 = load.u64 v8+0 map",
      "  v10 = load.u64 v3+8 stack",
      "  v11 = add.i64 v10, v9",
      "  store.u64 v3+8, v11 stack",
    ]
  `);
});

const nested = (test: string): string => `${head}function f section "xdp" -> i32 { slot s0 "i" size 4 align 4
   b0(v0: ptr, v1: i32): v2 = const.i32 0 v3 = const.i32 1 v4 = const.i32 9 v5 = slot s0 jump b1(v2)
   b1(v10: i32): v11 = ult v10, v4 branch v11, b2, b9
   b2: store.u32 v5+0, v2 stack jump b3
   b3: v30 = load.u32 v5+0 stack ${test}
   b5: v50 = load.u32 v5+0 stack v51 = add.i32 v50, v3 store.u32 v5+0, v51 stack jump b3
   b6: v60 = add.i32 v10, v3 jump b1(v60)
   b9: return v2 }`;

test("the number that a loop in a loop ends by is compared unknown, so that its ways out tell nothing of it", () => {
  const text = nested(
    "v31 = const.i32 15 v32 = ugt v30, v31 branch v32, b6, b4 b4: v40 = ult v30, v1 branch v40, b5, b6",
  );
  expect(added(text)).toMatchInlineSnapshot(`
    [
      "data loop__zero section ".bss" mutable private: u64 = 0x0000000000000000",
      "  v61 = global loop__zero",
      "  v62 = load.u32 v61+0 map",
      "  v63 = add.i32 v1, v62",
      "  v40 = ult v30, v63",
    ]
  `);
});

test("but not where the verifier sees no other end", () => {
  expect(added(nested("v40 = ult v30, v1 branch v40, b5, b6"))).toEqual([]);
});

test("the number that a loop compares with its counter is compared unknown, but not in few turns", () => {
  const loop = (turns: number): string => `${head}function f section "xdp" -> i32 { slot s0 "i" size 4 align 4
   b0(v0: ptr, v1: i32): v2 = const.i32 0 v3 = const.i32 1 v4 = const.i32 ${turns} v5 = slot s0 store.u32 v5+0, v2 stack jump b1
   b1: v10 = load.u32 v5+0 stack v11 = ult v10, v4 branch v11, b2, b9
   b2: v20 = eq v10, v1 branch v20, b3, b4
   b3: jump b4
   b4: v40 = add.i32 v10, v3 store.u32 v5+0, v40 stack jump b1
   b9: return v2 }`;
  expect(added(loop(8))).toEqual([]);
  expect(added(loop(9))).toContain("  v20 = eq v10, v43");
});
