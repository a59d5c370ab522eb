/** `.BTF` and `.BTF.ext` of an object: types of functions, maps and variables, and the source line of each instruction. */
import type { Btf, BtfExt, TypeId } from "@waggle/object";
import { BtfBuilder } from "@waggle/object";
import type { ExternDefinition, IrFunction, MapDefinition, Module } from "../ir/types.js";
import { makesTailCall } from "../target/tail-calls.js";
import { integers } from "../types/integers.js";
import type { TypeEmitter } from "./data-types.js";
import { btfName, emitTags, emitType, typeEmitter, unsignedInt } from "./data-types.js";
import type { CodeSection, DataSection, MapField, PlacedMap } from "./layout.js";

/** Columns above this do not fit a line record (`BPF_LINE_INFO_LINE_COL`). */
const maxColumn = 1023;
/** A decl tag with this before the map's name says what a ring buffer's records are. */
export const recordTag = "waggle:record:";

export interface ObjectLayout {
  readonly code: readonly CodeSection[];
  readonly data: readonly DataSection[];
  readonly maps: readonly PlacedMap[];
}

/** Describes the object. Equal input gives equal output. */
export function buildBtf(module: Module, layout: ObjectLayout): { readonly btf: Btf; readonly ext: BtfExt } {
  const builder = new BtfBuilder();
  const types = typeEmitter(builder);
  const functionTypes = new Map<string, TypeId>();
  for (const f of module.functions) functionTypes.set(f.name, emitFunction(types, f));
  if (layout.maps.length > 0) emitMaps(types, layout.maps);
  for (const section of layout.data) emitDataSection(types, section);
  if (module.externs.length > 0) emitExterns(types, module.externs);
  // The roots of relocations come after what else there is, and before the types are complete.
  const relocations = describeRelocations(types, layout.code);
  return {
    btf: builder.build(),
    ext: { ...describeCode(module, layout.code, functionTypes), relocations },
  };
}

function emitPrototype(types: TypeEmitter, { params, returns }: IrFunction["prototype"]): TypeId {
  return types.builder.add({
    kind: "function-proto",
    returns: returns === null ? 0 : emitType(types, returns),
    params: params.map(({ name, type }) => ({ name: btfName(name), type: emitType(types, type) })),
  });
}

function emitFunction(types: TypeEmitter, f: IrFunction): TypeId {
  const { builder } = types;
  // The verifier takes a tail call only out of functions that give an int; one that gives nothing leaves 0 in R0.
  const returns = f.prototype.returns ?? (makesTailCall(f) && f.section === null ? integers.i32 : null);
  const proto = emitPrototype(types, { ...f.prototype, returns });
  // The verifier follows a static function from its callers, with what they know of the arguments, and a global one on its own.
  const linkage = f.section === null ? f.linkage : "global";
  const id = builder.add({ kind: "function", name: btfName(f.name), type: proto, linkage });
  emitTags(types, f, id);
  for (const [index, param] of f.prototype.params.entries()) emitTags(types, param, id, index);
  return id;
}

/** Kernel functions, in the section that libbpf looks for them in. */
function emitExterns(types: TypeEmitter, externs: readonly ExternDefinition[]): void {
  const { builder } = types;
  const variables = externs.map(({ name, prototype }) => {
    const type = emitPrototype(types, prototype);
    return { type: builder.add({ kind: "function", name, type, linkage: "extern" }), offset: 0, size: 0 };
  });
  builder.add({ kind: "section", name: ".ksyms", size: 0, variables });
}

function describeRelocations(types: TypeEmitter, code: readonly CodeSection[]): BtfExt["relocations"] {
  return code.flatMap(({ name: section, functions }) =>
    functions.flatMap(({ function: f, offset }) =>
      f.questions.map(({ instruction, relocation: { kind, root, access } }) => ({
        section,
        offset: offset + instruction * 8,
        type: emitType(types, root),
        access,
        kind,
      })),
    ),
  );
}

