import { expect, test } from "vitest";
import { checkFunction, checkModule } from "../ir/check.js";
import { parseFunction, parseModule } from "../ir/parse.js";
import { printFunction, printModule } from "../ir/print.js";
import type { IrFunction } from "../ir/types.js";
import { mergeCommonSubexpressions } from "./common-subexpressions.js";
import { cleanControlFlow } from "./control-flow.js";
import { removeDeadCode } from "./dead-code.js";
import { inlineCalls } from "./inline.js";
import { optimize } from "./pipeline.js";
import { promoteSlots } from "./promote-slots.js";
import { simplify } from "./simplify.js";
import { threadJumps } from "./thread-jumps.js";

/** The body of `function f` after a pass, sound before and after. */
function run(pass: (f: IrFunction) => IrFunction, text: string): string {
  const f = parseFunction(text);
  expect(checkFunction(f)).toEqual([]);
  const after = pass(f);
  expect(checkFunction(after)).toEqual([]);
  return printFunction(after).split("\n").slice(1, -2).join("\n");
}

test("a local written on two ways becomes a block parameter", () => {
  const text = `function f -> i32 { slot s0 "x" size 4 align 4
    b0(v0: i32): v1 = slot s0 branch v0, b1, b2
    b1: store.u32 v1+0, v0 stack jump b3
    b2: jump b3
    b3: v2 = load.u32 v1+0 stack return v2 }`;
  expect(run((f) => promoteSlots(f), text)).toMatchInlineSnapshot(`
    "b0(v0: i32):
      v4 = const.i32 0
      branch v0, b1, b2
    b1:
      jump b3(v0)
    b2:
      jump b3(v4)
    b3(v3: i32):
      return v3"
  `);
});

test("a struct is split into its fields; a narrow field is extended where it is read", () => {
  const text = `function f -> i64 { slot s0 "x" size 16 align 8
    b0(v0: i32, v1: i64): v2 = slot s0 zero v2+0 size 16 align 8 stack
    v3 = const.i64 8 v4 = offset v2, v3
    store.u8 v2+0, v0 stack store.u64 v4+0, v1 stack
    v5 = load.i8 v2+0 stack v6 = load.u32 v2+4 stack v7 = add.i32 v5, v6 v8 = zext32 v7
    v9 = load.u64 v2+8 stack v10 = add.i64 v8, v9 return v10 }`;
  expect(run((f) => promoteSlots(f), text)).toMatchInlineSnapshot(`
    "b0(v0: i32, v1: i64):
      v11 = const.i32 0
      v12 = const.i64 0
      v13 = const.i32 0
      v3 = const.i64 8
      v14 = sext8.i32 v0
      v7 = add.i32 v14, v13
      v8 = zext32 v7
      v10 = add.i64 v8, v1
      return v10"
  `);
});

test.each([
  ["goes to a helper", "v2 = helper.ptr bpf_map_lookup_elem(v1, v1)"],
  ["goes to a block", "jump b1(v1) b1(v9: ptr):"],
  ["is read at a variable offset", "v3 = zext32 v0 v4 = offset v1, v3 v5 = load.u8 v4+0 stack"],
  ["is read in parts", "v5 = load.u8 v1+1 stack"],
  ["is cleared in part", "zero v1+0 size 2 align 2 stack"],
  ["is copied", "v3 = slot s1 copy v3 stack, v1 stack size 4 align 4"],
  ["is stored itself", "store.u64 v1+8, v1 stack"],
])("a slot whose address %s stays in memory", (_, use) => {
  const text = `function f -> i32 { slot s0 "x" size 16 align 8 slot s1 "y" size 4 align 4
    b0(v0: i32): v1 = slot s0 store.u32 v1+0, v0 stack ${use} v99 = load.u32 v1+0 stack return v99 }`;
  expect(run((f) => promoteSlots(f), text)).toContain('slot s0 "x"');
});

test("the bits of a parameter are those of all that it is given, and any round a loop", () => {
  const text = `function f -> i32 {
    b0(v0: ptr, v1: i32): v2 = load.u16 v0+0 packet v3 = const.i32 7 branch v1, b1(v2), b1(v3)
    b1(v4: i32): v5 = zext16.i32 v4 v6 = const.i32 0 jump b2(v6)
    b2(v7: i32): v8 = zext16.i32 v7 v9 = add.i32 v8, v5 branch v9, b2(v9), b3
    b3: return v9 }`;
  const after = run((f) => simplify(f, { byteOrder: "little" }), text);
  expect(after).not.toContain("zext16.i32 v4");
  expect(after).toContain("v8 = zext16.i32 v7");
});

