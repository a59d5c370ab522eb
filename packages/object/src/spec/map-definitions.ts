import { sizeOfType, skipModifiers } from "../btf/layout.js";
import { findType } from "../btf/names.js";
import type { Btf, BtfMember, BtfType, TypeId } from "../btf/types.js";
import { RelocationType, SymbolType } from "../elf/types.js";
import { ObjectError } from "../errors.js";
import { mapTypeByValue } from "../interface/map-types.js";
import { nearest } from "../nearest.js";
import type { ObjectFile } from "./object-file.js";
import { describeSymbol, sectionNamed } from "./object-file.js";
import type { MapSpec } from "./types.js";

/** Name of the section that holds map definitions. */
export const MAPS_SECTION = ".maps";

/** Start of the decl tag that tells the record type of a ring buffer; the map's name follows. */
export const RECORD_TAG = "waggle:record:";

/** A map with the place of its definition in `.maps`, which code refers to. */
export interface DefinedMap {
  readonly offset: number;
  readonly spec: MapSpec;
}

/** What a definition's fields say, before it is known to be complete. */
interface Draft {
  readonly name: string;
  readonly numbers: Map<string, bigint>;
  key: TypeId | null;
  value: TypeId | null;
  inner: MapSpec | null;
  /** Byte offset of `values` in the definition; null when it has none. */
  valuesOffset: number | null;
}

type FieldReader = (btf: Btf, member: BtfMember, draft: Draft, fail: Fail, depth: number) => void;
type Fail = (problem: string) => never;

/** libbpf's fields (bpf_helpers.h, `parse_btf_map_def`), each with how it is written. */
const fieldReaders: Readonly<Record<string, FieldReader>> = {
  type: readNumber,
  max_entries: readNumber,
  map_flags: readNumber,
  numa_node: readNumber,
  map_extra: readNumber,
  key_size: readNumber,
  value_size: readNumber,
  pinning: readNumber,
  key: (btf, member, draft, fail) => {
    draft.key = pointedType(btf, member, fail);
  },
  value: (btf, member, draft, fail) => {
    draft.value = pointedType(btf, member, fail);
  },
  values: readValues,
};

/**
 * Reads the maps that `.maps` defines, by offset ascending.
 * @throws ObjectError "bad-map" naming the map and the field at fault
 */
export function readMapDefinitions(file: ObjectFile): DefinedMap[] {
  const { elf, btf } = file;
  const legacy = sectionNamed(elf, "maps");
  if (legacy !== null && legacy.size > 0) {
    throw new ObjectError(
      "bad-map",
      'section "maps" holds map definitions of the old form (struct bpf_map_def): define them in ".maps" with BTF',
      { section: "maps" },
    );
  }
  const section = sectionNamed(elf, MAPS_SECTION);
  if (section === null || section.size === 0) return [];
  const where = { section: MAPS_SECTION };
  if (btf === null) {
    throw new ObjectError(
      "bad-map",
      "the object has .maps but no .BTF, which describes them: build it with debug information (-g)",
      where,
    );
  }
  const sectionType = btf.types[findType(btf, "section", MAPS_SECTION) ?? 0];
  if (sectionType?.kind !== "section") {
    throw new ObjectError("bad-map", "BTF does not describe the section .maps", where);
  }
  const names = new Set<string>();
  return sectionType.variables.map(({ type, offset }) => {
    const variable = btf.types[type];
    if (variable?.kind !== "variable") {
      throw new ObjectError("bad-map", `.maps+${offset}: BTF type ${type} is not a variable`, {
        ...where,
        offset,
      });
    }
    const { name } = variable;
    if (names.has(name)) {
      throw new ObjectError("bad-map", `two maps are called ${name}`, { ...where, name });
    }
    names.add(name);
    const spec = readDefinition(btf, name, variable.type, 0);
    return { offset, spec: withSlots(file, offset, spec) };
  });
}