/** Map definitions as libbpf reads them: numbers are `int (*)[N]`, types are pointers. */
function emitMaps(types: TypeEmitter, maps: readonly PlacedMap[]): void {
  const { builder } = types;
  const int = builder.add({ kind: "int", name: "int", size: 4, bits: 32, bitOffset: 0, encoding: "signed" });
  const pointer = (type: TypeId): TypeId => builder.add({ kind: "pointer", type });
  // The kernel refuses arrays of 4 GiB: there a byte stands for the int. Readers look at the length only.
  const number = (length: number): TypeId => {
    const type = length < 2 ** 30 ? int : unsignedInt(builder, "u8", 1);
    return pointer(builder.add({ kind: "array", type, index: int, length }));
  };
  const definition = (map: MapDefinition, fields: readonly MapField[]): TypeId => {
    const members = fields.map((field, index) => ({
      name: field.name,
      type: fieldType(map, field),
      bitOffset: index * 64,
      bitSize: 0,
    }));
    return builder.add({ kind: "struct", name: "", size: sizeOfFields(fields), members });
  };
  const fieldType = (map: MapDefinition, field: MapField): TypeId => {
    if ("number" in field) return number(field.number);
    if ("inner" in field) {
      const inner = pointer(definition(field.map, field.inner));
      return builder.add({ kind: "array", type: inner, index: int, length: 0 });
    }
    const type = map[field.type];
    return pointer(type === null ? 0 : emitType(types, type));
  };
  const variables = maps.map(({ map, offset, fields }) => {
    const size = sizeOfFields(fields);
    const struct = definition(map, fields);
    if (map.record !== null) emitRecordTag(types, map.name, emitType(types, map.record), map.record.kind);
    const type = builder.add({ kind: "variable", name: btfName(map.name), type: struct, linkage: "global" });
    emitTags(types, map, type);
    return { type, offset, size };
  });
  const size = variables.reduce((sum, variable) => sum + variable.size, 0);
  builder.add({ kind: "section", name: ".maps", size, variables });
}

/** The array at the end of a map of maps has no elements. */
const sizeOfFields = (fields: readonly MapField[]): number =>
  fields.filter((field) => !("inner" in field)).length * 8;

function emitRecordTag({ builder }: TypeEmitter, map: string, record: TypeId, kind: string): void {
  // The kernel lets decl tags point at structs, typedefs, variables and functions only.
  const type =
    kind === "struct"
      ? record
      : builder.add({ kind: "typedef", name: `${btfName(map)}_record`, type: record });
  builder.add({ kind: "decl-tag", name: `${recordTag}${map}`, type, component: -1 });
}

function emitDataSection(types: TypeEmitter, { name, size, variables }: DataSection): void {
  const { builder } = types;
  const placed = variables.map(({ data, offset }) => {
    const type = builder.add({
      kind: "variable",
      name: btfName(data.name),
      type: emitType(types, data.type),
      linkage: data.isPrivate === true ? "static" : "global",
    });
    emitTags(types, data, type);
    return { type, offset, size: data.initial.length };
  });
  builder.add({ kind: "section", name, size, variables: placed });
}

function describeCode(
  module: Module,
  code: readonly CodeSection[],
  functionTypes: ReadonlyMap<string, TypeId>,
): Omit<BtfExt, "relocations"> {
  const functions: BtfExt["functions"][number][] = [];
  const lines: BtfExt["lines"][number][] = [];
  const texts = module.sources.map(({ text }) => text.split(/\r?\n/));
  for (const section of code) {
    for (const { function: f, offset } of section.functions) {
      functions.push({ section: section.name, offset, type: functionTypes.get(f.name) ?? 0 });
      for (const { instruction, location } of f.lines) {
        lines.push({
          section: section.name,
          offset: offset + instruction * 8,
          file: module.sources[location.file]?.path ?? "",
          source: texts[location.file]?.[location.line - 1] ?? "",
          line: location.line,
          column: Math.min(location.column, maxColumn),
        });
      }
    }
  }
  // The kernel wants a line for every function's first instruction, or none at all.
  const started = new Set(lines.map((line) => `${line.section}:${line.offset}`));
  const complete = functions.every((f) => started.has(`${f.section}:${f.offset}`));
  return { functions, lines: complete ? lines : [] };
}
