/** C's layout of structs and arrays for BPF. */
import type { ArrayType, BitRange, DataType, Field, HasTags, StructType } from "./data-type.js";

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

/** What is laid out; `bits` is the width of a bit field. */
export interface Member extends HasTags {
  readonly name: string;
  readonly type: DataType;
  readonly bits?: number | null;
}

/** How a struct departs from the ordinary layout: GNU C's `union`, `packed` and `aligned`. */
export interface LayoutForm extends HasTags {
  readonly union?: boolean;
  readonly packed?: boolean;
  /** The least alignment, a power of two in bytes. */
  readonly aligned?: number;
}

/**
 * A struct whose fields follow one another, each at its alignment. A bit field goes where the one before ended unless it
 * would then cross a boundary of its type (System V ABI, which clang follows for BPF); a packed one always does.
 */
export function layOutStruct(name: string, members: readonly Member[], form: LayoutForm = {}): StructType {
  const { union = false, packed = false, aligned = 1 } = form;
  const fields: Field[] = [];
  let end = 0;
  let size = 0;
  let align = aligned;
  for (const { name: field, type, bits: width = null, tags } of members) {
    const tagged = tags === undefined || tags.length === 0 ? {} : { tags };
    const own = packed ? 1 : alignOf(type);
    if (union) end = 0;
    if (width === null) {
      const offset = alignUp(Math.ceil(end / 8), own);
      fields.push({ name: field, type, offset, ...tagged });
      end = (offset + sizeOf(type)) * 8;
    } else {
      const unit = sizeOf(type) * 8;
      const crosses = Math.floor(end / unit) !== Math.floor((end + width - 1) / unit);
      const bits: BitRange = { offset: !packed && crosses ? alignUp(end, unit) : end, size: width };
      fields.push({ name: field, type, offset: Math.floor(bits.offset / 8), bits, ...tagged });
      end = bits.offset + width;
    }
    size = Math.max(size, Math.ceil(end / 8));
    align = Math.max(align, own);
  }
  const tags = form.tags === undefined || form.tags.length === 0 ? {} : { tags: form.tags };
  return { kind: "struct", name, union, fields, size: alignUp(size, align), align, ...tags };
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
      left.union === right.union &&
      left.size === right.size &&
      left.fields.length === right.fields.length &&
      left.fields.every((field, index) => {
        const other = right.fields[index];
        return (
          other !== undefined &&
          other.name === field.name &&
          other.offset === field.offset &&
          other.bits?.offset === field.bits?.offset &&
          other.bits?.size === field.bits?.size &&
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
  // What a member of a union leaves, and bits between bit fields, belong to no field.
  if (type.union || type.fields.some((field) => field.bits !== undefined)) return false;
  return (
    type.fields.every((field) => isDense(field.type)) &&
    type.fields.reduce((sum, field) => sum + sizeOf(field.type), 0) === type.size
  );
}
