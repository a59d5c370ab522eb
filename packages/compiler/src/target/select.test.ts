/** What each construct of the IR becomes, as disassembly. */
import { disassemble } from "@waggle/object";
import { expect, test } from "vitest";
import { parseFunction } from "../ir/parse.js";
import type { GenerateOptions } from "./generate.js";
import { generate } from "./generate.js";

function code(text: string, options: Partial<GenerateOptions> = {}): string {
  const f = parseFunction(text);
  const { instructions } = generate(f, { byteOrder: "little", cpu: 3, check: true, ...options });
  return disassemble(instructions)
    .filter((line) => line !== "")
    .join("\n");
}

const body = (lines: string, params = "v0: i64, v1: i64", returns = "i64"): string =>
  `function f section "xdp" -> ${returns} {\nb0(${params}):\n${lines}\n}`;

test("constants that fit become immediates; others are loaded", () => {
  expect(code(body("v2 = const.i64 -5 v3 = add.i64 v0, v2 return v3"))).toMatchInlineSnapshot(`
    "r0 = r1
    r0 += -5
    exit"
  `);
  expect(code(body("v2 = const.i64 0x123456789 v3 = and.i64 v0, v2 return v3"))).toMatchInlineSnapshot(`
    "r0 = r1
    r1 = 0x123456789
    r0 &= r1
    exit"
  `);
});

test("i32 arithmetic is 32-bit on v3 and cut to 32 bits before", () => {
  const sum = body("v2 = add.i32 v0, v1 return v2", "v0: i32, v1: i32", "i32");
  expect(code(sum)).toMatchInlineSnapshot(`
    "w0 = w1
    w1 = w2
    w0 += w1
    exit"
  `);
  expect(code(sum, { cpu: 2 })).toMatchInlineSnapshot(`
    "r0 = r1
    r0 <<= 32
    r0 >>= 32
    r2 <<= 32
    r2 >>= 32
    r0 += r2
    r0 <<= 32
    r0 >>= 32
    exit"
  `);
});

test("a signed comparison of i32 extends the sign where there is no 32-bit jump", () => {
  const less = body(
    "v2 = slt v0, v1 branch v2, b1, b2 b1: v3 = const.i32 1 return v3 b2: v4 = const.i32 2 return v4",
    "v0: i32, v1: i32",
    "i32",
  );
  expect(code(less)).toMatchInlineSnapshot(`
    "w3 = w1
    w1 = w2
    if w3 s< w1 goto pc+2
    r0 = 2
    exit
    r0 = 1
    exit"
  `);
  expect(code(less, { cpu: 1 })).toMatchInlineSnapshot(`
    "r1 <<= 32
    r1 >>= 32
    r2 <<= 32
    r2 >>= 32
    r1 <<= 32
    r1 s>>= 32
    r2 <<= 32
    r2 s>>= 32
    if r2 s> r1 goto pc+2
    r0 = 2
    exit
    r0 = 1
    exit"
  `);
});

test("a comparison against an immediate that v1 lacks is turned round", () => {
  const text = body("v2 = const.i64 9 v3 = ult v0, v2 branch v3, b1, b2 b1: return v0 b2: return v1");
  expect(code(text, { cpu: 1 })).toMatchInlineSnapshot(`
    "if r1 >= 0x9 goto pc+1
    goto pc+2
    r0 = r2
    exit
    r0 = r1
    exit"
  `);
});

test("constant offsets fold into the displacement", () => {
  const text = body(
    "v2 = const.i64 14 v3 = offset v0, v2 v4 = load.u16 v3+2 packet v5 = load.u8 v3+9 packet v6 = add.i32 v4, v5 return v6",
    "v0: ptr",
    "i32",
  );
  expect(code(text)).toMatchInlineSnapshot(`
    "r0 = *(u16 *)(r1 +16)
    r1 = *(u8 *)(r1 +23)
    w0 += w1
    exit"
  `);
});

test("constants are stored as immediates, but not to the context", () => {
  expect(
    code(body("v1 = const.i32 7 store.u32 v0+8, v1 map store.u32 v0+12, v1 context return", "v0: ptr")),
  ).toMatchInlineSnapshot(`
    "*(u32 *)(r1 +8) = 7
    r2 = 7
    *(u32 *)(r1 +12) = r2
    r0 = 0
    exit"
  `);
});

test("byte order: a swap on little endian, nothing on big", () => {
  const text = body("v1 = be16 v0 v2 = be32 v1 return v2", "v0: i32", "i32");
  expect(code(text)).toMatchInlineSnapshot(`
    "w0 = w1
    r0 = be16 r0
    r0 = be32 r0
    exit"
  `);
  expect(code(text, { byteOrder: "big" })).toMatchInlineSnapshot(`
    "w0 = w1
    w0 &= 65535
    exit"
  `);
});

test("signed division is one instruction on v4 and magnitudes before", () => {
  const text = body("v2 = sdiv.i64 v0, v1 return v2");
  expect(code(text, { cpu: 4 })).toMatchInlineSnapshot(`
    "r0 = r1
    r0 s/= r2
    exit"
  `);
  expect(code(text, { cpu: 3 })).toMatchInlineSnapshot(`
    "r0 = r1
    r1 = r0
    r1 s>>= 63
    r0 ^= r1
    r0 -= r1
    r3 = r2
    r3 s>>= 63
    r2 ^= r3
    r2 -= r3
    r0 /= r2
    r1 ^= r3
    r0 ^= r1
    r0 -= r1
    exit"
  `);
});

