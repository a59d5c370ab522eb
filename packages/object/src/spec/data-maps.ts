import { findType } from "../btf/names.js";
import type { Btf, TypeId } from "../btf/types.js";
import type { ElfSection } from "../elf/types.js";
import { SectionType } from "../elf/types.js";
import { ObjectError } from "../errors.js";
import { mapTypeByName } from "../interface/map-types.js";
import type { ObjectFile } from "./object-file.js";
import { dataSectionKind, describeSymbol } from "./object-file.js";
import type { DataVariable, MapSpec } from "./types.js";

/** `BPF_F_RDONLY_PROG` of linux/bpf.h: programs cannot write the map, and the verifier may know its content. */
export const MAP_FLAG_READ_ONLY_PROGRAM = 1 << 7;

/** Largest data section that is read. NOBITS sections have no bytes in the file to bound what a header can claim. */
const MAX_DATA_SECTION = 64 * 1024 * 1024;

/**
 * The array maps that hold global variables: one for each `.rodata`, `.data` and `.bss` section (and those with more
 * after a dot) that programs refer to or that BTF describes.
 * @param used indexes of the sections that programs refer to
 * @throws ObjectError "bad-map", "bad-relocation" or "bad-btf"
 */
export function readDataMaps(file: ObjectFile, used: ReadonlySet<number>): MapSpec[] {
  const maps: MapSpec[] = [];
  const names = new Set<string>();
  file.elf.sections.forEach((section, index) => {
    const kind = dataSectionKind(section);
    if (kind === null || section.size === 0) return;
    const sectionType = file.btf === null ? null : findType(file.btf, "section", section.name);
    if (!used.has(index) && sectionType === null) return;
    if (names.has(section.name)) {
      throw new ObjectError("bad-section", `the object has several sections called ${section.name}`, {
        section: section.name,
      });
    }
    names.add(section.name);
    rejectAddresses(file, section, index);
    maps.push(dataMap(file.btf, section, sectionType, kind.readOnly));
  });
  return maps;
}

/** A map's value cannot hold addresses: the kernel relocates code, not data. */
function rejectAddresses(file: ObjectFile, section: ElfSection, index: number): void {
  const relocation = file.elf.relocations.get(index)?.[0];
  if (relocation === undefined) return;
  const symbol = file.elf.symbols[relocation.symbol];
  const what = symbol === undefined ? "something" : describeSymbol(file.elf, symbol);
  throw new ObjectError(
    "bad-relocation",
    `${section.name}+${relocation.offset} holds the address of ${what}: data of BPF programs cannot hold addresses; compute it in code`,
    { section: section.name, offset: relocation.offset },
  );
}

function dataMap(btf: Btf | null, section: ElfSection, type: TypeId | null, readOnly: boolean): MapSpec {
  const { name, size } = section;
  if (size > MAX_DATA_SECTION) {
    throw new ObjectError(
      "bad-map",
      `section ${name} has ${size} bytes; at most ${MAX_DATA_SECTION} are supported: use a map instead of a variable`,
      { section: name },
    );
  }
  const array = mapTypeByName("array");
  if (array === null) throw new Error("the table of map types has no array");
  return {
    name,
    type: array,
    keySize: 4,
    valueSize: size,
    maxEntries: 1,
    flags: readOnly ? MAP_FLAG_READ_ONLY_PROGRAM : 0,
    keyType: null,
    valueType: type,
    pinning: "none",
    data: {
      section: name,
      readOnly,
      initial: section.type === SectionType.Nobits ? new Uint8Array(0) : section.data.slice(),
      variables: btf === null || type === null ? [] : readVariables(btf, type, section),
    },
  };
}

function readVariables(btf: Btf, sectionType: TypeId, section: ElfSection): DataVariable[] {
  const type = btf.types[sectionType];
  if (type?.kind !== "section") return [];
  return type.variables.flatMap(({ type: id, offset, size }) => {
    const variable = btf.types[id];
    if (variable?.kind !== "variable") return [];
    if (offset + size > section.size) {
      throw new ObjectError(
        "bad-btf",
        `variable ${variable.name}: bytes ${offset} to ${offset + size} are outside section ${section.name} of ${section.size} bytes`,
        { section: section.name, name: variable.name, offset },
      );
    }
    const isPrivate = variable.linkage === "static" && { isPrivate: true as const };
    return [{ name: variable.name, offset, size, type: variable.type, ...isPrivate }];
  });
}