test("what dominates is not computed again", () => {
  const text = `function f -> i32 {
    b0(v0: i32, v1: i32): v2 = add.i32 v0, v1 v3 = add.i32 v1, v0 v4 = sub.i32 v0, v1 branch v3, b1, b2
    b1: v5 = sub.i32 v0, v1 return v5
    b2: v6 = sub.i32 v1, v0 return v6 }`;
  expect(run(mergeCommonSubexpressions, text)).toMatchInlineSnapshot(`
    "b0(v0: i32, v1: i32):
      v2 = add.i32 v0, v1
      v4 = sub.i32 v0, v1
      branch v2, b1, b2
    b1:
      return v4
    b2:
      v6 = sub.i32 v1, v0
      return v6"
  `);
});

test("a context load is not merged across a helper that moves the packet, nor at a variable offset", () => {
  const text = `function f {
    b0(v0: ptr, v1: i64): v2 = load.u32.ptr v0+0 context v3 = load.u32.ptr v0+0 context
    helper bpf_ktime_get_ns() v4 = load.u32.ptr v0+0 context
    helper bpf_xdp_adjust_head(v0) v5 = load.u32.ptr v0+0 context
    v6 = offset v0, v1 v7 = load.u32 v6+0 context v8 = load.u32 v6+0 context
    helper use(v2, v3, v4, v5) helper use(v7, v8) return }`;
  expect(run(mergeCommonSubexpressions, text)).toMatchInlineSnapshot(`
    "b0(v0: ptr, v1: i64):
      v2 = load.u32.ptr v0+0 context
      helper bpf_ktime_get_ns()
      helper bpf_xdp_adjust_head(v0)
      v5 = load.u32.ptr v0+0 context
      v6 = offset v0, v1
      v7 = load.u32 v6+0 context
      v8 = load.u32 v6+0 context
      helper use(v2, v2, v2, v5)
      helper use(v7, v8)
      return"
  `);
});

test("a context load after a join is not merged when one way moved the packet", () => {
  const text = `function f -> i32 {
    b0(v0: ptr, v1: i32): v2 = load.u32 v0+0 context branch v1, b1, b2
    b1: helper bpf_xdp_adjust_head(v0) jump b3
    b2: v3 = load.u32 v0+0 context jump b3
    b3: v4 = load.u32 v0+0 context v5 = add.i32 v2, v4 return v5 }`;
  const after = run(mergeCommonSubexpressions, text);
  expect(after).toContain("v4 = load");
  expect(after).not.toContain("v3 = load");
});

test("unused loads, parameters that only feed themselves and slots that are only written go", () => {
  const text = `function f { slot s0 "x" size 8 align 8
    b0(v0: ptr, v1: i64): v2 = load.u64 v0+0 map v3 = slot s0 store.u64 v3+0, v1 stack jump b1(v1)
    b1(v4: i64): v5 = add.i64 v4, v4 helper use(v0) branch v1, b1(v5), b2
    b2: return }`;
  expect(run(removeDeadCode, text)).toMatchInlineSnapshot(`
    "b0(v0: ptr, v1: i64):
      jump b1
    b1:
      helper use(v0)
      branch v1, b1, b2
    b2:
      return"
  `);
});

test("branches that are decided, empty blocks and straight lines go", () => {
  const text = `function f -> i32 {
    b0(v0: i32): v1 = const.i32 1 branch v1, b1, b2
    b1: jump b3(v0)
    b2: jump b3(v1)
    b3(v2: i32): branch v2, b4, b5
    b4: branch v2, b6, b7
    b5: jump b8
    b6: jump b8
    b7: unreachable
    b8: return v2 }`;
  expect(run(cleanControlFlow, text)).toMatchInlineSnapshot(`
    "b0(v0: i32):
      v1 = const.i32 1
      return v0"
  `);
});

test("a loop keeps its shape", () => {
  const text = `function f {
    b0(v0: i32): jump b1(v0)
    b1(v1: i32): branch v1, b2, b3
    b2: v2 = const.i32 -1 v3 = add.i32 v1, v2 jump b1(v3)
    b3: return }`;
  expect(run((f) => threadJumps(cleanControlFlow(f)), text)).toMatchInlineSnapshot(`
    "b0(v0: i32):
      jump b1(v0)
    b1(v1: i32):
      branch v1, b2, b3
    b2:
      v2 = const.i32 -1
      v3 = add.i32 v1, v2
      jump b1(v3)
    b3:
      return"
  `);
});

