import { expect, test } from "vitest";
import { checkFunction } from "../ir/check.js";
import { parseFunction } from "../ir/parse.js";
import { printFunction } from "../ir/print.js";
import type { IrFunction } from "../ir/types.js";
import { removeDeadCode } from "./dead-code.js";
import { removeDeadStores } from "./dead-stores.js";
import { forwardCopies } from "./forward-copies.js";
import { forwardStores } from "./forward-stores.js";
import { inferRegions } from "./infer-regions.js";
import { mergeStores } from "./merge-stores.js";
import { mergeTails } from "./merge-tails.js";
import { shareSlots } from "./share-slots.js";

const little = (f: IrFunction) => mergeStores(f, { byteOrder: "little" });
const big = (f: IrFunction) => mergeStores(f, { byteOrder: "big" });

/** The lines between head and end after a pass and dead code, sound before and after. */
function run(pass: (f: IrFunction) => IrFunction, text: string): string {
  const f = parseFunction(text);
  expect(checkFunction(f)).toEqual([]);
  const after = removeDeadCode(pass(f));
  expect(checkFunction(after)).toEqual([]);
  return printFunction(after).split("\n").slice(1, -2).join("\n");
}

const one = (body: string, size = 16) =>
  `function f -> i32 { slot s0 "key" size ${size} align 8
   b0(v0: i32, v1: i64): v2 = map m v3 = slot s0 v4 = const.i32 0 ${body} }`;
const look = "v90 = helper.ptr bpf_map_lookup_elem(v2, v3)";

test("stores that are overwritten before a read go, and zeroing keeps the padding that a helper reads", () => {
  const text = one(`zero v3+0 size 16 align 8 stack store.u32 v3+0, v4 stack store.u32 v3+0, v0 stack
    store.u32 v3+4, v0 stack store.u8 v3+8, v0 stack ${look} store.u32 v3+0, v4 stack return v4`);
  expect(run(removeDeadStores, text)).toMatchInlineSnapshot(`
    "slot s0 "key" size 16 align 8
    b0(v0: i32, v1: i64):
      v2 = map m
      v3 = slot s0
      v4 = const.i32 0
      zero v3+8 size 8 align 8 stack
      store.u32 v3+0, v0 stack
      store.u32 v3+4, v0 stack
      store.u8 v3+8, v0 stack
      v90 = helper.ptr bpf_map_lookup_elem(v2, v3)
      return v4"
  `);
});

test.each([
  [
    "one way reads",
    `store.u32 v3+0, v0 stack branch v0, b1, b2 b1: v5 = load.u32 v3+0 stack return v5 b2: return v4`,
  ],
  ["a variable offset reads", `store.u8 v3+0, v0 stack v5 = offset v3, v1 v6 = load.u8 v5+0 stack return v6`],
  [
    "a loop reads",
    `store.u32 v3+0, v0 stack jump b1(v4) b1(v5: i32): v6 = load.u32 v3+0 stack
    store.u32 v3+0, v5 stack branch v6, b1(v6), b2 b2: return v4`,
  ],
  ["an unknown helper reads", `store.u32 v3+0, v0 stack helper bpf_get_prandom_u32(v3) return v4`],
  [
    "the address has gone elsewhere",
    `v5 = slot s0 store.u32 v3+0, v0 stack v6 = ptrtoint v5 v7 = trunc32 v6 return v7`,
  ],
])("a store stays when %s", (_, body) => {
  expect(run(removeDeadStores, one(body))).toMatch(/store.u\d+ v3\+0, v0/);
});

test("a load of what was stored, zeroed or loaded is that", () => {
  const text = one(`zero v3+0 size 16 align 8 stack store.u8 v3+4, v0 stack v5 = load.u8 v3+4 stack
    v6 = load.u32 v3+8 stack v7 = load.i8 v3+4 stack ${look} v8 = load.u8 v3+4 stack
    v9 = add.i32 v5, v6 v10 = add.i32 v7, v8 v11 = add.i32 v9, v10 return v11`);
  expect(run(forwardStores, text)).toMatchInlineSnapshot(`
    "slot s0 "key" size 16 align 8
    b0(v0: i32, v1: i64):
      v2 = map m
      v3 = slot s0
      zero v3+0 size 16 align 8 stack
      store.u8 v3+4, v0 stack
      v91 = zext8.i32 v0
      v92 = const.i32 0
      v93 = sext8.i32 v0
      v90 = helper.ptr bpf_map_lookup_elem(v2, v3)
      v94 = zext8.i32 v0
      v9 = add.i32 v91, v92
      v10 = add.i32 v93, v94
      v11 = add.i32 v9, v10
      return v11"
  `);
});

