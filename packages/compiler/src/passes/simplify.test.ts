import type { ByteOrder } from "@waggle/object";
import { expect, test } from "vitest";
import { checkFunction } from "../ir/check.js";
import { parseFunction } from "../ir/parse.js";
import { printInstruction } from "../ir/print.js";
import { removeDeadCode } from "./dead-code.js";
import { allRules, simplify } from "./simplify.js";

/**
 * What the instructions become, one line each. They may use v0: i32, v1: i64, v2: ptr, and the same again as v3 to v5;
 * what they compute goes to `helper use`.
 */
function simplified(body: string, byteOrder: ByteOrder = "little"): string {
  const params = "v0: i32, v1: i64, v2: ptr, v3: i32, v4: i64, v5: ptr";
  const f = removeDeadCode(
    simplify(parseFunction(`function f { b0(${params}): ${body} return }`), { byteOrder }),
  );
  expect(checkFunction(f)).toEqual([]);
  return f.blocks.flatMap((block) => block.instructions.map((each) => printInstruction(each))).join("; ");
}

/** Rule, before, after. Each rule has a row, and each row is what its rule is for. */
const rows: readonly (readonly [rule: string, before: string, after: string])[] = [
  [
    "constant op constant",
    "v6 = const.i32 7 v7 = const.i32 -1 v8 = add.i32 v6, v7 helper use(v8)",
    "v8 = const.i32 6; helper use(v8)",
  ],
  [
    "constant op constant",
    "v6 = const.i64 7 v7 = const.i64 0 v8 = umod.i64 v6, v7 helper use(v8)",
    "v8 = const.i64 7; helper use(v8)",
  ],
  [
    "constant op constant",
    "v6 = const.i32 7 v7 = const.i32 -1 v8 = slt v7, v6 helper use(v8)",
    "v8 = const.i32 1; helper use(v8)",
  ],
  [
    "(x ashr a) and mask = (x lshr a) and mask",
    "v6 = const.i32 22 v7 = ashr.i32 v0, v6 v8 = const.i32 511 v9 = and.i32 v7, v8 helper use(v9)",
    "v6 = const.i32 22; v8 = const.i32 511; v10 = lshr.i32 v0, v6; v9 = and.i32 v10, v8; helper use(v9)",
  ],
  [
    "constant op x = x op constant",
    "v6 = const.i32 7 v7 = add.i32 v6, v0 helper use(v7)",
    "v6 = const.i32 7; v7 = add.i32 v0, v6; helper use(v7)",
  ],
  ["x op 0 = x", "v6 = const.i32 0 v7 = or.i32 v0, v6 helper use(v7)", "helper use(v0)"],
  ["x op 1 = x", "v6 = const.i64 1 v7 = udiv.i64 v1, v6 helper use(v7)", "helper use(v1)"],
  ["x op 0 = 0", "v6 = const.i64 0 v7 = sdiv.i64 v1, v6 helper use(v7)", "v7 = const.i64 0; helper use(v7)"],
  ["x mod 0 = x", "v6 = const.i64 0 v7 = smod.i64 v1, v6 helper use(v7)", "helper use(v1)"],
  ["x mod 1 = 0", "v6 = const.i64 1 v7 = umod.i64 v1, v6 helper use(v7)", "v7 = const.i64 0; helper use(v7)"],
  ["x op x = 0", "v7 = xor.i64 v1, v1 helper use(v7)", "v7 = const.i64 0; helper use(v7)"],
  ["x op x = x", "v7 = and.i64 v1, v1 helper use(v7)", "helper use(v1)"],
  ["x | -1 = -1", "v6 = const.i32 -1 v7 = or.i32 v0, v6 helper use(v7)", "v7 = const.i32 -1; helper use(v7)"],
  [
    "x & mask = x when no other bit can be set",
    "v6 = load.u8 v2+0 packet v7 = const.i32 255 v8 = and.i32 v6, v7 helper use(v8)",
    "v6 = load.u8 v2+0 packet; helper use(v6)",
  ],
  [
    "x & mask = 0 when no bit of the mask can be set",
    "v6 = load.u8 v2+0 packet v7 = const.i32 256 v8 = and.i32 v6, v7 helper use(v8)",
    "v8 = const.i32 0; helper use(v8)",
  ],
  [
    "x - constant = x + -constant",
    "v6 = const.i32 7 v7 = sub.i32 v0, v6 helper use(v7)",
    "v8 = const.i32 -7; v7 = add.i32 v0, v8; helper use(v7)",
  ],
  ["0 - x = neg x", "v6 = const.i32 0 v7 = sub.i32 v6, v0 helper use(v7)", "v7 = neg.i32 v0; helper use(v7)"],
  [
    "x * 2^n = x << n",
    "v6 = const.i32 8 v7 = mul.i32 v6, v0 helper use(v7)",
    "v8 = const.i32 3; v7 = shl.i32 v0, v8; helper use(v7)",
  ],
  [
    "x / 2^n = x >> n",
    "v6 = const.i64 8 v7 = udiv.i64 v1, v6 helper use(v7)",
    "v8 = const.i64 3; v7 = lshr.i64 v1, v8; helper use(v7)",
  ],
  [
    "x % 2^n = x & (2^n - 1)",
    "v6 = const.i64 8 v7 = umod.i64 v1, v6 helper use(v7)",
    "v8 = const.i64 7; v7 = and.i64 v1, v8; helper use(v7)",
  ],
  [
    "(x + a) + b = x + (a + b)",
    "v6 = const.i32 8 v7 = add.i32 v0, v6 v8 = add.i32 v7, v6 helper use(v8)",
    "v9 = const.i32 16; v8 = add.i32 v0, v9; helper use(v8)",
  ],
  [
    "(x op a) op b = x op (a op b)",
    "v6 = const.i32 12 v7 = const.i32 10 v8 = and.i32 v0, v6 v9 = and.i32 v8, v7 helper use(v9)",
    "v10 = const.i32 8; v9 = and.i32 v0, v10; helper use(v9)",
  ],
  [
    "(x shift a) shift b = x shift (a + b)",
    "v6 = const.i32 3 v7 = shl.i32 v0, v6 v8 = shl.i32 v7, v6 helper use(v8)",
    "v9 = const.i32 6; v8 = shl.i32 v0, v9; helper use(v8)",
  ],
  [
    "op constant",
    "v6 = const.i32 -1 v7 = zext32 v6 helper use(v7)",
    "v7 = const.i64 4294967295; helper use(v7)",
  ],
  ["op constant", "v6 = const.i32 443 v7 = be16 v6 helper use(v7)", "v7 = const.i32 47873; helper use(v7)"],
  [
    "zext x = x when the bits above are 0",
    "v6 = load.u16 v2+0 packet v7 = zext16.i32 v6 helper use(v7)",
    "v6 = load.u16 v2+0 packet; helper use(v6)",
  ],
  [
    "sext x = x when it is sign-extended",
    "v6 = load.i8 v2+0 packet v7 = sext16.i32 v6 helper use(v7)",
    "v6 = load.i8 v2+0 packet; helper use(v6)",
  ],
  [
    "ext8 (ext16 x) = ext8 x",
    "v6 = sext16.i32 v0 v7 = zext8.i32 v6 helper use(v7)",
    "v7 = zext8.i32 v0; helper use(v7)",
  ],
  [
    "ext8 (ext16 x) = ext8 x",
    "v5000 = const.i32 4095 v6 = and.i32 v0, v5000 v7 = sext8.i32 v6 helper use(v7)",
    "v7 = sext8.i32 v0; helper use(v7)",
  ],
  ["trunc32 (ext32 x) = x", "v6 = sext32 v0 v7 = trunc32 v6 helper use(v7)", "helper use(v0)"],
  [
    "zext32 (trunc32 x) = x when the bits above are 0",
    "v6 = load.u32.i64 v2+0 packet v7 = trunc32 v6 v8 = zext32 v7 helper use(v8)",
    "v6 = load.u32.i64 v2+0 packet; helper use(v6)",
  ],
  [
    "sext32 x = zext32 x when x is not negative",
    "v6 = load.u8 v2+0 packet v7 = sext32 v6 helper use(v7)",
    "v6 = load.u8 v2+0 packet; v7 = zext32 v6; helper use(v7)",
  ],
  ["op (op x) = x", "v6 = be32 v0 v7 = be32 v6 helper use(v7)", "helper use(v0)"],
  [
    "be16 (be16 x) = zext16 x",
    "v6 = be16 v0 v7 = be16 v6 helper use(v7)",
    "v7 = zext16.i32 v0; helper use(v7)",
  ],
  ["x op x", "v6 = ule v1, v1 helper use(v6)", "v6 = const.i32 1; helper use(v6)"],
  [
    "constant op x = x swapped constant",
    "v6 = const.i64 5 v7 = slt v6, v1 helper use(v7)",
    "v6 = const.i64 5; v7 = sgt v1, v6; helper use(v7)",
  ],
  [
    "pointer == null is false when it is never null",
    "v6 = const.i64 14 v7 = offset v2, v6 v8 = const.ptr 0 v9 = eq v7, v8 helper use(v9)",
    "v9 = const.i32 0; helper use(v9)",
  ],
  [
    "pointer == null is false when it is never null",
    "v6 = load.u32.ptr v2+0 context v8 = const.ptr 0 v9 = ne v6, v8 helper use(v9)",
    "v9 = const.i32 1; helper use(v9)",
  ],
  [
    "unsigned x op constant when x is too small",
    "v6 = load.u8 v2+0 packet v7 = const.i32 256 v8 = ult v6, v7 helper use(v8)",
    "v8 = const.i32 1; helper use(v8)",
  ],
  [
    "unsigned x op constant when x is too small",
    "v6 = load.u8 v2+0 packet v7 = const.i32 300 v8 = eq v6, v7 helper use(v8)",
    "v8 = const.i32 0; helper use(v8)",
  ],
  ["x < 0 is false", "v6 = const.i64 0 v7 = ult v1, v6 helper use(v7)", "v7 = const.i32 0; helper use(v7)"],
  [
    "x > 0 = x != 0",
    "v6 = const.i64 0 v7 = ugt v1, v6 helper use(v7)",
    "v6 = const.i64 0; v7 = ne v1, v6; helper use(v7)",
  ],
  [
    "x < 1 = x == 0",
    "v6 = const.i64 1 v7 = ult v1, v6 helper use(v7)",
    "v8 = const.i64 0; v7 = eq v1, v8; helper use(v7)",
  ],
  [
    "(truth != 0) = truth",
    "v6 = const.i32 0 v7 = ult v1, v4 v8 = ne v7, v6 helper use(v8)",
    "v7 = ult v1, v4; helper use(v7)",
  ],
  [
    "(x op y) == 0 = x inverted y",
    "v6 = const.i32 0 v7 = ult v1, v4 v8 = eq v7, v6 helper use(v8)",
    "v8 = uge v1, v4; helper use(v8)",
  ],
  [
    "zext32 x op constant = x op constant",
    "v6 = const.i64 5 v7 = zext32 v0 v8 = ult v7, v6 helper use(v8)",
    "v9 = const.i32 5; v8 = ult v0, v9; helper use(v8)",
  ],
  [
    "be x == constant = x == be constant",
    "v5000 = load.u16 v2+12 packet v6 = const.i32 2048 v7 = be16 v5000 v8 = eq v7, v6 helper use(v8)",
    "v5000 = load.u16 v2+12 packet; v5001 = const.i32 8; v8 = eq v5000, v5001; helper use(v8)",
  ],
  [
    "be x == be y = x == y",
    "v6 = be32 v0 v7 = be32 v3 v8 = ne v6, v7 helper use(v8)",
    "v8 = ne v0, v3; helper use(v8)",
  ],
  ["p + 0 = p", "v6 = const.i64 0 v7 = offset v2, v6 helper use(v7)", "helper use(v2)"],
  [
    "(p + a) + b = p + (a + b)",
    "v6 = const.i64 8 v7 = offset v2, v6 v8 = offset v7, v6 helper use(v8)",
    "v9 = const.i64 16; v8 = offset v2, v9; helper use(v8)",
  ],
  [
    "load (p + a)+d = load p+(a + d)",
    "v6 = const.i64 8 v7 = offset v2, v6 v8 = load.u32 v7+4 context helper use(v8)",
    "v8 = load.u32 v2+12 context; helper use(v8)",
  ],
  [
    "store (p + a)+d = store p+(a + d)",
    "v6 = const.i64 8 v7 = offset v2, v6 store.u32 v7-4, v0 packet",
    "store.u32 v2+4, v0 packet",
  ],
  [
    "atomic (p + a)+d = atomic p+(a + d)",
    "v6 = const.i64 8 v7 = offset v2, v6 atomic.add.i64 v7+0, v1",
    "atomic.add.i64 v2+8, v1",
  ],
  [
    "zero (p + a)+d = zero p+(a + d)",
    "v6 = const.i64 8 v7 = offset v2, v6 zero v7+0 size 8 align 8 map",
    "zero v2+8 size 8 align 8 map",
  ],
  ["store8 (ext8 x) = store8 x", "v6 = zext8.i32 v0 store.u8 v2+0, v6 packet", "store.u8 v2+0, v0 packet"],
];

