import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import {
  ELF_HEADER_SIZE,
  EXTENDED_INDEX,
  FIRST_RESERVED_INDEX,
  MACHINE_BPF,
  RELOCATION_SIZE,
  SECTION_HEADER_SIZE,
  SYMBOL_SIZE,
  TYPE_RELOCATABLE,
} from "./layout.js";
import { StringTable } from "./string-table.js";
import type { ElfFile, ElfRelocation, ElfSection, ElfSymbol } from "./types.js";
import { SectionIndex, SectionType } from "./types.js";

interface Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly little: boolean;
}

interface SectionHeader {
  readonly name: number;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly align: number;
  readonly entsize: number;
}

/**
 * Reads a relocatable BPF ELF file of either byte order. Section contents are views into `bytes`, not copies.
 * @throws ObjectError for anything that is not one, with the section or symbol at fault: "truncated", "not-elf",
 * "not-bpf", "unsupported-elf", "bad-section", "bad-symbol", "bad-relocation"
 */
export function readElf(bytes: Uint8Array): ElfFile {
  // Programs in plain JavaScript come here with anything.
  if (!(bytes instanceof Uint8Array))
    throw new ObjectError(
      "not-elf",
      `not an ELF file: ${bytes === null ? "null" : typeof bytes} instead of a Uint8Array`,
    );
  const byteOrder = readIdent(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const source: Source = { bytes, view, little: byteOrder === "little" };
  const { headers, namesIndex } = readHeaders(source);
  const sections = readSections(source, headers, namesIndex);
  const symtab = findSymbolTable(sections);
  const symbols = symtab === null ? [nullSymbol] : readSymbols(source, sections, symtab);
  return { byteOrder, sections, symbols, relocations: readRelocations(source, sections, symtab, symbols) };
}

const nullSymbol: ElfSymbol = { name: "", value: 0, size: 0, bind: 0, type: 0, visibility: 0, section: 0 };

function readIdent(bytes: Uint8Array): ByteOrder {
  const magic = [0x7f, 0x45, 0x4c, 0x46];
  const present = Math.min(bytes.length, magic.length);
  if (bytes.length === 0 || magic.slice(0, present).some((byte, index) => bytes[index] !== byte)) {
    throw new ObjectError("not-elf", "not an ELF file: it does not start with \\x7fELF");
  }
  if (bytes.length < ELF_HEADER_SIZE) {
    throw new ObjectError(
      "truncated",
      `the ELF header is cut off: ${bytes.length} of ${ELF_HEADER_SIZE} bytes are there`,
      { offset: bytes.length },
    );
  }
  const [, , , , elfClass, encoding, version] = bytes;
  if (elfClass !== 2) {
    throw new ObjectError("unsupported-elf", `ELF class ${elfClass}: BPF objects are of class 2 (64-bit)`, {
      offset: 4,
    });
  }
  if (encoding !== 1 && encoding !== 2) {
    throw new ObjectError(
      "unsupported-elf",
      `ELF data encoding ${encoding} is neither little (1) nor big endian (2)`,
      { offset: 5 },
    );
  }
  if (version !== 1) {
    throw new ObjectError("unsupported-elf", `ELF version ${version}: only version 1 exists`, { offset: 6 });
  }
  return encoding === 1 ? "little" : "big";
}

function readHeaders(source: Source): { headers: SectionHeader[]; namesIndex: number } {
  const { bytes, view, little } = source;
  const type = view.getUint16(16, little);
  const machine = view.getUint16(18, little);
  if (machine !== MACHINE_BPF) {
    throw new ObjectError(
      "not-bpf",
      `an ELF file for machine ${machine}, not for BPF (${MACHINE_BPF}): build it with a BPF target`,
      { offset: 18 },
    );
  }
  if (type !== TYPE_RELOCATABLE) {
    throw new ObjectError(
      "unsupported-elf",
      `ELF type ${type}: BPF objects are relocatable files (type ${TYPE_RELOCATABLE})`,
      { offset: 16 },
    );
  }
  const start = readSize(source, 40, "the offset of the section headers");
  const entrySize = view.getUint16(58, little);
  const count = view.getUint16(60, little);
  const namesIndex = view.getUint16(62, little);
  if (start === 0) throw new ObjectError("bad-section", "the file has no section headers", { offset: 40 });
  if (entrySize !== SECTION_HEADER_SIZE) {
    throw new ObjectError(
      "bad-section",
      `section headers of ${entrySize} bytes: ELF64 has ${SECTION_HEADER_SIZE}`,
      { offset: 58 },
    );
  }
  if (count === 0 || count >= FIRST_RESERVED_INDEX || namesIndex === EXTENDED_INDEX) {
    throw new ObjectError(
      "unsupported-elf",
      `the file says that it has ${count} sections: from 1 to ${FIRST_RESERVED_INDEX - 1} are supported, without extended section numbers`,
      { offset: 60 },
    );
  }
  if (start + count * SECTION_HEADER_SIZE > bytes.length) {
    throw new ObjectError(
      "truncated",
      `${count} section headers at byte ${start} reach beyond the file's end at byte ${bytes.length}`,
      { offset: start },
    );
  }
  const headers: SectionHeader[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * SECTION_HEADER_SIZE;
    headers.push({
      name: view.getUint32(at, little),
      type: view.getUint32(at + 4, little),
      flags: readSize(source, at + 8, `the flags of section ${index}`),
      offset: readSize(source, at + 24, `the offset of section ${index}`),
      size: readSize(source, at + 32, `the size of section ${index}`),
      link: view.getUint32(at + 40, little),
      info: view.getUint32(at + 44, little),
      align: readSize(source, at + 48, `the alignment of section ${index}`),
      entsize: readSize(source, at + 56, `the entry size of section ${index}`),
    });
  }
  return { headers, namesIndex };
}

function readSections(source: Source, headers: readonly SectionHeader[], namesIndex: number): ElfSection[] {
  const { bytes } = source;
  const contents = headers.map((header, index) => {
    if (index === 0 || header.type === SectionType.Null || header.type === SectionType.Nobits) {
      return bytes.subarray(0, 0);
    }
    if (header.offset + header.size > bytes.length) {
      throw new ObjectError(
        "truncated",
        `section ${index}: ${header.size} bytes at byte ${header.offset} reach beyond the file's end at byte ${bytes.length}`,
        { offset: header.offset },
      );
    }
    return bytes.subarray(header.offset, header.offset + header.size);
  });
  const namesHeader = headers[namesIndex];
  const namesData = contents[namesIndex];
  if (namesHeader?.type !== SectionType.Strtab || namesData === undefined) {
    throw new ObjectError(
      "bad-section",
      `the section names are said to be in section ${namesIndex}, which is not a string table`,
      { offset: 62 },
    );
  }
  const names = new StringTable(namesData);
  return headers.map((header, index) => {
    const name =
      index === 0
        ? ""
        : names.at(header.name, (problem) => {
            throw new ObjectError("bad-section", `the name of section ${index} ${problem}`);
          });
    const { type, flags, align, entsize, link, info } = header;
    if (align > 1 && !Number.isInteger(Math.log2(align))) {
      throw new ObjectError(
        "bad-section",
        `section ${name}: its alignment of ${align} is not a power of two`,
        {
          section: name,
        },
      );
    }
    const data = contents[index] ?? bytes.subarray(0, 0);
    return { name, type, flags, data, size: header.size, align, entsize, link, info };
  });
}

function findSymbolTable(sections: readonly ElfSection[]): number | null {
  let found: number | null = null;
  sections.forEach((section, index) => {
    if (section.type === SectionType.SymtabShndx) {
      throw new ObjectError(
        "unsupported-elf",
        `section ${section.name}: extended section numbers of symbols are not supported; split the object`,
        { section: section.name },
      );
    }
    if (section.type !== SectionType.Symtab) return;
    if (found !== null) {
      throw new ObjectError(
        "bad-section",
        `sections ${found} and ${index} are both symbol tables: one is allowed`,
        { section: section.name },
      );
    }
    found = index;
  });
  return found;
}

function readSymbols(source: Source, sections: readonly ElfSection[], index: number): ElfSymbol[] {
  const table = sections[index];
  if (table === undefined) return [nullSymbol];
  const data = tableData(table, SYMBOL_SIZE, "bad-symbol");
  const strings = sections[table.link];
  if (strings?.type !== SectionType.Strtab) {
    throw new ObjectError(
      "bad-symbol",
      `${table.name}: the symbols' names are said to be in section ${table.link}, which is not a string table`,
      { section: table.name },
    );
  }
  const names = new StringTable(strings.data);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const { little } = source;
  const symbols: ElfSymbol[] = [];
  for (let at = 0; at < data.length; at += SYMBOL_SIZE) {
    const number = at / SYMBOL_SIZE;
    const where = { section: table.name, offset: at };
    const info = view.getUint8(at + 4);
    const section = view.getUint16(at + 6, little);
    const name = names.at(view.getUint32(at, little), (problem) => {
      throw new ObjectError("bad-symbol", `the name of symbol ${number} ${problem}`, where);
    });
    const special = section === SectionIndex.Absolute || section === SectionIndex.Common;
    if (section >= sections.length && !special) {
      throw new ObjectError(
        "bad-symbol",
        `symbol ${number} (${name}) is in section ${section}, but there are ${sections.length} sections`,
        { ...where, name },
      );
    }
    const value = view.getBigUint64(at + 8, little);
    const size = view.getBigUint64(at + 16, little);
    if (value > Number.MAX_SAFE_INTEGER || size > Number.MAX_SAFE_INTEGER) {
      throw new ObjectError(
        "bad-symbol",
        `symbol ${number} (${name}): its value 0x${value.toString(16)} or size 0x${size.toString(16)} is out of all bounds`,
        { ...where, name },
      );
    }
    symbols.push({
      name,
      value: Number(value),
      size: Number(size),
      bind: info >> 4,
      type: info & 0xf,
      visibility: view.getUint8(at + 5) & 3,
      section,
    });
  }
  return symbols.length === 0 ? [nullSymbol] : symbols;
}

function readRelocations(
  source: Source,
  sections: readonly ElfSection[],
  symtab: number | null,
  symbols: readonly ElfSymbol[],
): ReadonlyMap<number, readonly ElfRelocation[]> {
  const { little } = source;
  const relocations = new Map<number, ElfRelocation[]>();
  for (const section of sections) {
    if (section.type === SectionType.Rela) {
      throw new ObjectError(
        "unsupported-elf",
        `section ${section.name} holds relocations with addends (RELA); BPF objects have REL: was this made by a BPF compiler?`,
        { section: section.name },
      );
    }
    if (section.type !== SectionType.Rel) continue;
    const where = { section: section.name };
    const target = sections[section.info];
    if (target === undefined || section.info === 0) {
      throw new ObjectError(
        "bad-relocation",
        `${section.name} patches section ${section.info}, which does not exist`,
        where,
      );
    }
    if (symtab === null || section.link !== symtab) {
      throw new ObjectError(
        "bad-relocation",
        `${section.name} takes its symbols from section ${section.link}, which is not the symbol table`,
        where,
      );
    }
    const data = tableData(section, RELOCATION_SIZE, "bad-relocation");
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const list = relocations.get(section.info) ?? [];
    for (let at = 0; at < data.length; at += RELOCATION_SIZE) {
      const offset = view.getBigUint64(at, little);
      // r_info is one 64-bit number, the symbol its upper half.
      const symbol = view.getUint32(at + (little ? 12 : 8), little);
      const type = view.getUint32(at + (little ? 8 : 12), little);
      const here = { ...where, offset: at };
      if (symbol >= symbols.length) {
        throw new ObjectError(
          "bad-relocation",
          `${section.name}+${at}: symbol ${symbol}, but there are ${symbols.length} symbols`,
          here,
        );
      }
      if (offset >= BigInt(target.data.length)) {
        throw new ObjectError(
          "bad-relocation",
          `${section.name}+${at}: patches byte ${offset} of ${target.name}, which has ${target.data.length} bytes`,
          here,
        );
      }
      list.push({ offset: Number(offset), type, symbol });
    }
    relocations.set(section.info, list);
  }
  return relocations;
}

/** The bytes of a section that is an array of equal entries. */
function tableData(
  section: ElfSection,
  entrySize: number,
  code: "bad-symbol" | "bad-relocation",
): Uint8Array {
  if (section.entsize !== entrySize || section.data.length % entrySize !== 0) {
    throw new ObjectError(
      code,
      `${section.name}: ${section.data.length} bytes in entries of ${section.entsize}; entries of ${entrySize} bytes were expected`,
      { section: section.name },
    );
  }
  return section.data;
}

/** A 64-bit number that must be small enough to mean a place in a file. */
function readSize(source: Source, at: number, what: string): number {
  const value = source.view.getBigUint64(at, source.little);
  if (value > Number.MAX_SAFE_INTEGER) {
    throw new ObjectError("bad-section", `${what} is 0x${value.toString(16)}, out of all bounds`, {
      offset: at,
    });
  }
  return Number(value);
}
