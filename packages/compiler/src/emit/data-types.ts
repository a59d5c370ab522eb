/** BTF of the compiler's data types. */
import type { BtfBuilder, TypeId } from "@waggle/object";
import type {
  ArrayType,
  DataType,
  EnumType,
  HasTags,
  IntType,
  PointerType,
  StructType,
} from "../types/data-type.js";

/** Adds data types to a BTF; one type gets one id. */
export interface TypeEmitter {
  readonly builder: BtfBuilder;
  /** Structs by their C-visible shape, so that two descriptions of one struct share an id. */
  readonly structs: Map<string, TypeId>;
}

export function typeEmitter(builder: BtfBuilder): TypeEmitter {
  return { builder, structs: new Map() };
}

/** A name that the kernel accepts: letters, digits and `_`, no digit first. */
export function btfName(name: string): string {
  const cleaned = name.replace(/[^A-Za-z0-9_]/g, "_");
  return /^\d/.test(cleaned) ? `_${cleaned}` : cleaned;
}

/** The BTF type of `type`. */
export function emitType(emitter: TypeEmitter, type: DataType): TypeId {
  switch (type.kind) {
    case "int":
      return type.enumeration === undefined ? emitInt(emitter, type) : emitEnum(emitter, type.enumeration);
    case "pointer":
      return emitPointer(emitter, type);
    case "array":
      return emitArray(emitter, type);
    case "struct":
      return emitStruct(emitter, type);
    case "enum":
      return emitEnum(emitter, type);
  }
}

/** A BTF integer by name; unsigned. */
export function unsignedInt(builder: BtfBuilder, name: string, size: number): TypeId {
  return builder.add({ kind: "int", name, size, bits: size * 8, bitOffset: 0, encoding: "unsigned" });
}

function emitInt({ builder }: TypeEmitter, { name, size, signed, bigEndian }: IntType): TypeId {
  if (bigEndian) {
    return builder.add({ kind: "typedef", name, type: unsignedInt(builder, `u${size * 8}`, size) });
  }
  const encoding = name === "bool" ? "bool" : signed ? "signed" : "unsigned";
  return builder.add({ kind: "int", name, size, bits: size * 8, bitOffset: 0, encoding });
}

function emitPointer(emitter: TypeEmitter, { to, tags = [] }: PointerType): TypeId {
  let type = to === null ? 0 : emitType(emitter, to());
  for (const name of tags) type = emitter.builder.add({ kind: "type-tag", name, type });
  return emitter.builder.add({ kind: "pointer", type });
}

/** Tags a declaration. @param component the member or parameter that is meant; -1 for the declaration itself */
export function emitTags(
  { builder }: TypeEmitter,
  { tags = [] }: HasTags,
  type: TypeId,
  component = -1,
): void {
  for (const name of tags) builder.add({ kind: "decl-tag", name, type, component });
}

function emitArray(emitter: TypeEmitter, { element, length, text }: ArrayType): TypeId {
  const { builder } = emitter;
  // `char` is signed in C for BPF, and readers tell text from bytes by its name.
  const type = text
    ? builder.add({ kind: "int", name: "char", size: 1, bits: 8, bitOffset: 0, encoding: "signed" })
    : emitType(emitter, element);
  return builder.add({ kind: "array", type, index: unsignedInt(builder, "u32", 4), length });
}

function emitStruct(emitter: TypeEmitter, struct: StructType): TypeId {
  const key = `${struct.tags?.join()} ${struct.union} ${struct.name} ${struct.size} ${struct.fields.map(fieldKey).join()}`;
  const known = emitter.structs.get(key);
  if (known !== undefined) return known;
  // Its id must be known before its members are made: they may point back at it.
  const id = emitter.builder.reserve();
  emitter.structs.set(key, id);
  emitter.builder.define(id, {
    kind: struct.union ? "union" : "struct",
    name: btfName(struct.name),
    size: struct.size,
    members: struct.fields.map((field) => ({
      name: btfName(field.name),
      type: emitType(emitter, field.type),
      bitOffset: field.bits?.offset ?? field.offset * 8,
      bitSize: field.bits?.size ?? 0,
    })),
  });
  emitTags(emitter, struct, id);
  for (const [index, field] of struct.fields.entries()) emitTags(emitter, field, id, index);
  return id;
}

function fieldKey({ name, offset, bits, type, tags }: StructType["fields"][number]): string {
  return `${offset}:${name}:${typeKey(type)}${bits === undefined ? "" : `:${bits.offset}+${bits.size}`}${tags?.join() ?? ""}`;
}

/** Tells types apart that a struct may contain; pointers are not followed, since they may lead back. */
function typeKey(type: DataType): string {
  switch (type.kind) {
    case "int":
      return type.enumeration === undefined ? type.name : typeKey(type.enumeration);
    case "pointer":
      return `*${type.tags?.join() ?? ""}`;
    case "array":
      return `${type.text ? "text" : typeKey(type.element)}[${type.length}]`;
    case "struct":
      return `{${type.tags?.join() ?? ""}${type.name}${type.size}${type.fields.map(fieldKey).join()}}`;
    case "enum":
      return `enum ${type.name}`;
  }
}

function emitEnum({ builder }: TypeEmitter, type: EnumType): TypeId {
  const { size, signed } = type;
  const values = type.values.map(({ name, value }) => ({ name: btfName(name), value }));
  return builder.add({
    kind: size === 8 ? "enum64" : "enum",
    name: btfName(type.name),
    size,
    signed,
    values,
  });
}