test("the null test after a bounds check is threaded away, and the pointer needs no parameter", () => {
  const text = `function f -> i32 {
    b0(v0: ptr, v1: i32): v2 = const.ptr 0 v3 = const.i64 14 v4 = offset v0, v3 branch v1, b1, b2
    b1: jump b3(v2)
    b2: jump b3(v4)
    b3(v5: ptr): v6 = eq v5, v2 branch v6, b4, b5
    b4: v7 = const.i32 2 return v7
    b5: v8 = load.u8 v5+0 packet return v8 }`;
  expect(run((f) => removeDeadCode(cleanControlFlow(threadJumps(f))), text)).toMatchInlineSnapshot(`
    "b0(v0: ptr, v1: i32):
      v3 = const.i64 14
      v4 = offset v0, v3
      branch v1, b6, b7
    b6:
      v7 = const.i32 2
      return v7
    b7:
      v8 = load.u8 v4+0 packet
      return v8"
  `);
});

test("a pointer that an earlier test has shown not to be null is not tested again", () => {
  const text = `function f -> i32 {
    b0(v0: ptr, v1: i32): v2 = const.ptr 0 v3 = ne v0, v2 branch v3, b1, b2
    b1: jump b3(v0)
    b2: jump b3(v2)
    b3(v5: ptr): v6 = eq v5, v2 branch v6, b4, b5
    b4: return v1
    b5: v8 = load.u8 v5+0 map return v8 }`;
  const after = run((f) => removeDeadCode(cleanControlFlow(threadJumps(f))), text);
  expect(after.match(/branch/g)).toHaveLength(1);
});

test("a test whose inverse a dominating branch has made is decided", () => {
  const text = `function f -> i32 {
    b0(v0: ptr, v1: i32): v2 = const.ptr 0 v3 = eq v0, v2 branch v3, b1, b2
    b1: return v1
    b2: v4 = ne v0, v2 branch v4, b3, b1
    b3: v5 = load.u8 v0+0 map return v5 }`;
  expect(run(cleanControlFlow, text).match(/branch/g)).toHaveLength(1);
});

const calls = `module M license "GPL"
function main section "xdp" -> i32 {
b0(v0: ptr):
  v1 = const.i32 3
  v2 = call.i32 twice(v1)
  v3 = call.i32 length(v0)
  v4 = call.i32 far(v2)
  v5 = add.i32 v3, v4
  return v5
}
function twice inline always -> i32 { slot s0 "x" size 4 align 4
b0(v0: i32):
  branch v0, b1, b2
b1:
  v1 = add.i32 v0, v0
  return v1
b2:
  return v0
}
function length -> i32 { b0(v0: ptr): v1 = load.u32 v0+0 context return v1 }
function far inline never -> i32 { b0(v0: i32): return v0 }
function unused -> i32 { b0(v0: i32): return v0 }
`;

test("what must be inlined is, what must not is not, and what nobody calls goes", () => {
  const after = inlineCalls(parseModule(calls), "required");
  expect(checkModule(after)).toEqual([]);
  expect(printModule(after)).toMatchInlineSnapshot(`
    "module M license "GPL"

    function main section "xdp" -> i32 {
    slot s0 "x" size 4 align 4
    b0(v0: ptr):
      v1 = const.i32 3
      jump b2(v1)
    b2(v6: i32):
      branch v6, b3, b4
    b3:
      v7 = add.i32 v6, v6
      jump b1(v7)
    b4:
      jump b1(v6)
    b1(v2: i32):
      jump b6(v0)
    b6(v8: ptr):
      v9 = load.u32 v8+0 context
      jump b5(v9)
    b5(v3: i32):
      v4 = call.i32 far(v2)
      v5 = add.i32 v3, v4
      return v5
    }

    function far inline never -> i32 {
    b0(v0: i32):
      return v0
    }
    "
  `);
});

test("recursion stays a call", () => {
  const text = `module M license "GPL"
    function main section "xdp" -> i32 { b0(v0: i32): v1 = call.i32 main(v0) return v1 }`;
  expect(printModule(inlineCalls(parseModule(text), "small"))).toContain("call.i32 main(v0)");
});

