/** C's layout of structs and arrays for BPF. */
import type { ArrayType, DataType, Field, StructType } from "./data-type.js";

/** The size of a type in bytes, padding included. */
export function sizeOf(type: DataType): number {
  if (type.kind === "pointer") return 8;
  if (type.kind === "array") return sizeOf(type.element) * type.length;
  return type.size;
}

/** The alignment of a type in bytes. */
export function alignOf(type: DataType): number {
  if (type.kind === "pointer") return 8;
  if (type.kind === "array") return alignOf(type.element);
  return type.kind === "struct" ? type.align : type.size;
}

const alignUp = (offset: number, align: number): number => Math.ceil(offset / align) * align;

/** A struct whose fields follow one another, each at its alignment. */
export function layOutStruct(name: string, members: readonly { name: string; type: DataType }[]): StructType {
  const fields: Field[] = [];
  let offset = 0;
  let align = 1;
  for (const member of members) {
    const memberAlign = alignOf(member.type);
    offset = alignUp(offset, memberAlign);
    fields.push({ ...member, offset });
    offset += sizeOf(member.type);
    align = Math.max(align, memberAlign);
  }
  return { kind: "struct", name, union: false, fields, size: alignUp(offset, align), align };
}

/** An array of `length` elements. */
export function arrayOf(element: DataType, length: number, text = false): ArrayType {
  return { kind: "array", element, length, text };
}

/** Whether two types lie in memory alike, so that one can be copied to the other: names of structs do not matter. */
export function sameLayout(left: DataType, right: DataType): boolean {
  if (left === right) return true;
  if (left.kind === "array" && right.kind === "array") {
    return left.length === right.length && sameLayout(left.element, right.element);
  }
  if (left.kind === "struct" && right.kind === "struct") {
    return (
      left.fields.length === right.fields.length &&
      left.fields.every((field, index) => {
        const other = right.fields[index];
        return (
          other !== undefined &&
          other.name === field.name &&
          other.offset === field.offset &&
          sameLayout(field.type, other.type)
        );
      })
    );
  }
  if (left.kind === "int" && right.kind === "int") return left.name === right.name;
  return left.kind === right.kind;
}

/** Whether every byte of the type belongs to a field. */
export function isDense(type: DataType): boolean {
  if (type.kind === "array") return isDense(type.element);
  if (type.kind !== "struct") return true;
  return (
    type.fields.every((field) => isDense(field.type)) &&
    type.fields.reduce((sum, field) => sum + sizeOf(field.type), 0) === type.size
  );
}
