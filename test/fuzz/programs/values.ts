/** Values of generated programs, and how they lie in bytes. */
import {
  type Aggregate,
  cut,
  isScalar,
  type Order,
  placesOf,
  type Scalar,
  sizeOf,
  type Type,
  wrap,
} from "./types.js";

/** Memory with named parts (a struct; a map's number, whose one part is `value`) or numbered ones (an array). */
export interface Memory {
  readonly parts: Map<string, Value>;
}
/** A number, or memory by reference; null is a reference that leads nowhere. */
export type Value = bigint | Memory | null;

/** Whether a value is memory. */
export const isMemory = (value: Value | undefined): value is Memory =>
  typeof value === "object" && value !== null;

/** Its parts by name, with their types and, for bit fields, widths. */
export function partsOf(
  type: Aggregate,
): { readonly name: string; readonly type: Type; readonly width?: number }[] {
  if (type.kind === "struct") return [...type.fields];
  return Array.from({ length: type.length }, (_, index) => ({ name: String(index), type: type.element }));
}

/** A value of zeroes. */
export function zero(type: Type): bigint | Memory {
  if (isScalar(type)) return 0n;
  return { parts: new Map(partsOf(type).map((part) => [part.name, zero(part.type)])) };
}

/** A copy that shares nothing. */
export function copy(value: Value): Value {
  if (!isMemory(value)) return value;
  return { parts: new Map([...value.parts].map(([name, part]) => [name, copy(part)])) };
}

/** Copies what `from` holds into `to`, which stays the same memory. */
export function copyInto(to: Memory, from: Memory): void {
  for (const [name, value] of [...from.parts]) {
    const old = to.parts.get(name);
    if (isMemory(old) && isMemory(value)) copyInto(old, value);
    else to.parts.set(name, copy(value));
  }
}

const isLittle = (type: Scalar, order: Order): boolean => type.kind !== "be" && order === "little";

function readNumber(bytes: Uint8Array, at: number, size: number, little: boolean): bigint {
  let value = 0n;
  for (let index = 0; index < size; index++)
    value |= BigInt(bytes[at + index] ?? 0) << BigInt(8 * (little ? index : size - 1 - index));
  return value;
}

function writeNumber(bytes: Uint8Array, at: number, size: number, little: boolean, value: bigint): void {
  for (let index = 0; index < size; index++)
    bytes[at + index] = Number((value >> BigInt(8 * (little ? index : size - 1 - index))) & 255n);
}

/** Reads a value from bytes. */
export function decode(type: Type, bytes: Uint8Array, at: number, order: Order): bigint | Memory {
  if (isScalar(type)) return wrap(type, readNumber(bytes, at, sizeOf(type), isLittle(type, order)));
  if (type.kind === "array") {
    const size = sizeOf(type.element);
    const parts = partsOf(type).map(
      ({ name }, index) => [name, decode(type.element, bytes, at + index * size, order)] as const,
    );
    return { parts: new Map(parts) };
  }
  const parts = placesOf(type, order).places.map(({ field, offset, shift }) => {
    if (field.width === undefined)
      return [field.name, decode(field.type, bytes, at + offset, order)] as const;
    const unit = readNumber(bytes, at + offset, sizeOf(field.type), order === "little");
    const signed = field.type.kind === "int" && field.type.signed;
    return [field.name, cut(field.width, signed, unit >> BigInt(shift))] as const;
  });
  return { parts: new Map(parts) };
}

/** Writes a value to bytes; padding stays as it is. */
export function encode(type: Type, value: Value, bytes: Uint8Array, at: number, order: Order): void {
  if (isScalar(type)) {
    if (typeof value === "bigint") writeNumber(bytes, at, sizeOf(type), isLittle(type, order), value);
    return;
  }
  if (!isMemory(value)) return;
  if (type.kind === "array") {
    const size = sizeOf(type.element);
    for (const [index, { name }] of partsOf(type).entries())
      encode(type.element, value.parts.get(name) ?? 0n, bytes, at + index * size, order);
    return;
  }
  for (const { field, offset, shift } of placesOf(type, order).places) {
    const part = value.parts.get(field.name) ?? 0n;
    if (field.width === undefined) encode(field.type, part, bytes, at + offset, order);
    else if (typeof part === "bigint") {
      const size = sizeOf(field.type);
      const mask = ((1n << BigInt(field.width)) - 1n) << BigInt(shift);
      const unit = readNumber(bytes, at + offset, size, order === "little");
      const bits = (part << BigInt(shift)) & mask;
      writeNumber(bytes, at + offset, size, order === "little", (unit & ~mask) | bits);
    }
  }
}
