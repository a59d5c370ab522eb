/** What the kernel language's integers mean, in plain bigint arithmetic that shares nothing with the compiler. */

/** An integer type's name, width in bits and sign. */
export interface IntType {
  readonly name: "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64";
  readonly bits: number;
  readonly signed: boolean;
}

const widths = [8, 16, 32, 64] as const;

/** All eight, unsigned first. */
export const intTypes: readonly IntType[] = [
  ...widths.map((bits) => ({ name: `u${bits}` as const, bits, signed: false })),
  ...widths.map((bits) => ({ name: `i${bits}` as const, bits, signed: true })),
];

/** `value` cut to the type's width. */
export const wrap = (type: IntType, value: bigint): bigint =>
  type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);

const amount = (type: IntType, by: bigint): bigint => by & (type.bits === 64 ? 63n : 31n);

/** Two operands of one type give a value of it. */
export const binaryOperators: Readonly<
  Record<string, (type: IntType, left: bigint, right: bigint) => bigint>
> = {
  "+": (type, left, right) => wrap(type, left + right),
  "-": (type, left, right) => wrap(type, left - right),
  "*": (type, left, right) => wrap(type, left * right),
  "/": (type, left, right) => (right === 0n ? 0n : wrap(type, left / right)),
  "%": (_, left, right) => (right === 0n ? left : left % right),
  "&": (_, left, right) => left & right,
  "|": (type, left, right) => wrap(type, left | right),
  "^": (type, left, right) => wrap(type, left ^ right),
  "<<": (type, left, right) => wrap(type, left << amount(type, right)),
  ">>": (type, left, right) => left >> amount(type, right),
};

/** One operand; `!` gives 0 or 1. */
export const unaryOperators: Readonly<Record<string, (type: IntType, value: bigint) => bigint>> = {
  "-": (type, value) => wrap(type, -value),
  "~": (type, value) => wrap(type, ~value),
};

/** Two operands of one type give a boolean. */
export const comparisons: Readonly<Record<string, (left: bigint, right: bigint) => boolean>> = {
  "===": (left, right) => left === right,
  "!==": (left, right) => left !== right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

/** Values where arithmetic goes wrong if it does: around 0, the ends, the sign bit, shift widths. */
export function edgeValues(type: IntType): bigint[] {
  const top = 1n << BigInt(type.bits - 1);
  const all = [0n, 1n, 2n, 3n, 7n, 31n, 32n, 63n, 64n, -1n, -2n, -7n, top - 1n, top, top + 1n, 0x5an];
  return [...new Set(all.map((value) => wrap(type, value)))];
}

/** `value` as a literal of the type. */
export const literal = (type: IntType, value: bigint): string => `${value}${type.bits === 64 ? "n" : ""}`;

/** The smallest type that holds both, or null where the language has none. */
export function meet(left: IntType, right: IntType): IntType | null {
  if ((left.bits === 64) !== (right.bits === 64)) return null;
  if (left.signed === right.signed) return left.bits >= right.bits ? left : right;
  const [signed, unsigned] = left.signed ? [left, right] : [right, left];
  const bits = Math.max(signed.bits, unsigned.bits * 2);
  return bits > 32 ? null : (intTypes.find((type) => type.signed && type.bits === bits) ?? null);
}