/** `ctx.at<EthHdr>(0)`, `ctx.at<IpHdr>(14)` and a repeated `ctx.at<EthHdr>(0)`, each a call of an inlined function. */
const packet = `module Flows license "GPL"
map stats "lru-hash" entries 16 key u32 value u64
function at inline always -> ptr {
b0(v0: ptr, v1: i64, v2: i64):
  v3 = load.u32.ptr v0+0 context
  v4 = load.u32.ptr v0+4 context
  v5 = offset v3, v1
  v6 = offset v5, v2
  v7 = ugt v6, v4
  branch v7, b1, b2
b1:
  v8 = const.ptr 0
  return v8
b2:
  return v5
}
function count section "xdp" -> i32 {
slot s0 "eth" size 8 align 8
slot s1 "ip" size 8 align 8
slot s2 "key" size 4 align 4
b0(v0: ptr):
  v1 = const.i64 0
  v2 = const.i64 14
  v3 = const.i64 20
  v4 = const.ptr 0
  v5 = const.i32 2
  v6 = slot s0
  v7 = slot s1
  v8 = call.ptr at(v0, v1, v2)
  store.u64 v6+0, v8 stack
  v9 = load.u64.ptr v6+0 stack
  v10 = eq v9, v4
  branch v10, b1(v10), b2
b2:
  v11 = load.u64.ptr v6+0 stack
  v12 = load.u16 v11+12 packet
  v13 = be16 v12
  v14 = const.i32 2048
  v15 = ne v13, v14
  jump b1(v15)
b1(v16: i32):
  branch v16, b3, b4
b3:
  return v5
b4:
  v17 = call.ptr at(v0, v2, v3)
  store.u64 v7+0, v17 stack
  v18 = load.u64.ptr v7+0 stack
  v19 = eq v18, v4
  branch v19, b3, b5
b5:
  v20 = call.ptr at(v0, v1, v2)
  v21 = eq v20, v4
  branch v21, b3, b6
b6:
  v22 = load.u32 v18+12 packet
  v23 = slot s2
  store.u32 v23+0, v22 stack
  v24 = map stats
  v25 = helper.ptr bpf_map_lookup_elem(v24, v23)
  v26 = ne v25, v4
  branch v26, b7, b3
b7:
  v27 = const.i64 1
  atomic.add.i64 v25+0, v27
  return v5
}
`;

test("packet access keeps one bounds check a place and no null test but the lookup's", () => {
  const after = optimize(parseModule(packet), { level: 2, byteOrder: "little", check: true });
  expect(printModule(after)).toMatchInlineSnapshot(`
    "module Flows license "GPL"

    map stats "lru-hash" entries 16 key u32 value u64

    function count section "xdp" -> i32 {
    slot s2 "key" size 4 align 4
    b0(v0: ptr):
      v2 = const.i64 14
      v4 = const.ptr 0
      v5 = const.i32 2
      v31 = load.u32.ptr v0+0 context
      v32 = load.u32.ptr v0+4 context
      v34 = offset v31, v2
      v35 = ugt v34, v32
      branch v35, b3, b2
    b2:
      v12 = load.u16 v31+12 packet
      v55 = const.i32 8
      v15 = ne v12, v55
      branch v15, b3, b13
    b3:
      return v5
    b13:
      v56 = const.i64 34
      v43 = offset v31, v56
      v44 = ugt v43, v32
      branch v44, b3, b6
    b6:
      v22 = load.u32 v31+26 packet
      v23 = slot s2
      store.u32 v23+0, v22 stack
      v24 = map stats
      v25 = helper.ptr bpf_map_lookup_elem(v24, v23)
      v26 = ne v25, v4
      branch v26, b7, b3
    b7:
      v27 = const.i64 1
      atomic.add.i64 v25+0, v27
      return v5
    }
    "
  `);
});

test("without optimizing, calls that must be inlined are, and locals are in values", () => {
  const after = optimize(parseModule(packet), { level: 0, byteOrder: "little", check: true });
  expect(after.functions.map((f) => f.name)).toEqual(["count"]);
  expect(after.functions[0]?.slots.map((slot) => slot.name)).toEqual(["key"]);
});

test("a broken module is a bug that shows its IR", () => {
  const broken = parseModule(`module M license "GPL" function f section "xdp" { b0: return v0 }`);
  expect(() => optimize(broken, { level: 1, byteOrder: "little", check: true })).toThrow(
    /after the frontend:\nf: b0: v0 is not defined[\s\S]*return v0/,
  );
});