test.each(rows)("%s: %s", (_, before, after) => {
  expect(simplified(before)).toBe(after);
});

/** On a big-endian target only. */
const bigEndian: typeof rows = [
  ["be x = x on a big-endian target", "v6 = be32 v0 helper use(v6)", "helper use(v0)"],
  [
    "be16 x = zext16 x on a big-endian target",
    "v6 = be16 v0 helper use(v6)",
    "v6 = zext16.i32 v0; helper use(v6)",
  ],
  ["op constant", "v6 = const.i32 443 v7 = be16 v6 helper use(v7)", "v7 = const.i32 443; helper use(v7)"],
];

test.each(bigEndian)("%s: %s", (_, before, after) => {
  expect(simplified(before, "big")).toBe(after);
});

test("every rule has a row here", () => {
  const tested = new Set([...rows, ...bigEndian].map(([rule]) => rule));
  expect(allRules.map((rule) => rule.name).filter((name) => !tested.has(name))).toEqual([]);
});

test.each([
  [
    "arithmetic",
    "v6 = const.i32 8 v7 = add.i32 v0, v6 v8 = add.i32 v7, v6 helper use(v8) helper use(v7)",
    "add.i32 v7, v6",
  ],
  [
    "extension",
    "v6 = const.i64 5 v7 = zext32 v0 v8 = ult v7, v6 helper use(v8) helper use(v7)",
    "ult v7, v6",
  ],
  ["byte order", "v6 = const.i32 8 v7 = be32 v0 v8 = eq v7, v6 helper use(v8) helper use(v7)", "eq v7, v6"],
])("%s stays on a value that is used elsewhere, because its bounds may be checked there", (_, body, kept) => {
  expect(simplified(body)).toContain(kept);
});

test("a mask behind a modulo stays: the verifier follows the mask and not the modulo", () => {
  expect(
    simplified("v6 = const.i64 6 v7 = umod.i64 v1, v6 v8 = const.i64 7 v9 = and.i64 v7, v8 helper use(v9)"),
  ).toContain("and.i64 v7, v8");
});