function readDefinition(btf: Btf, name: string, type: TypeId, depth: number): DefinedSpec {
  const fail: Fail = (problem) => {
    throw new ObjectError("bad-map", `map ${name}: ${problem}`, { section: MAPS_SECTION, name });
  };
  const definition = btf.types[skipModifiers(btf, type)];
  if (definition?.kind !== "struct") {
    return fail("its definition is not a struct");
  }
  const draft: Draft = { name, numbers: new Map(), key: null, value: null, inner: null, valuesOffset: null };
  for (const member of definition.members) {
    const reader = Object.hasOwn(fieldReaders, member.name) ? fieldReaders[member.name] : undefined;
    if (reader === undefined) {
      const close = nearest(member.name, Object.keys(fieldReaders));
      const hint =
        close === null ? `known are ${Object.keys(fieldReaders).join(", ")}` : `did you mean ${close}?`;
      fail(`unknown field ${member.name}; ${hint}`);
    } else {
      reader(btf, member, draft, (problem) => fail(`field ${member.name} ${problem}`), depth);
    }
  }
  return finish(btf, name, draft, fail);
}

type DefinedSpec = { readonly spec: MapSpec; readonly valuesOffset: number | null };

function finish(btf: Btf, name: string, draft: Draft, fail: Fail): DefinedSpec {
  const number = (field: string): bigint | null => draft.numbers.get(field) ?? null;
  const small = (field: string): number | null => {
    const value = number(field);
    if (value === null) return null;
    return value >= 0n && value <= 0xffffffffn
      ? Number(value)
      : fail(`field ${field} is ${value}, not a 32-bit number`);
  };
  const typeValue = small("type");
  if (typeValue === null) return fail("its definition has no field type");
  const type = mapTypeByValue(typeValue);
  if (type === null) return fail(`map type ${typeValue} is not known`);
  const pinning = small("pinning") ?? 0;
  if (pinning > 1) return fail(`pinning ${pinning} is neither 0 (none) nor 1 (by name)`);
  const holdsDescriptors = draft.valuesOffset !== null;
  const size = (field: "key" | "value"): number => {
    const given = small(`${field}_size`);
    const described =
      draft[field] === null
        ? null
        : sizeOf(btf, draft[field], (problem) => fail(`field ${field} ${problem}`));
    if (given !== null && described !== null && given !== described) {
      return fail(`${field}_size is ${given}, but the ${field} type has ${described} bytes`);
    }
    return given ?? described ?? (field === "value" && holdsDescriptors ? 4 : 0);
  };
  const numaNode = small("numa_node");
  const mapExtra = number("map_extra");
  const spec: MapSpec = {
    name,
    type,
    keySize: size("key"),
    valueSize: size("value"),
    maxEntries: small("max_entries") ?? 0,
    flags: small("map_flags") ?? 0,
    keyType: draft.key,
    // The value of a perf event array is a descriptor; it says nothing about records.
    valueType:
      type.name === "perf-event-array" ? recordType(btf, name) : (draft.value ?? recordType(btf, name)),
    pinning: pinning === 1 ? "by-name" : "none",
    data: null,
    ...(numaNode === null ? {} : { numaNode }),
    ...(mapExtra === null ? {} : { mapExtra }),
    ...(draft.inner === null ? {} : { inner: draft.inner }),
  };
  if (!holdsDescriptors) return { spec, valuesOffset: null };
  if (spec.valueSize !== 4) return fail(`values are 4 bytes wide, not ${spec.valueSize}`);
  if (!Object.hasOwn(heldKinds, type.name))
    return fail(`a map of type ${type.name} has no values: program arrays and maps of maps have`);
  if (heldKinds[type.name] !== (draft.inner === null ? "functions" : "maps"))
    return fail(
      `field values is an array of pointers to ${heldKinds[type.name]} in a map of type ${type.name}`,
    );
  return { spec, valuesOffset: draft.valuesOffset };
}

/** What the field `values` of a map's definition points to, by type of map. */
const heldKinds: Readonly<Record<string, "functions" | "maps">> = {
  "program-array": "functions",
  "array-of-maps": "maps",
  "hash-of-maps": "maps",
};

