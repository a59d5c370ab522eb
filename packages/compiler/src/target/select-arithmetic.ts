/** Selection of arithmetic: two-address form, immediates, and what old cpus lack made from what they have. */
import { AluOp } from "@waggle/object";
import type { BinaryOp, UnaryOp, ValueId } from "../ir/types.js";
import type { Register } from "./machine.js";
import { fitsImmediate } from "./machine.js";
import { binaryRows, signExtend64, unaryRows, zeroExtend32 } from "./select-rows.js";
import type { Selection } from "./selection.js";
import {
  constantOf,
  emit,
  emitConstant,
  emitConverted,
  emitSteps,
  homeOf,
  newRegister,
  readInto,
  readRegister,
} from "./selection.js";

type Operand = Register | bigint;

function alu(
  s: Selection,
  wide: boolean,
  operator: number,
  dst: Register,
  src: Operand,
  offset: 0 | 1 = 0,
): void {
  emit(s, { op: "alu", wide, operator, dst, src, offset });
}

/** `value` as an operand of an i32 or i64 operation: an immediate when the instruction can hold it. */
export function readOperand(s: Selection, value: ValueId, wide: boolean, unsigned = false): Operand {
  const constant = constantOf(s, value);
  if (constant === null) return readRegister(s, value);
  if (!wide) return BigInt.asIntN(32, constant);
  const narrow = s.types.get(value) === "i32";
  const signed = narrow && !unsigned ? BigInt.asIntN(32, constant) : BigInt.asIntN(64, constant);
  return fitsImmediate(signed) ? signed : readRegister(s, value);
}

export function selectBinary(
  s: Selection,
  result: ValueId,
  operator: BinaryOp,
  left: ValueId,
  right: ValueId,
): void {
  const dst = homeOf(s, result);
  const type = s.types.get(result) === "i32" ? "i32" : "i64";
  const row = binaryRows[operator];
  if (row.commutative && constantOf(s, left) !== null && constantOf(s, right) === null) {
    selectBinary(s, result, operator, right, left);
    return;
  }
  const constant = constantOf(s, right);
  // The verifier refuses division by an immediate 0; BPF's results of it are known.
  if (constant === 0n && (row.operator === AluOp.Div || row.operator === AluOp.Mod)) {
    if (row.operator === AluOp.Div) emitConstant(s, dst, 0n);
    else readInto(s, dst, left);
    return;
  }
  if (operator === "sdiv" || operator === "smod") {
    selectSignedDivision(s, dst, operator, type, left, right);
    return;
  }
  // An i32 is computed on 64 bits where there is no 32-bit class.
  const emulated = type === "i32" && s.options.cpu < 3;
  const wide = type === "i64" || emulated;
  if (row.shift) {
    selectShift(s, dst, operator, type, left, right);
    return;
  }
  const operand = readOperand(s, right, wide, row.unsigned);
  readInto(s, dst, left);
  alu(s, wide, row.operator, dst, operand);
  const dirty =
    row.cleaning === "always" ||
    (row.cleaning === "negative-immediate" && typeof operand === "bigint" && operand < 0n);
  if (emulated && dirty) emitSteps(s, dst, zeroExtend32(s.options));
}

function selectShift(
  s: Selection,
  dst: Register,
  operator: BinaryOp,
  type: "i32" | "i64",
  left: ValueId,
  right: ValueId,
): void {
  const row = binaryRows[operator];
  const emulated = type === "i32" && s.options.cpu < 3;
  const wide = type === "i64" || emulated;
  const width = type === "i32" ? 32n : 64n;
  const constant = constantOf(s, right);
  let amount: Operand;
  if (constant !== null) amount = constant & (width - 1n);
  else if (!emulated) amount = readRegister(s, right);
  else {
    // 64-bit shifts take the amount modulo 64.
    amount = newRegister(s);
    readInto(s, amount, right);
    alu(s, true, AluOp.And, amount, 31n);
  }
  readInto(s, dst, left);
  if (emulated && operator === "ashr") emitSteps(s, dst, signExtend64(32, s.options));
  alu(s, wide, row.operator, dst, amount);
  if (emulated && row.cleaning !== "never") emitSteps(s, dst, zeroExtend32(s.options));
}

/**
 * Signed division. Below v4 it is unsigned division of the magnitudes: with `m = x >> 63` (all ones when negative),
 * `(x ^ m) - m` is the magnitude, and the same with the sign of the result puts it back. Division by zero comes out as
 * 0 and modulo by zero as the dividend, as the operation defines it.
 */
function selectSignedDivision(
  s: Selection,
  dst: Register,
  operator: "sdiv" | "smod",
  type: "i32" | "i64",
  left: ValueId,
  right: ValueId,
): void {
  const row = binaryRows[operator];
  if (s.options.cpu >= 4) {
    const operand = readOperand(s, right, type === "i64");
    readInto(s, dst, left);
    alu(s, type === "i64", row.operator, dst, operand, 1);
    return;
  }
  // An i32 is done on 64 bits: its sign-extended operands cannot overflow there.
  const extend = type === "i32" ? signExtend64(32, s.options) : [];
  const dividend = newRegister(s);
  const divisor = newRegister(s);
  readInto(s, dividend, left);
  emitSteps(s, dividend, extend);
  readInto(s, divisor, right);
  emitSteps(s, divisor, extend);
  const dividendSign = magnitude(s, dividend);
  const divisorSign = magnitude(s, divisor);
  alu(s, true, row.operator, dividend, divisor);
  if (operator === "sdiv") alu(s, true, AluOp.Xor, dividendSign, divisorSign);
  alu(s, true, AluOp.Xor, dividend, dividendSign);
  alu(s, true, AluOp.Sub, dividend, dividendSign);
  emitConverted(s, dst, dividend, type === "i32" ? zeroExtend32(s.options) : []);
}

/** Replaces a register by its magnitude and returns its sign: 0, or all ones. */
function magnitude(s: Selection, register: Register): Register {
  const sign = newRegister(s);
  emit(s, { op: "move", dst: sign, src: register });
  alu(s, true, AluOp.Arsh, sign, 63n);
  alu(s, true, AluOp.Xor, register, sign);
  alu(s, true, AluOp.Sub, register, sign);
  return sign;
}

export function selectUnary(s: Selection, result: ValueId, operator: UnaryOp, operand: ValueId): void {
  const type = s.types.get(result) === "i32" ? "i32" : "i64";
  emitConverted(s, homeOf(s, result), readRegister(s, operand), unaryRows[operator](type, s.options));
}
