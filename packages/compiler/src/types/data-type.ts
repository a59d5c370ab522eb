/**
 * How a value lies in memory: sizes, alignments and offsets in bytes, as the C ABI for BPF lays them out. The frontend
 * makes these from TypeScript types; BTF is made from them.
 */
export type DataType = IntType | PointerType | ArrayType | StructType | EnumType;

/** An integer or a boolean in memory. */
export interface IntType {
  readonly kind: "int";
  /** BTF name: `u8`, `u16`, `u32`, `u64`, `i8`, `i16`, `i32`, `i64`, `bool`, `char`; or `__be16`, `__be32`, `__be64`. */
  readonly name: string;
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  /** Stored big-endian whatever the target's byte order is. Emitted as a typedef of that name, as the kernel has it. */
  readonly bigEndian: boolean;
  /** The enum whose members it holds; it computes as the integer that it is, and BTF shows the enum. */
  readonly enumeration?: EnumType;
}

/** What carries words of the user's own in BTF, in alphabetical order; absent where there are none. */
export interface HasTags {
  readonly tags?: readonly string[];
}

/** An 8-byte address. Its tags are type tags (`BTF_KIND_TYPE_TAG`), those of all else declaration tags. `to` is null for `void *`; a thunk, because types may refer to themselves through pointers. */
export interface PointerType extends HasTags {
  readonly kind: "pointer";
  readonly to: (() => DataType) | null;
}

/** `text` marks bytes that hold a NUL-terminated string (`CString<N>`, `char[N]` in BTF). */
export interface ArrayType {
  readonly kind: "array";
  readonly element: DataType;
  readonly length: number;
  readonly text: boolean;
}

export interface StructType extends HasTags {
  readonly kind: "struct";
  readonly name: string;
  readonly union: boolean;
  readonly fields: readonly Field[];
  readonly size: number;
  readonly align: number;
}

export interface Field extends HasTags {
  readonly name: string;
  readonly type: DataType;
  /** Bytes from the start of the struct; of a bit field, the byte in which it begins. */
  readonly offset: number;
  /** Of a bit field. */
  readonly bits?: BitRange;
}

/**
 * Where a bit field is in its struct. Bits count from the start of the struct as BTF counts them: within a byte from the
 * least significant one on little-endian targets, and from the most significant one on big-endian targets.
 */
export interface BitRange {
  readonly offset: number;
  readonly size: number;
}

/** A TypeScript enum or `as const` object used as a type. */
export interface EnumType {
  readonly kind: "enum";
  readonly name: string;
  readonly size: 4 | 8;
  readonly signed: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}
