/** Kinds of contexts: what lies at the address that a program receives. */

import {
  type ContextField,
  type ContextStruct,
  contextStructByName,
  type ProgramKindRow,
} from "@waggle/object";
import type { DataType, IntType, StructType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { arrayOf } from "../../types/layout.js";

/** A kind of context. */
export interface ContextShape {
  readonly program: ProgramKindRow;
  /** As BTF has it. */
  readonly type: DataType;
  /** The fields of a context that is a struct of linux/bpf.h; null for others. */
  readonly layout: ContextStruct | null;
}

const numbers: Readonly<Record<ContextField["type"], IntType>> = {
  u8: integers.u8,
  u16: integers.u16,
  u32: integers.u32,
  u64: integers.u64,
  i32: integers.i32,
  be16: integers.__be16,
  be32: integers.__be32,
};

/** The number that a field is, which may be kept in more bytes than it needs. */
export const numberOf = ({ type }: ContextField): IntType => numbers[type];

/** The type of a field as it lies in memory. */
export function fieldType(field: ContextField): DataType {
  const number: IntType = { ...numberOf(field), size: field.width };
  return field.length === 1 ? number : arrayOf(number, field.length);
}

function structOf({ name, size, fields }: ContextStruct, key: "name" | "title"): StructType {
  return {
    kind: "struct",
    name,
    union: false,
    // A second member of a union would overlap the first in BTF.
    fields: fields
      .filter(({ offset }, index) => fields.findIndex((other) => other.offset === offset) === index)
      .map((field) => ({ name: field[key], type: fieldType(field), offset: field.offset })),
    size,
    align: Math.max(...fields.map(({ width }) => width)),
  };
}

const found = new Map<string, StructType>();

/** A struct of linux/bpf.h that a context leads to, with fields as @waggle/kernel names them. */
export function ownStruct(name: string): StructType | null {
  const known = found.get(name);
  const layout = contextStructByName(name);
  if (known !== undefined || layout === null) return known ?? null;
  const made = structOf(layout, "title");
  found.set(name, made);
  return made;
}

const nothing = (name: string): StructType => ({
  kind: "struct",
  name,
  union: false,
  fields: [],
  size: 0,
  align: 1,
});

const shapes = new Map<string, ContextShape>();

/** The context of a kind of program; null for the kinds whose context depends on the program. */
export function shapeOf(program: ProgramKindRow): ContextShape | null {
  const known = shapes.get(program.name);
  if (known !== undefined) return known;
  const layout = program.struct === null ? null : contextStructByName(program.struct);
  const type =
    program.context === "arguments"
      ? integers.u64
      : program.context === "registers" || program.context === "own"
        ? nothing(program.context === "own" ? "input" : "pt_regs")
        : layout !== null
          ? structOf(layout, "name")
          : null;
  if (type === null) return null;
  const made: ContextShape = { program, type, layout };
  shapes.set(program.name, made);
  return made;
}