test.each([
  ["a store of other width", `store.u64 v3+0, v1 stack v5 = load.u32 v3+0 stack return v5`],
  [
    "one that overlaps",
    `store.u32 v3+0, v0 stack store.u8 v3+1, v4 stack v5 = load.u32 v3+0 stack return v5`,
  ],
  [
    "a helper that may write",
    `store.u32 v3+0, v0 stack helper bpf_get_current_comm(v3, v1) v5 = load.u32 v3+0 stack return v5`,
  ],
  [
    "a variable offset",
    `store.u32 v3+0, v0 stack v6 = offset v3, v1 store.u8 v6+0, v0 stack v5 = load.u32 v3+0 stack return v5`,
  ],
  [
    "one way only",
    `branch v0, b1, b2 b1: store.u32 v3+0, v0 stack jump b2 b2: v5 = load.u32 v3+0 stack return v5`,
  ],
  [
    "a loop",
    `store.u32 v3+0, v0 stack jump b1 b1: v5 = load.u32 v3+0 stack store.u32 v3+0, v4 stack branch v5, b1, b2 b2: return v5`,
  ],
])("a load stays behind %s", (_, body) => {
  expect(run(forwardStores, one(body))).toMatch(/v5 = load.u32/);
});

test("a load that all ways agree on is forwarded, and through a copy", () => {
  const text = `function f -> i32 { slot s0 "a" size 8 align 8 slot s1 "b" size 8 align 8
    b0(v0: i32, v1: i64): v2 = slot s0 v3 = slot s1 store.u32 v2+4, v0 stack branch v0, b1, b2
    b1: store.u32 v2+0, v0 stack jump b2
    b2: copy v3 stack, v2 stack size 8 align 8 v4 = load.u32 v3+4 stack return v4 }`;
  expect(run(forwardStores, text)).toContain("return v0");
});

const copied = (between: string, after: string) => `function f -> i32 {
  slot s0 "key" size 16 align 8 slot s1 "copy" size 16 align 8
  b0(v0: i32): v1 = map m v2 = slot s0 v3 = slot s1 zero v2+0 size 16 align 8 stack
  copy v3 stack, v2 unknown size 16 align 4 ${between} v4 = helper.ptr bpf_map_lookup_elem(v1, v3) ${after} return v0 }`;

test("a copy that is only read is its source", () => {
  expect(run(forwardCopies, copied("", "store.u32 v2+0, v0 stack"))).toMatchInlineSnapshot(`
    "slot s0 "key" size 16 align 8
    b0(v0: i32):
      v1 = map m
      v2 = slot s0
      v3 = slot s0
      zero v2+0 size 16 align 8 stack
      v4 = helper.ptr bpf_map_lookup_elem(v1, v3)
      store.u32 v2+0, v0 stack
      return v0"
  `);
});

test.each([
  ["its source changes before the read", copied("store.u32 v2+0, v0 stack", "")],
  ["it is changed itself", copied("store.u32 v3+0, v0 stack", "")],
  ["a helper may change it", copied("", "helper bpf_get_current_comm(v3, v4)")],
  ["a loop changes the source", copied("jump b1 b1:", "store.u32 v2+0, v0 stack branch v0, b1, b2 b2:")],
])("a copy stays when %s", (_, text) => {
  expect(run(forwardCopies, text)).toContain('slot s1 "copy"');
});

test("a region that is unknown is that of the pointer's origin", () => {
  const text = `function f -> i32 { slot s0 "a" size 8 align 8
    b0(v0: ptr): v1 = slot s0 v2 = const.i64 4 v3 = offset v1, v2 zero v1+0 size 8 align 8 unknown
    v4 = load.u32.ptr v0+0 context v5 = load.u32 v4+0 unknown v6 = map m
    v7 = helper.ptr bpf_map_lookup_elem(v6, v3) store.u32 v7+0, v5 unknown v8 = load.u32 v3+0 unknown return v8 }`;
  expect(run(inferRegions, text)).toMatchInlineSnapshot(`
    "slot s0 "a" size 8 align 8
    b0(v0: ptr):
      v1 = slot s0
      v2 = const.i64 4
      v3 = offset v1, v2
      zero v1+0 size 8 align 8 stack
      v4 = load.u32.ptr v0+0 context
      v5 = load.u32 v4+0 packet
      v6 = map m
      v7 = helper.ptr bpf_map_lookup_elem(v6, v3)
      store.u32 v7+0, v5 map
      v8 = load.u32 v3+0 stack
      return v8"
  `);
});

