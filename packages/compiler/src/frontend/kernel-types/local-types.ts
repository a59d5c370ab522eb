/**
 * What the source says of the kernel's types. A relocation names a member by its index in the object's own declaration of
 * the type, and only names count: the declaration in the object holds the members that are used, in the order of use.
 */
import type { DataType, EnumType, Field, StructType } from "../../types/data-type.js";
import { alignOf, arrayOf, sizeOf } from "../../types/layout.js";
import { opaquePointer } from "../values/resolve-type.js";

/** A struct or union of the kernel, as far as it is used. */
export interface LocalStruct {
  /** In the kernel's BTF, with a flavour's suffix; empty for an anonymous one. */
  readonly name: string;
  readonly union: boolean;
  /** In the order of their first use. */
  readonly members: LocalMember[];
  /** Stands for the struct in relocations until all its members are known. */
  readonly handle: StructType;
}

export interface LocalMember {
  readonly name: string;
  readonly type: LocalType;
}

/** What a member is. */
export type LocalType =
  | { readonly kind: "struct"; readonly struct: LocalStruct }
  /** `open` when it goes on past its end: the last member of a struct, of no element or, as older kernels write it, of one. */
  | { readonly kind: "array"; readonly element: LocalType; readonly length: number; readonly open: boolean }
  /** `to` is null when it is not a kernel type, or not known. */
  | { readonly kind: "pointer"; readonly to: LocalStruct | null }
  /** A number, text, or an enum. `bits` is the width of a bit field. */
  | { readonly kind: "data"; readonly type: DataType; readonly bits: number | null };

/** An enum of the kernel, as far as it is used. */
export interface LocalEnum {
  readonly name: string;
  readonly values: { readonly name: string; readonly value: bigint }[];
  readonly handle: EnumType;
}

/** A struct without members yet. */
export function localStruct(name: string, union: boolean): LocalStruct {
  const handle: StructType = { kind: "struct", name, union, fields: [], size: 0, align: 1 };
  return { name, union, members: [], handle };
}

/** An enum without members yet. */
export function localEnum(name: string): LocalEnum {
  return { name, values: [], handle: { kind: "enum", name, size: 4, signed: false, values: [] } };
}

/** The type in the object's BTF, once every member that is used is known. One struct gives one type. */
export function finishStruct(struct: LocalStruct, finished: Map<LocalStruct, StructType>): StructType {
  const known = finished.get(struct);
  if (known !== undefined) return known;
  const fields: Field[] = [];
  let end = 0;
  let align = 1;
  for (const { name, type } of struct.members) {
    const data = finishType(type, finished);
    const memberAlign = alignOf(data);
    const offset = struct.union ? 0 : Math.ceil(end / memberAlign) * memberAlign;
    fields.push({ name, type: data, offset });
    end = Math.max(end, offset + sizeOf(data));
    align = Math.max(align, memberAlign);
  }
  const { name, union } = struct;
  const type: StructType = {
    kind: "struct",
    name,
    union,
    fields,
    size: Math.ceil(end / align) * align,
    align,
  };
  finished.set(struct, type);
  return type;
}

function finishType(type: LocalType, finished: Map<LocalStruct, StructType>): DataType {
  switch (type.kind) {
    case "struct":
      return finishStruct(type.struct, finished);
    case "array":
      // A relocation asks for the first element of an open one only, which every kernel's declaration has.
      return arrayOf(finishType(type.element, finished), type.open ? 1 : type.length);
    // Whatever it points to: pointers match pointers.
    case "pointer":
      return opaquePointer;
    case "data":
      return type.type;
  }
}

/** The enum in the object's BTF. */
export function finishEnum({ name, values }: LocalEnum): EnumType {
  const isWide = values.some(({ value }) => value > 0xffff_ffffn || value < -0x8000_0000n);
  return { kind: "enum", name, size: isWide ? 8 : 4, signed: values.some(({ value }) => value < 0n), values };
}
