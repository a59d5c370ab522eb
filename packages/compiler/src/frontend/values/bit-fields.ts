/** Bit fields: parts of a word in memory that are loaded with it, and stored by loading and storing all of it. */

import type ts from "typescript";
import { BugError } from "../../ir/bug-error.js";
import type { ValueId } from "../../ir/types.js";
import type { IntType } from "../../types/data-type.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { loadBytes, storeBytes, type Width } from "./raw-memory.js";
import { boundsOf, coerce, convertInt, isNumber, nameOf, registerOf, scalar } from "./scalars.js";
import type { BitPlace, MemoryValue, Range, ScalarValue, Value } from "./value.js";

/** A place that is a bit field. */
export type BitFieldPlace = MemoryValue & { readonly type: IntType; readonly bits: BitPlace };

export const isBitField = (place: MemoryValue): place is BitFieldPlace =>
  place.bits !== undefined && place.type.kind === "int";

/** The word around a bit field: bytes from the struct's start, its width, and how far the field is from its low end. */
interface Window {
  readonly offset: number;
  readonly width: Width;
  readonly shift: number;
}

const widths: readonly Width[] = [1, 2, 4, 8];

/** The smallest aligned word of the struct that holds the field, or bytes that do. */
function windowOf(fn: FunctionState, { bits }: BitFieldPlace): Window {
  const first = Math.floor(bits.offset / 8);
  const end = Math.ceil((bits.offset + bits.size) / 8);
  const aligned = widths
    .map((width) => ({ width, offset: Math.floor(first / width) * width }))
    .find(({ width, offset }) => offset + width >= end && offset + width <= bits.structSize);
  // Of a packed struct: from the field's first byte, or up to its last where the struct ends.
  const width = widths.find((one) => one >= end - first && one <= bits.structSize);
  const found =
    aligned ??
    (width === undefined ? undefined : { width, offset: Math.min(first, bits.structSize - width) });
  // Types whose fields need more are rejected.
  if (found === undefined)
    throw new BugError(`bits ${bits.offset} to ${bits.offset + bits.size} in one word`, fn.entry.name);
  const from = bits.offset - found.offset * 8;
  const little = fn.owner.target.byteOrder === "little";
  return { ...found, shift: little ? from : found.width * 8 - from - bits.size };
}

/** The numbers that so many bits hold. */
export function rangeOfBits({ signed, name }: IntType, size: number): Range {
  if (name === "bool") return { min: 0n, max: 1n };
  const half = 1n << BigInt(size - 1);
  return signed ? { min: -half, max: half - 1n } : { min: 0n, max: (half << 1n) - 1n };
}

const registerFor = (width: Width): "i32" | "i64" => (width === 8 ? "i64" : "i32");

/** Loads a bit field. */
export function loadBitField(fn: FunctionState, place: BitFieldPlace): ScalarValue {
  const { builder } = fn;
  const { offset, width, shift } = windowOf(fn, place);
  const register = registerFor(width);
  const total = register === "i64" ? 64 : 32;
  const { type } = place;
  const { size } = place.bits;
  let value = loadBytes(fn, place, offset, width);
  const by = (operator: "shl" | "lshr" | "ashr" | "and", amount: bigint): void => {
    if (operator !== "and" && amount === 0n) return;
    value = builder.binary(operator, value, builder.const(register, amount));
  };
  if (type.signed) {
    by("shl", BigInt(total - shift - size));
    by("ashr", BigInt(total - size));
  } else {
    by("lshr", BigInt(shift));
    if (shift + size < width * 8) by("and", (1n << BigInt(size)) - 1n);
  }
  const wanted = registerOf(type);
  if (register === "i64" && wanted === "i32") value = builder.unary("trunc32", value);
  if (register === "i32" && wanted === "i64") value = builder.unary(type.signed ? "sext32" : "zext32", value);
  return scalar(type, value, rangeOfBits(type, size));
}

/** Stores a value that fits; the bits around it keep what they had. */
export function storeBitField(fn: FunctionState, place: BitFieldPlace, value: Value, node: ts.Node): void {
  const { builder } = fn;
  const { type } = place;
  const { size } = place.bits;
  const given = fitting(fn, place, value, node);
  const { offset, width, shift } = windowOf(fn, place);
  const register = registerFor(width);
  const mask = (1n << BigInt(size)) - 1n;
  const constant = (bits: bigint): ValueId => builder.const(register, bits);
  let bits = given.id;
  if (registerOf(type) === "i32" && register === "i64") bits = builder.unary("zext32", bits);
  if (registerOf(type) === "i64" && register === "i32") bits = builder.unary("trunc32", bits);
  const { min, max } = boundsOf(given);
  if (min < 0n || max > mask) bits = builder.binary("and", bits, constant(mask));
  if (shift > 0) bits = builder.binary("shl", bits, constant(BigInt(shift)));
  if (size < width * 8) {
    const all = (1n << BigInt(width * 8)) - 1n;
    const kept = builder.binary(
      "and",
      loadBytes(fn, place, offset, width),
      constant(all ^ (mask << BigInt(shift))),
    );
    bits = builder.binary("or", kept, bits);
  }
  storeBytes(fn, place, offset, width, bits);
}

function fitting(fn: FunctionState, { type, bits }: BitFieldPlace, value: Value, node: ts.Node): ScalarValue {
  const range = rangeOfBits(type, bits.size);
  if (value.kind === "constant" && type.name !== "bool") {
    if (value.value < range.min || value.value > range.max)
      reject(
        node,
        "WG2001",
        `${value.value} does not fit ${bits.size} bits of ${nameOf(type)}, which hold ${range.min} to ${range.max}`,
        "give the field more bits",
      );
  }
  const given = coerce(fn, value, type, node);
  const { min, max } = boundsOf(given);
  if (min < range.min || max > range.max)
    reject(
      node,
      "WG2002",
      `${nameOf(value.kind === "scalar" ? value.type : type)} may not fit ${bits.size} bits`,
      type.signed
        ? `compare it first: the field holds ${range.min} to ${range.max}`
        : `keep the low bits: x & ${range.max}${type.size === 8 ? "n" : ""}`,
    );
  return given;
}

/** What compound assignment and `++` store: as a type of n bytes wraps at its width, a field of n bits does. */
export function wrappedToPlace(fn: FunctionState, place: MemoryValue, value: Value): Value {
  if (value.kind !== "scalar" || !isNumber(value)) return value;
  // A place of its own type is what it is to wrap for.
  if (!isBitField(place)) return scalar(value.type, value.id, value.range);
  const { type } = place;
  const { size } = place.bits;
  const range = rangeOfBits(type, size);
  const { min, max } = boundsOf(value);
  if (min >= range.min && max <= range.max) return value;
  const { builder } = fn;
  const own = convertInt(fn, value, type);
  const register = registerOf(type);
  if (!type.signed)
    return scalar(type, builder.binary("and", own.id, builder.const(register, range.max)), range);
  const by = builder.const(register, BigInt((register === "i64" ? 64 : 32) - size));
  return scalar(type, builder.binary("ashr", builder.binary("shl", own.id, by), by), range);
}