test("division by a constant 0 has BPF's result without the division", () => {
  expect(code(body("v2 = const.i64 0 v3 = udiv.i64 v0, v2 return v3"))).toMatchInlineSnapshot(`
    "r0 = 0
    exit"
  `);
  expect(code(body("v2 = const.i64 0 v3 = umod.i64 v0, v2 return v3"))).toMatchInlineSnapshot(`
    "r0 = r1
    exit"
  `);
});

test("sign-extending loads: one on v4, shifts before, never of the context", () => {
  const text = (region: string) => body(`v1 = load.i16.i64 v0+4 ${region} return v1`, "v0: ptr");
  expect(code(text("map"), { cpu: 4 })).toMatchInlineSnapshot(`
    "r0 = *(s16 *)(r1 +4)
    exit"
  `);
  expect(code(text("map"), { cpu: 3 })).toMatchInlineSnapshot(`
    "r0 = *(u16 *)(r1 +4)
    r0 <<= 48
    r0 s>>= 48
    exit"
  `);
  expect(code(text("context"), { cpu: 4 })).toMatchInlineSnapshot(`
    "r0 = *(u16 *)(r1 +4)
    r0 = (s16)r0
    exit"
  `);
});

test("zeroing and copying use the widest accesses that the alignment allows", () => {
  const text = body(
    "zero v0+0 size 7 align 4 map copy v0 map, v1 packet size 6 align 2 return",
    "v0: ptr, v1: ptr",
  );
  expect(code(text)).toMatchInlineSnapshot(`
    "*(u32 *)(r1 +0) = 0
    *(u16 *)(r1 +4) = 0
    *(u8 *)(r1 +6) = 0
    r3 = *(u16 *)(r2 +0)
    *(u16 *)(r1 +0) = r3
    r3 = *(u16 *)(r2 +2)
    *(u16 *)(r1 +2) = r3
    r2 = *(u16 *)(r2 +4)
    *(u16 *)(r1 +4) = r2
    r0 = 0
    exit"
  `);
});

test("a comparison as a value is a jump over the setting to 1", () => {
  expect(code(body("v2 = ult v0, v1 return v2", "v0: i64, v1: i64", "i32"))).toMatchInlineSnapshot(`
    "r0 = 0
    if r1 >= r2 goto pc+1
    r0 = 1
    exit"
  `);
});

test("parameters that change places go through a temporary", () => {
  const text = body(
    "v2 = const.i32 0 jump b1(v0, v1, v2) b1(v3: i64, v4: i64, v5: i32): v6 = const.i32 1 v7 = add.i32 v5, v6 v8 = const.i32 9 v9 = ult v7, v8 branch v9, b1(v4, v3, v7), b2 b2: v10 = sub.i64 v3, v4 return v10",
  );
  expect(code(text)).toMatchInlineSnapshot(`
    "r3 = 0
    w3 += 1
    if w3 < 0x9 goto pc+3
    r0 = r1
    r0 -= r2
    exit
    r4 = r1
    r1 = r2
    r2 = r4
    goto pc-9"
  `);
});

test("results of helpers are cut to their type; an unreachable path returns 0", () => {
  const text = body(
    "v0 = helper.i32 bpf_get_prandom_u32() v1 = const.i32 0 v2 = eq v0, v1 branch v2, b1, b2 b1: unreachable b2: return v0",
    "",
    "i32",
  );
  expect(code(text.replace("b0():", "b0:"))).toMatchInlineSnapshot(`
    "call bpf_get_prandom_u32#7
    w0 = w0
    if w0 == 0x0 goto pc+1
    exit
    r0 = 0
    exit"
  `);
});

test.each([
  ["v1 = const.i64 1 v2 = atomic.add.i64 v0+0, v1 return v2", "WG3003", /gives the old value needs cpu v3/],
  ["v1 = const.i64 1 atomic.or.i64 v0+0, v1 return", "WG3003", /an atomic `or` needs cpu v3/],
  ["zero v0+0 size 9000 align 8 map return", "WG3004", /zeroing 9000 bytes at once takes more than 1024/],
])("%s is refused on v2", (lines, targetCode, message) => {
  const run = () => code(body(lines, "v0: ptr"), { cpu: 2 });
  expect(run).toThrow(message);
  expect(run).toThrow(expect.objectContaining({ code: targetCode }));
});

test("far jumps become gotol on v4 and an error before", () => {
  const stores = "store.u64 v0+0, v1 map ".repeat(33_000);
  const text = body(
    `v2 = const.i64 5 v3 = eq v1, v2 branch v3, b1, b2 b1: ${stores} jump b2 b2: return v1`,
    "v0: ptr, v1: i64",
  );
  const f = parseFunction(text);
  const { instructions } = generate(f, { byteOrder: "little", cpu: 4 });
  expect(disassemble(instructions.slice(2, 6))).toEqual(
    expect.arrayContaining([expect.stringMatching(/^gotol pc\+33/)]),
  );
  expect(() => generate(f, { byteOrder: "little", cpu: 3 })).toThrow(
    "`f` is too large: a jump in it crosses more than 32767 instructions",
  );
});
