/**
 * What each IR operator becomes, as data. The cpu versions differ only here and in `encode.ts`: v1 and v2 have no 32-bit
 * class, so an i32 is computed on 64 bits and cut to 32 where its upper half may have got dirty.
 */
import { AluOp, type ByteOrder, JumpOp } from "@waggle/object";
import type { BinaryOp, CompareOp, UnaryOp } from "../ir/types.js";
import type { TargetOptions } from "./target-error.js";

/** One step on a register in place; `convert` and `swap` as in the machine form. */
export type Step =
  | { readonly op: "alu"; readonly wide: boolean; readonly operator: number; readonly amount: bigint }
  | { readonly op: "convert"; readonly wide: boolean; readonly bits: 0 | 8 | 16 | 32 }
  | { readonly op: "swap"; readonly order: ByteOrder; readonly bits: 16 | 32 | 64 };

/** How an i32 on 64-bit arithmetic (cpu v1 and v2) keeps its upper half zero. */
export type Cleaning = "always" | "negative-immediate" | "never";

export interface BinaryRow {
  readonly operator: number;
  readonly commutative: boolean;
  /** When the result of 64-bit arithmetic on two clean i32 is dirty. */
  readonly cleaning: Cleaning;
  /** The immediate operand counts as unsigned: a sign-extended one would be another number. */
  readonly unsigned: boolean;
  /** The amount is taken modulo the width. */
  readonly shift: boolean;
}

const row = (operator: number, cleaning: Cleaning, extra: Partial<BinaryRow> = {}): BinaryRow => ({
  operator,
  cleaning,
  commutative: false,
  unsigned: false,
  shift: false,
  ...extra,
});

/** Operators that are one instruction. The signed divisions and `ashr` of an i32 have their own selection on old cpus. */
export const binaryRows: Readonly<Record<BinaryOp, BinaryRow>> = {
  add: row(AluOp.Add, "always", { commutative: true }),
  sub: row(AluOp.Sub, "always"),
  mul: row(AluOp.Mul, "always", { commutative: true }),
  udiv: row(AluOp.Div, "never", { unsigned: true }),
  umod: row(AluOp.Mod, "never", { unsigned: true }),
  sdiv: row(AluOp.Div, "always"),
  smod: row(AluOp.Mod, "always"),
  and: row(AluOp.And, "never", { commutative: true }),
  or: row(AluOp.Or, "negative-immediate", { commutative: true }),
  xor: row(AluOp.Xor, "negative-immediate", { commutative: true }),
  shl: row(AluOp.Lsh, "always", { shift: true }),
  lshr: row(AluOp.Rsh, "never", { shift: true }),
  ashr: row(AluOp.Arsh, "always", { shift: true }),
};

export interface CompareRow {
  readonly operator: number;
  readonly signed: boolean;
  /** The same question with the operands exchanged. */
  readonly swapped: CompareOp;
}

export const compareRows: Readonly<Record<CompareOp, CompareRow>> = {
  eq: { operator: JumpOp.Jeq, signed: false, swapped: "eq" },
  ne: { operator: JumpOp.Jne, signed: false, swapped: "ne" },
  ult: { operator: JumpOp.Jlt, signed: false, swapped: "ugt" },
  ule: { operator: JumpOp.Jle, signed: false, swapped: "uge" },
  ugt: { operator: JumpOp.Jgt, signed: false, swapped: "ult" },
  uge: { operator: JumpOp.Jge, signed: false, swapped: "ule" },
  slt: { operator: JumpOp.Jslt, signed: true, swapped: "sgt" },
  sle: { operator: JumpOp.Jsle, signed: true, swapped: "sge" },
  sgt: { operator: JumpOp.Jsgt, signed: true, swapped: "slt" },
  sge: { operator: JumpOp.Jsge, signed: true, swapped: "sle" },
};

/** What a conditional jump is when it is turned round, and when its operands change sides. */
export interface JumpRow {
  readonly inverse: number;
  readonly swapped: number;
  /** Oldest cpu that has the jump. */
  readonly cpu: 1 | 2;
}