/** What ring buffers and perf event arrays carry: a decl tag has the type, as the definition has no place for it. */
function recordType(btf: Btf, name: string): TypeId | null {
  const tag = btf.types[findType(btf, "decl-tag", `${RECORD_TAG}${name}`) ?? 0];
  return tag?.kind === "decl-tag" ? tag.type : null;
}

/** `int (*field)[N]`, or for numbers over 31 bits an enumeration of one value. */
function readNumber(btf: Btf, member: BtfMember, draft: Draft, fail: Fail): void {
  const type = resolve(btf, member.type);
  if ((type?.kind === "enum" || type?.kind === "enum64") && type.values[0] !== undefined) {
    draft.numbers.set(member.name, type.values[0].value);
    return;
  }
  const array = type?.kind === "pointer" ? resolve(btf, type.type) : undefined;
  if (array?.kind !== "array") fail("is not a number written as int (*)[N]");
  draft.numbers.set(member.name, BigInt(array.length));
}

function pointedType(btf: Btf, member: BtfMember, fail: Fail): TypeId {
  const type = resolve(btf, member.type);
  if (type?.kind !== "pointer") return fail("is not a pointer to its type");
  return type.type;
}

/** `struct inner *values[]` of a map of maps, or `int (*values[])()` of a program array. */
function readValues(btf: Btf, member: BtfMember, draft: Draft, fail: Fail, depth: number): void {
  if (depth > 0) fail("cannot stand in an inner map: maps nest once");
  const array = resolve(btf, member.type);
  const pointer = array?.kind === "array" ? resolve(btf, array.type) : undefined;
  const target = pointer?.kind === "pointer" ? skipModifiers(btf, pointer.type) : null;
  const kind = target === null ? null : btf.types[target]?.kind;
  if (target === null || (kind !== "struct" && kind !== "function-proto")) {
    fail("is not an array of pointers to map definitions or functions");
  }
  draft.valuesOffset = member.bitOffset / 8;
  if (kind === "struct") draft.inner = readDefinition(btf, `${draft.name}.inner`, target, depth + 1).spec;
}

function resolve(btf: Btf, id: TypeId): BtfType | undefined {
  return btf.types[skipModifiers(btf, id)];
}

function sizeOf(btf: Btf, type: TypeId, fail: Fail): number {
  try {
    return sizeOfType(btf, type);
  } catch (error) {
    if (error instanceof ObjectError) return fail(`has no size: ${error.message}`);
    throw error;
  }
}

/** Puts in the first values that relocations of `.maps` name. */
function withSlots(file: ObjectFile, offset: number, { spec, valuesOffset }: DefinedSpec): MapSpec {
  if (valuesOffset === null) return spec;
  const { elf } = file;
  const start = offset + valuesOffset;
  const index = elf.sections.findIndex((section) => section.name === MAPS_SECTION);
  const others = elf.symbols.filter((symbol) => symbol.section === index && symbol.value > offset);
  const end = Math.min(...others.map((symbol) => symbol.value), elf.sections[index]?.size ?? 0);
  const slots = (elf.relocations.get(index) ?? [])
    .filter((relocation) => relocation.offset >= start && relocation.offset < end)
    .map((relocation) => {
      const symbol = elf.symbols[relocation.symbol];
      const slot = (relocation.offset - start) / 8;
      const named = symbol !== undefined && symbol.type !== SymbolType.Section && symbol.name !== "";
      if (!named || !Number.isInteger(slot) || relocation.type !== RelocationType.Abs64) {
        const what = symbol === undefined ? "nothing" : describeSymbol(elf, symbol);
        throw new ObjectError(
          "bad-relocation",
          `map ${spec.name}: the value at .maps+${relocation.offset} is ${what}, not the address of a map or program`,
          { section: MAPS_SECTION, name: spec.name, offset: relocation.offset },
        );
      }
      return { index: slot, name: symbol.name };
    });
  return slots.length === 0 ? spec : { ...spec, slots };
}
