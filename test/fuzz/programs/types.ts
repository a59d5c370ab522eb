/** The types of generated programs, and their layout in memory: C's, computed here anew. */

/** How bytes of a number follow each other. */
export type Order = "little" | "big";

/** An integer in host byte order. */
export interface IntType {
  readonly kind: "int";
  readonly name: string;
  readonly bits: number;
  readonly signed: boolean;
}
/** A big-endian integer; its value is the number in host order. */
export interface BigEndianType {
  readonly kind: "be";
  readonly name: string;
  readonly bits: number;
}
/** A boolean: 0 or 1. */
export interface BooleanType {
  readonly kind: "bool";
  readonly name: "boolean";
}
/** An enum of 32 bits. */
export interface EnumType {
  readonly kind: "enum";
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly value: bigint }[];
}
/** A struct. */
export interface StructType {
  readonly kind: "struct";
  readonly name: string;
  readonly packed: boolean;
  readonly fields: readonly Field[];
}
/** A field; of a bit field, `width` is its number of bits. */
export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly width?: number;
}
/** `length` elements in a row. */
export interface ArrayType {
  readonly kind: "array";
  readonly element: Type;
  readonly length: number;
}
/** What a variable holds by value. */
export type Scalar = IntType | BigEndianType | BooleanType | EnumType;
/** What lies in memory. */
export type Aggregate = StructType | ArrayType;
/** Any type. */
export type Type = Scalar | Aggregate;

const int = (name: string, bits: number, signed: boolean): IntType => ({ kind: "int", name, bits, signed });

/** The eight integer types by name. */
export const ints = {
  u8: int("u8", 8, false),
  u16: int("u16", 16, false),
  u32: int("u32", 32, false),
  u64: int("u64", 64, false),
  i8: int("i8", 8, true),
  i16: int("i16", 16, true),
  i32: int("i32", 32, true),
  i64: int("i64", 64, true),
} as const;

/** All integer types. */
export const allInts: readonly IntType[] = Object.values(ints);

/** The big-endian types. */
export const bigEndians: readonly BigEndianType[] = [16, 32, 64].map((bits) => ({
  kind: "be",
  name: `be${bits}`,
  bits,
}));

/** `boolean`. */
export const boolean: BooleanType = { kind: "bool", name: "boolean" };

/** Whether two types are one. Structs and enums are told apart by their names. */
export function sameType(a: Type, b: Type): boolean {
  if (a.kind === "array" || b.kind === "array")
    return (
      a.kind === "array" && b.kind === "array" && a.length === b.length && sameType(a.element, b.element)
    );
  return a.name === b.name;
}

/** Whether the type is a scalar. */
export const isScalar = (type: Type): type is Scalar => type.kind !== "struct" && type.kind !== "array";

/** The type as TypeScript. */
export function typeText(type: Type): string {
  return type.kind === "array" ? `FixedArray<${typeText(type.element)}, ${type.length}>` : type.name;
}

/** `value` cut to `bits` bits. */
export const cut = (bits: number, signed: boolean, value: bigint): bigint =>
  signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);

/** `value` cut to the type. */
export function wrap(type: Scalar, value: bigint): bigint {
  if (type.kind === "int") return cut(type.bits, type.signed, value);
  if (type.kind === "be") return cut(type.bits, false, value);
  return value;
}

/** The integer type in which two operands meet; null where the language has none. */
export function meet(a: IntType, b: IntType): IntType | null {
  if ((a.bits === 64) !== (b.bits === 64)) return null;
  if (a.signed === b.signed) return a.bits >= b.bits ? a : b;
  const [signed, unsigned] = a.signed ? [a, b] : [b, a];
  const bits = signed.bits > unsigned.bits ? signed.bits : unsigned.bits * 2;
  return allInts.find((type) => type.signed && type.bits === bits && bits < 64) ?? null;
}

/** Bytes of a type in memory. */
export function sizeOf(type: Type): number {
  if (type.kind === "array") return sizeOf(type.element) * type.length;
  if (type.kind === "struct") return placesOf(type, "little").size;
  if (type.kind === "bool") return 1;
  return type.kind === "enum" ? 4 : type.bits / 8;
}

/** The multiple of bytes at which a type begins. */
export function alignOf(type: Type): number {
  if (type.kind === "array") return alignOf(type.element);
  if (type.kind === "struct")
    return type.packed ? 1 : Math.max(1, ...type.fields.map((field) => alignOf(field.type)));
  return sizeOf(type);
}

/** Where a field lies: its first byte, and for a bit field the bits above the lowest one of the unit at that byte. */
export interface FieldPlace {
  readonly field: Field;
  readonly offset: number;
  readonly shift: number;
}

/** Where the fields of a struct lie. */
export function placesOf(
  { fields, packed }: StructType,
  order: Order,
): { readonly size: number; readonly places: readonly FieldPlace[] } {
  let bit = 0;
  let align = 1;
  const places = fields.map((field): FieldPlace => {
    const size = sizeOf(field.type);
    const own = packed ? 1 : alignOf(field.type);
    align = Math.max(align, own);
    if (field.width === undefined) {
      const offset = Math.ceil(bit / 8 / own) * own;
      bit = (offset + size) * 8;
      return { field, offset, shift: 0 };
    }
    // A bit field does not cross the border of a unit of its declared type.
    if (Math.floor(bit / (size * 8)) !== Math.floor((bit + field.width - 1) / (size * 8)))
      bit = Math.ceil(bit / (size * 8)) * size * 8;
    const offset = Math.floor(bit / (size * 8)) * size;
    const from = bit - offset * 8;
    bit += field.width;
    return { field, offset, shift: order === "little" ? from : size * 8 - from - field.width };
  });
  return { size: Math.ceil(bit / 8 / align) * align, places };
}