export const jumpRows: ReadonlyMap<number, JumpRow> = new Map([
  [JumpOp.Jeq, { inverse: JumpOp.Jne, swapped: JumpOp.Jeq, cpu: 1 }],
  [JumpOp.Jne, { inverse: JumpOp.Jeq, swapped: JumpOp.Jne, cpu: 1 }],
  [JumpOp.Jgt, { inverse: JumpOp.Jle, swapped: JumpOp.Jlt, cpu: 1 }],
  [JumpOp.Jge, { inverse: JumpOp.Jlt, swapped: JumpOp.Jle, cpu: 1 }],
  [JumpOp.Jlt, { inverse: JumpOp.Jge, swapped: JumpOp.Jgt, cpu: 2 }],
  [JumpOp.Jle, { inverse: JumpOp.Jgt, swapped: JumpOp.Jge, cpu: 2 }],
  [JumpOp.Jsgt, { inverse: JumpOp.Jsle, swapped: JumpOp.Jslt, cpu: 1 }],
  [JumpOp.Jsge, { inverse: JumpOp.Jslt, swapped: JumpOp.Jsle, cpu: 1 }],
  [JumpOp.Jslt, { inverse: JumpOp.Jsge, swapped: JumpOp.Jsgt, cpu: 2 }],
  [JumpOp.Jsle, { inverse: JumpOp.Jsgt, swapped: JumpOp.Jsge, cpu: 2 }],
]);

/** Clears the upper half of a register. */
export function zeroExtend32({ cpu }: TargetOptions): readonly Step[] {
  return cpu >= 3 ? [{ op: "convert", wide: false, bits: 0 }] : shiftPair(true, 32n, AluOp.Rsh);
}

/** Fills all 64 bits with the sign of the low `bits`. */
export function signExtend64(bits: 8 | 16 | 32, { cpu }: TargetOptions): readonly Step[] {
  return cpu >= 4 ? [{ op: "convert", wide: true, bits }] : shiftPair(true, 64n - BigInt(bits), AluOp.Arsh);
}

function shiftPair(wide: boolean, amount: bigint, back: number): readonly Step[] {
  return [
    { op: "alu", wide, operator: AluOp.Lsh, amount },
    { op: "alu", wide, operator: back, amount },
  ];
}

function signExtendIn32(bits: 8 | 16, options: TargetOptions): readonly Step[] {
  if (options.cpu >= 4) return [{ op: "convert", wide: false, bits }];
  if (options.cpu === 3) return shiftPair(false, 32n - BigInt(bits), AluOp.Arsh);
  return [...signExtend64(bits, options), ...zeroExtend32(options)];
}

/**
 * Leaves a register as it is, and the verifier knows nothing of it any more: kernels before 6.8 take a change of byte order for one to any
 * number (`check_alu_op`). To the machine's own order is no instruction of the processor. Only the change to little-endian will do: kernels
 * before 6.7 take that to big-endian for one that reads r0 as well (`backtrack_insn`).
 */
export function forget({ byteOrder }: TargetOptions): readonly Step[] {
  const toLittle = { op: "swap", order: "little", bits: 64 } as const;
  return byteOrder === "little" ? [toLittle] : [toLittle, toLittle];
}

type UnaryRow = (type: "i32" | "i64", options: TargetOptions) => readonly Step[];

const mask =
  (amount: bigint): UnaryRow =>
  (type, { cpu }) => [{ op: "alu", wide: type === "i64" || cpu < 3, operator: AluOp.And, amount }];

const signExtend =
  (bits: 8 | 16): UnaryRow =>
  (type, options) =>
    type === "i64" ? signExtend64(bits, options) : signExtendIn32(bits, options);

const bigEndian =
  (bits: 16 | 32 | 64): UnaryRow =>
  (type, options) => {
    if (options.byteOrder === "little") return [{ op: "swap", order: "big", bits }];
    return bits === 16 ? mask(0xffffn)(type, options) : [];
  };

/** The steps of each unary operator. No step: the operand itself, by the invariant of i32 registers. */
export const unaryRows: Readonly<Record<UnaryOp, UnaryRow>> = {
  neg: (type, options) => {
    const narrow = type === "i32" && options.cpu < 3;
    const negate: Step = { op: "alu", wide: type === "i64" || narrow, operator: AluOp.Neg, amount: 0n };
    return narrow ? [negate, ...zeroExtend32(options)] : [negate];
  },
  zext8: mask(0xffn),
  zext16: mask(0xffffn),
  sext8: signExtend(8),
  sext16: signExtend(16),
  zext32: () => [],
  sext32: (_type, options) => signExtend64(32, options),
  trunc32: (_type, options) => zeroExtend32(options),
  ptrtoint: () => [],
  be16: bigEndian(16),
  be32: bigEndian(32),
  be64: bigEndian(64),
  opaque: (_type, options) => forget(options),
};