test("neighbouring constants, and a value next to zeros, become one store", () => {
  const text =
    one(`v5 = load.u8 v2+0 readonly v6 = const.i32 -65536 store.u32 v3+0, v4 stack store.u32 v3+4, v4 stack
    store.u32 v3+8, v6 stack store.u8 v3+12, v5 stack zero v3+13 size 3 align 1 stack ${look} return v4`);
  expect(run(little, text)).toMatchInlineSnapshot(`
    "slot s0 "key" size 16 align 8
    b0(v0: i32, v1: i64):
      v2 = map m
      v3 = slot s0
      v4 = const.i32 0
      v5 = load.u8 v2+0 readonly
      v91 = const.i64 0
      store.u64 v3+0, v91 stack
      v92 = const.i32 -65536
      store.u32 v3+8, v92 stack
      store.u32 v3+12, v5 stack
      v90 = helper.ptr bpf_map_lookup_elem(v2, v3)
      return v4"
  `);
});

test("on a big-endian target the zeros come before the value, and constants the other way round", () => {
  const text =
    one(`v5 = load.u8 v2+0 readonly v6 = const.i32 1 store.u16 v3+0, v6 stack store.u16 v3+2, v4 stack
    zero v3+4 size 3 align 1 stack store.u8 v3+7, v5 stack ${look} return v4`);
  expect(run(big, text)).toMatchInlineSnapshot(`
    "slot s0 "key" size 16 align 8
    b0(v0: i32, v1: i64):
      v2 = map m
      v3 = slot s0
      v4 = const.i32 0
      v5 = load.u8 v2+0 readonly
      v91 = const.i32 65536
      store.u32 v3+0, v91 stack
      store.u32 v3+4, v5 stack
      v90 = helper.ptr bpf_map_lookup_elem(v2, v3)
      return v4"
  `);
});

test.each([
  ["something reads between", `store.u16 v3+0, v4 stack ${look} store.u16 v3+2, v4 stack`],
  ["the place is not aligned", `store.u16 v3+2, v4 stack store.u16 v3+4, v4 stack`],
  ["the upper bits may be set", `store.u8 v3+0, v0 stack store.u8 v3+1, v4 stack`],
  [
    "the constant has more than 32 bits",
    `v5 = const.i32 1 store.u32 v3+0, v5 stack store.u32 v3+4, v5 stack`,
  ],
])("stores stay apart when %s", (_, body) => {
  expect(
    run(little, one(`${body} v91 = helper.ptr bpf_map_lookup_elem(v2, v3) return v4`)).match(/store/g),
  ).toHaveLength(2);
});

test("slots of branches that exclude each other, and of steps, share one", () => {
  const text = `function f -> i32 { slot s0 "a" size 8 align 8 slot s1 "b" size 16 align 8 slot s2 "c" size 8 align 8
    b0(v0: i32, v1: i64): v2 = map m v3 = slot s0 v4 = slot s1 v5 = slot s2 branch v0, b1, b2
    b1: store.u64 v3+0, v1 stack v6 = helper.ptr bpf_map_lookup_elem(v2, v3)
    store.u64 v5+0, v1 stack v7 = helper.ptr bpf_map_lookup_elem(v2, v5) return v0
    b2: zero v4+0 size 16 align 8 stack v8 = helper.ptr bpf_map_lookup_elem(v2, v4) return v0 }`;
  expect(run(shareSlots, text)).toMatchInlineSnapshot(`
    "slot s1 "b" size 16 align 8
    b0(v0: i32, v1: i64):
      v2 = map m
      v3 = slot s1
      v4 = slot s1
      v5 = slot s1
      branch v0, b1, b2
    b1:
      store.u64 v3+0, v1 stack
      v6 = helper.ptr bpf_map_lookup_elem(v2, v3)
      store.u64 v5+0, v1 stack
      v7 = helper.ptr bpf_map_lookup_elem(v2, v5)
      return v0
    b2:
      zero v4+0 size 16 align 8 stack
      v8 = helper.ptr bpf_map_lookup_elem(v2, v4)
      return v0"
  `);
});

test.each([
  [
    "in use together",
    `store.u64 v3+0, v1 stack store.u64 v4+0, v1 stack helper bpf_map_lookup_elem(v2, v3) helper bpf_map_lookup_elem(v2, v4)`,
  ],
  [
    "read before they are written",
    `helper bpf_map_lookup_elem(v2, v3) store.u64 v4+0, v1 stack helper bpf_map_lookup_elem(v2, v4)`,
  ],
  [
    "kept elsewhere",
    `store.u64 v3+0, v1 stack helper bpf_map_lookup_elem(v2, v3) store.u64 v2+0, v3 unknown
    store.u64 v4+0, v1 stack helper bpf_map_lookup_elem(v2, v4)`,
  ],
])("slots do not share when %s", (_, body) => {
  const text = `function f -> i32 { slot s0 "a" size 8 align 8 slot s1 "b" size 8 align 8
    b0(v0: i32, v1: i64): v2 = map m v3 = slot s0 v4 = slot s1 ${body} return v0 }`;
  expect(run(shareSlots, text)).toContain("slot s1 ");
});

