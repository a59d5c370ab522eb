/**
 * What the operations compute, on bigints wrapped to their type. The one place that says so: constant folding and the
 * interpreter both come here. Semantics are BPF's (RFC 9669, section 4.1): division by zero gives 0, modulo by zero
 * the dividend, shift amounts are taken modulo the width.
 */
import type { ByteOrder } from "@waggle/object";
import type { BinaryOp, CompareOp, UnaryOp } from "./types.js";

type Bits = 32 | 64;

const binary: Readonly<Record<BinaryOp, (a: bigint, b: bigint, bits: Bits) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  udiv: (a, b) => (b === 0n ? 0n : a / b),
  sdiv: (a, b, bits) => (b === 0n ? 0n : BigInt.asIntN(bits, a) / BigInt.asIntN(bits, b)),
  umod: (a, b) => (b === 0n ? a : a % b),
  smod: (a, b, bits) => (b === 0n ? a : BigInt.asIntN(bits, a) % BigInt.asIntN(bits, b)),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b, bits) => a << (b % BigInt(bits)),
  lshr: (a, b, bits) => a >> (b % BigInt(bits)),
  ashr: (a, b, bits) => BigInt.asIntN(bits, a) >> (b % BigInt(bits)),
};

const compare: Readonly<Record<CompareOp, (a: bigint, b: bigint, bits: Bits) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  ult: (a, b) => a < b,
  ule: (a, b) => a <= b,
  ugt: (a, b) => a > b,
  uge: (a, b) => a >= b,
  slt: (a, b, bits) => BigInt.asIntN(bits, a) < BigInt.asIntN(bits, b),
  sle: (a, b, bits) => BigInt.asIntN(bits, a) <= BigInt.asIntN(bits, b),
  sgt: (a, b, bits) => BigInt.asIntN(bits, a) > BigInt.asIntN(bits, b),
  sge: (a, b, bits) => BigInt.asIntN(bits, a) >= BigInt.asIntN(bits, b),
};

const unary: Readonly<Record<UnaryOp, (a: bigint, order: ByteOrder) => bigint>> = {
  neg: (a) => -a,
  zext8: (a) => BigInt.asUintN(8, a),
  zext16: (a) => BigInt.asUintN(16, a),
  sext8: (a) => BigInt.asIntN(8, a),
  sext16: (a) => BigInt.asIntN(16, a),
  zext32: (a) => a,
  sext32: (a) => BigInt.asIntN(32, a),
  trunc32: (a) => a,
  ptrtoint: (a) => a,
  be16: (a, order) => swap(BigInt.asUintN(16, a), 2, order),
  be32: (a, order) => swap(BigInt.asUintN(32, a), 4, order),
  be64: (a, order) => swap(a, 8, order),
  opaque: (a) => a,
};

/** `a operator b` on unsigned numbers of `bits` bits. */
export function evaluateBinary(operator: BinaryOp, a: bigint, b: bigint, bits: Bits): bigint {
  return BigInt.asUintN(bits, binary[operator](a, b, bits));
}

/** Whether `a operator b` holds for unsigned representations of `bits` bits. */
export function evaluateCompare(operator: CompareOp, a: bigint, b: bigint, bits: Bits): boolean {
  return compare[operator](a, b, bits);
}

/** `operator a`, wrapped to the `bits` of the result. */
export function evaluateUnary(operator: UnaryOp, a: bigint, bits: Bits, order: ByteOrder): bigint {
  return BigInt.asUintN(bits, unary[operator](a, order));
}

function swap(value: bigint, bytes: number, order: ByteOrder): bigint {
  if (order === "big") return value;
  let result = 0n;
  for (let index = 0n; index < bytes; index += 1n)
    result = (result << 8n) | ((value >> (index * 8n)) & 0xffn);
  return result;
}
