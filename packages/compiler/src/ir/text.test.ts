import { expect, test } from "vitest";
import { checkFunction } from "./check.js";
import { parseFunction, parseModule } from "./parse.js";
import { printFunction, printModule } from "./print.js";
import { IrSyntaxError } from "./text-reader.js";

const everyOperation = `type %Ctx = struct Ctx size 16 align 8 { self: *%Ctx @0, name: text[char; 4] @8, port: __be16 @12, odd: int "odd" 2 signed big @14 }
type %Mode = enum Mode size 4 signed { Off = 0, "a b" = -1 }
function all section "xdp" inline never -> i64 @0:1:1 {
prototype (ctx: *%Ctx, mode: %Mode, any: *void) -> u64
slot s0 "key" size 12 align 4
loop b3 callback turns 7 @0:3:3
b0(v0: ptr, v1: i32):
  v2 = const.i32 -1 @0:2:3
  v3 = const.i64 5
  v4 = add.i32 v1, v2
  v5 = ult v4, v1
  v6 = zext8.i32 v4
  v7 = zext32 v6
  v8 = offset v0, v7
  v9 = load.u16 v8+4 packet
  v10 = load.u32.ptr v0+0 context
  v11 = load.i8.i64 v10-1 packet
  store.u64 v8+0, v11 stack
  v12 = atomic.add.i64 v8+8, v11
  atomic.or.i32 v8+8, v1
  zero v8+0 size 12 align 4 stack
  copy v8 stack, v10 packet size 6 align 2
  v13 = slot s0
  v14 = map stats
  v15 = global "a b"
  v16 = helper.ptr bpf_map_lookup_elem(v14, v13)
  helper bpf_ktime_get_ns()
  v17 = call.i64 other(v1)
  call other(v1)
  v19 = compare-exchange.i32 v8+4, v1, v2
  v20 = function other
  v21 = relocated.i64 0 %Ctx "0:1" = 8
  v22 = relocated.i32 8 %Mode "" = -1
  v23 = kfunc.ptr bpf_iter_num_next(v13)
  kfunc bpf_iter_num_destroy(v13)
  v24 = load.u32 v23+8 kernel
  v25 = element.more stats
  v26 = element.key stats
  branch v5, b1(v17), b2 @0:9:9
b1(v18: i64):
  return v18
b2:
  jump b3
b3:
  unreachable
}
`;

test("every operation reads back as it was written", () => {
  expect(printFunction(parseFunction(everyOperation))).toBe(everyOperation);
});

const everyTag = `module Tags license "GPL"

type %Flow = struct Flow size 16 align 8 tag "a b" tag "c" { argv: tag "field" *tag "user" void @0, low: tag "bits" u32 @8:64:3 }

map flows "hash" entries 4 flags 1 pinned tag "map" key u32 value %Flow

data hits section ".bss" mutable private: tag "data" u32 = 0x00000000

function run inline never tag "cold" tag "main" -> i32 {
prototype (flow: tag "arg:nonnull" *%Flow) -> u32
b0(v0: ptr):
  v1 = const.i32 0
  return v1
}
`;

test("tags read back as they were written", () => {
  expect(printModule(parseModule(everyTag))).toBe(everyTag);
});

const everyLoop = `function loops global -> i32 {
loop b1 unroll turns 4 index v1 count v0
loop b2 callback map stats
loop b3 iterator
b0:
  v0 = const.i32 4
  v2 = const.i32 0
  jump b1(v2)
b1(v1: i32):
  v3 = ult v1, v0
  branch v3, b4, b2
b4:
  v4 = const.i32 1
  v5 = add.i32 v1, v4
  jump b1(v5)
b2:
  v6 = element.more stats
  branch v6, b5, b3
b5:
  jump b2
b3:
  v7 = helper.i32 bpf_get_prandom_u32()
  branch v7, b3, b6
b6:
  return v7
}
`;

test("hints for loops read back, and are sound", () => {
  expect(printFunction(parseFunction(everyLoop))).toBe(everyLoop);
  expect(checkFunction(parseFunction(everyLoop))).toEqual([]);
  expect(checkFunction(parseFunction(everyLoop.replace("index v1", "index v3")))).toEqual([
    "loops: loop b1: v3 is not the one parameter of its header",
  ]);
});

test("a module reads back as it was written", () => {
  const text = `module Flows license "Dual MIT/GPL"
source "src/flows.ts" "a\\nb"

type %Key = struct Key size 4 align 4 { saddr: __be32 @0 }

extern bpf_iter_num_next (it: *void) -> *i32

map stats "lru-hash" entries 1024 flags 2 pinned key %Key value u64 @0:1:1
map events "ring-buffer" entries 4096 record %Key

data verbose section ".rodata": bool = 0x01
data hits section ".data" mutable: u64 = 0x0100000000000000
data none section ".bss": [u8; 0] = 0x

function f {
b0:
  return
}

function g {
b0:
  call f()
  return
}
`;
  expect(printModule(parseModule(text))).toBe(text);
});

test("locations can be left out", () => {
  const f = parseFunction("function f @0:1:1 { b0: v0 = const.i32 1 @0:2:2 return @0:3:3 }");
  expect(printFunction(f, { locations: false })).toBe("function f {\nb0:\n  v0 = const.i32 1\n  return\n}\n");
});

test.each([
  ["function f { b0: v1 = frob v2 return }", /"frob" is not an operation/],
  ["function f {\nb0:\n  v1 = add v2, v3\n  return\n}", /^line 3: add needs one of \.i32, \.i64/],
  ["function f { b0: v1 = load.u32 v2 context return }", /expected a displacement, found "context"/],
  ["function f { b0: return } ?", /"\?" begins nothing/],
  ["function f { b0:", /found the end/],
])("%s is refused", (text, message) => {
  expect(() => parseFunction(text)).toThrow(IrSyntaxError);
  expect(() => parseFunction(text)).toThrow(message);
});
