/** The integer types of the kernel language, and how they meet. */
import type { IntType } from "./data-type.js";

function int(name: string, size: IntType["size"], signed: boolean, bigEndian = false): IntType {
  return { kind: "int", name, size, signed, bigEndian };
}

/** Every scalar type by its name in BTF. */
export const integers = {
  u8: int("u8", 1, false),
  u16: int("u16", 2, false),
  u32: int("u32", 4, false),
  u64: int("u64", 8, false),
  i8: int("i8", 1, true),
  i16: int("i16", 2, true),
  i32: int("i32", 4, true),
  i64: int("i64", 8, true),
  bool: int("bool", 1, false),
  char: int("char", 1, true),
  __be16: int("__be16", 2, false, true),
  __be32: int("__be32", 4, false, true),
  __be64: int("__be64", 8, false, true),
} as const;

/** The smallest and the largest number of a type, both included. */
export function rangeOf(type: IntType): { readonly min: bigint; readonly max: bigint } {
  if (type.name === "bool") return { min: 0n, max: 1n };
  const bits = BigInt(type.size * 8);
  return type.signed
    ? { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
    : { min: 0n, max: (1n << bits) - 1n };
}

/** Whether every number of `from` is one of `to`. */
export function widens(from: IntType, to: IntType): boolean {
  const inner = rangeOf(from);
  const outer = rangeOf(to);
  return inner.min >= outer.min && inner.max <= outer.max;
}

const byNumber = [integers.u8, integers.i8, integers.u16, integers.i16, integers.u32, integers.i32];

/** The smallest type of up to 32 bits, or the 64-bit type, that holds both; null when there is none. */
export function meet(left: IntType, right: IntType): IntType | null {
  if (left.size === 8 || right.size === 8) return left.name === right.name ? left : null;
  return byNumber.find((type) => widens(left, type) && widens(right, type)) ?? null;
}