const inLoop = (body: string) => `function f -> i32 { slot s0 "a" size 8 align 8 slot s1 "b" size 8 align 8
  b0(v0: i32, v1: i64): v2 = map m v3 = slot s0 v4 = slot s1 store.u64 v3+0, v1 stack jump b1
  b1: ${body} branch v0, b1, b2
  b2: return v0 }`;

test("slots that each iteration of a loop writes before it reads them share one", () => {
  const body = `store.u64 v3+0, v1 stack v5 = helper.ptr bpf_map_lookup_elem(v2, v3)
    store.u64 v4+0, v1 stack v6 = helper.ptr bpf_map_lookup_elem(v2, v4)`;
  expect(run(shareSlots, inLoop(body))).not.toContain("slot s1 ");
});

test("a slot that is read in the next iteration of a loop keeps its own bytes", () => {
  const body = `v5 = helper.ptr bpf_map_lookup_elem(v2, v3)
    store.u64 v4+0, v1 stack v6 = helper.ptr bpf_map_lookup_elem(v2, v4)`;
  expect(run(shareSlots, inLoop(body))).toContain("slot s1 ");
});

const twice = (first: string, second: string, args = "v0: i32, v1: ptr, v2: ptr") => `function f -> i32 {
  b0(${args}): branch v0, b1, b2
  b1: ${first}
  b2: ${second}
  b9: v99 = const.i32 7 return v99 }`;

test("two pieces that do the same are one, with a parameter for the number that differs", () => {
  const piece = (n: number, delta: number) => `v${n} = const.i64 ${delta} v${n + 1} = load.u64 v1+0 map
    v${n + 2} = add.i64 v${n + 1}, v${n} store.u64 v1+0, v${n + 2} map v${n + 3} = load.u64 v1+8 map
    v${n + 4} = add.i64 v${n + 3}, v${n + 3} store.u64 v1+8, v${n + 4} map
    v${n + 5} = const.i64 0 v${n + 6} = eq v${n + 3}, v${n + 5} branch v${n + 6}, b${n}, b9
    b${n}: store.u64 v1+16, v${n + 1} map jump b9`;
  expect(run(mergeTails, twice(piece(10, 1), piece(20, 2)))).toMatchInlineSnapshot(`
    "b0(v0: i32, v1: ptr, v2: ptr):
      v102 = const.i64 1
      v103 = const.i64 2
      branch v0, b1(v102), b1(v103)
    b1(v100: i64):
      v11 = load.u64 v1+0 map
      v12 = add.i64 v11, v100
      store.u64 v1+0, v12 map
      v13 = load.u64 v1+8 map
      v14 = add.i64 v13, v13
      store.u64 v1+8, v14 map
      v15 = const.i64 0
      v16 = eq v13, v15
      branch v16, b10, b9
    b10:
      store.u64 v1+16, v11 map
      jump b9
    b9:
      v99 = const.i32 7
      return v99"
  `);
});

const body = (n: number, pointer: string, offset = 0) => `v${n} = load.u64 ${pointer}+${offset} map
  v${n + 1} = load.u64 ${pointer}+8 map v${n + 2} = add.i64 v${n}, v${n + 1} store.u64 ${pointer}+16, v${n + 2} map
  v${n + 3} = mul.i64 v${n}, v${n + 2} store.u64 ${pointer}+24, v${n + 3} map`;

test.each([
  ["pointers differ", twice(`${body(10, "v1")} jump b9`, `${body(20, "v2")} jump b9`)],
  ["displacements differ", twice(`${body(10, "v1")} jump b9`, `${body(20, "v1", 32)} jump b9`)],
  ["they go to different places", twice(`${body(10, "v1")} jump b9`, `${body(20, "v1")} return v0`)],
  [
    "one is entered in its middle",
    twice(
      `branch v0, b3, b4 b3: jump b4 b4: ${body(10, "v1")} jump b5 b5: jump b9`,
      `branch v0, b6, b5 b6: ${body(20, "v1")} return v0`,
    ),
  ],
  ["they are short", twice("store.u64 v1+0, v1 map jump b9", "store.u64 v1+0, v1 map jump b9")],
])("pieces stay two when %s", (_, text) => {
  const before = printFunction(removeDeadCode(parseFunction(text))).match(/^b\d/gm)?.length;
  expect(run(mergeTails, text).match(/^b\d/gm)).toHaveLength(before ?? 0);
});
