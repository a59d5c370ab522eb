import { ObjectError } from "../errors.js";
import {
  ELF_HEADER_SIZE,
  FIRST_RESERVED_INDEX,
  MACHINE_BPF,
  RELOCATION_SIZE,
  SECTION_HEADER_SIZE,
  SYMBOL_SIZE,
  TYPE_RELOCATABLE,
} from "./layout.js";
import { StringTableBuilder } from "./string-table.js";
import type { ElfInput, ElfSectionInput, ElfSymbolInput } from "./types.js";
import { SectionIndex, SectionType, SymbolBind, SymbolType } from "./types.js";

/** `SHF_INFO_LINK`, elf.h: `info` holds a section index. */
const FLAG_INFO_LINK = 0x40;

interface OutputSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly data: Uint8Array;
  readonly size: number;
  readonly align: number;
  readonly entsize: number;
  readonly link: number;
  readonly info: number;
}

/**
 * Writes a relocatable BPF ELF file: the null section, the content sections in the order given, a `.rel` section for
 * each that has relocations, `.symtab`, `.strtab`, `.shstrtab`. Equal input gives equal bytes.
 * @throws ObjectError "bad-section", "bad-symbol" or "bad-relocation" when indexes, sizes or names do not fit together
 */
export function writeElf(input: ElfInput): Uint8Array {
  const little = input.byteOrder === "little";
  const contents = input.sections.map(contentSection);
  const relocated = input.sections.flatMap((section, index) =>
    section.relocations !== undefined && section.relocations.length > 0 ? [index] : [],
  );
  const symtabIndex = 1 + contents.length + relocated.length;
  if (symtabIndex + 3 > FIRST_RESERVED_INDEX) {
    throw new ObjectError(
      "bad-section",
      `${symtabIndex + 3} sections: an ELF file has at most ${FIRST_RESERVED_INDEX - 1}`,
    );
  }
  const symbols = writeSymbols(input, little);
  const relocations = relocated.map((index) =>
    relocationSection(input, index, symbols.newIndex, symtabIndex, little),
  );
  const sections: OutputSection[] = [
    nullSection,
    ...contents,
    ...relocations,
    {
      ...nullSection,
      name: ".symtab",
      type: SectionType.Symtab,
      data: symbols.data,
      size: symbols.data.length,
      align: 8,
      entsize: SYMBOL_SIZE,
      link: symtabIndex + 1,
      // elf(5): one more than the index of the last local symbol.
      info: symbols.locals,
    },
    stringSection(".strtab", symbols.names),
  ];
  const sectionNames = new StringTableBuilder();
  for (const section of sections) sectionNames.add(section.name);
  sectionNames.add(".shstrtab");
  sections.push(stringSection(".shstrtab", sectionNames.bytes()));
  return layOut(sections, sectionNames, little);
}

const nullSection: OutputSection = {
  name: "",
  type: SectionType.Null,
  flags: 0,
  data: new Uint8Array(0),
  size: 0,
  align: 0,
  entsize: 0,
  link: 0,
  info: 0,
};

function stringSection(name: string, data: Uint8Array): OutputSection {
  return { ...nullSection, name, type: SectionType.Strtab, data, size: data.length, align: 1 };
}

function contentSection(section: ElfSectionInput): OutputSection {
  const { name, type = SectionType.Progbits, flags, data, align = 1, entsize = 0 } = section;
  const where = { section: name };
  checkName(name, "bad-section", `section ${JSON.stringify(name)}`);
  if (name === "") throw new ObjectError("bad-section", "a section without a name", where);
  if (align < 1 || !Number.isInteger(Math.log2(align))) {
    throw new ObjectError("bad-section", `section ${name}: alignment ${align} is not a power of two`, where);
  }
  const size = section.size ?? data.length;
  if (type === SectionType.Nobits ? data.length > 0 : size !== data.length) {
    throw new ObjectError(
      "bad-section",
      `section ${name}: size ${size} does not go with ${data.length} bytes of content`,
      where,
    );
  }
  return { ...nullSection, name, type, flags, data, size, align, entsize };
}

function writeSymbols(
  input: ElfInput,
  little: boolean,
): { data: Uint8Array; names: Uint8Array; locals: number; newIndex: readonly number[] } {
  const order = input.symbols.map((_, index) => index);
  const isLocal = (index: number) => input.symbols[index]?.bind === SymbolBind.Local;
  const sorted = [...order.filter(isLocal), ...order.filter((index) => !isLocal(index))];
  const names = new StringTableBuilder();
  const data = new Uint8Array((sorted.length + 1) * SYMBOL_SIZE);
  const view = new DataView(data.buffer);
  const newIndex: number[] = new Array<number>(sorted.length).fill(0);
  sorted.forEach((oldIndex, position) => {
    const symbol = input.symbols[oldIndex];
    if (symbol === undefined) return;
    newIndex[oldIndex] = position + 1;
    const at = (position + 1) * SYMBOL_SIZE;
    checkName(symbol.name, "bad-symbol", `symbol ${JSON.stringify(symbol.name)}`);
    view.setUint32(at, names.add(symbol.name), little);
    view.setUint8(at + 4, (symbol.bind << 4) | symbol.type);
    view.setUint8(at + 5, symbol.visibility ?? 0);
    view.setUint16(at + 6, symbolSection(symbol, input.sections.length), little);
    view.setBigUint64(at + 8, toU64(symbol.value, symbol), little);
    view.setBigUint64(at + 16, toU64(symbol.size, symbol), little);
  });
  return { data, names: names.bytes(), locals: order.filter(isLocal).length + 1, newIndex };
}

function symbolSection(symbol: ElfSymbolInput, sectionCount: number): number {
  // A FILE symbol names the source and belongs to no section (elf(5)).
  if (symbol.type === SymbolType.File) return SectionIndex.Absolute;
  if (symbol.section === null) return SectionIndex.Undefined;
  if (!Number.isInteger(symbol.section) || symbol.section < 0 || symbol.section >= sectionCount) {
    throw new ObjectError(
      "bad-symbol",
      `symbol ${symbol.name} is in section ${symbol.section}, but there are ${sectionCount} sections`,
      { name: symbol.name },
    );
  }
  return symbol.section + 1;
}

function toU64(value: number, symbol: ElfSymbolInput): bigint {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new ObjectError("bad-symbol", `symbol ${symbol.name}: ${value} is not a value or size`, {
      name: symbol.name,
    });
  }
  return BigInt(value);
}

function relocationSection(
  input: ElfInput,
  index: number,
  newIndex: readonly number[],
  symtabIndex: number,
  little: boolean,
): OutputSection {
  const section = input.sections[index];
  const list = section?.relocations ?? [];
  const name = `.rel${section?.name ?? ""}`;
  const data = new Uint8Array(list.length * RELOCATION_SIZE);
  const view = new DataView(data.buffer);
  list.forEach((relocation, position) => {
    const symbol = newIndex[relocation.symbol];
    const inside = relocation.offset >= 0 && relocation.offset < (section?.data.length ?? 0);
    if (symbol === undefined || !Number.isInteger(relocation.offset) || !inside) {
      throw new ObjectError(
        "bad-relocation",
        `${name}: relocation ${position} (byte ${relocation.offset}, symbol ${relocation.symbol}) is outside the section or the symbols`,
        { section: name, offset: position * RELOCATION_SIZE },
      );
    }
    const at = position * RELOCATION_SIZE;
    view.setBigUint64(at, BigInt(relocation.offset), little);
    view.setUint32(at + (little ? 12 : 8), symbol, little);
    view.setUint32(at + (little ? 8 : 12), relocation.type, little);
  });
  return {
    name,
    type: SectionType.Rel,
    flags: FLAG_INFO_LINK,
    data,
    size: data.length,
    align: 8,
    entsize: RELOCATION_SIZE,
    link: symtabIndex,
    info: index + 1,
  };
}

function layOut(sections: readonly OutputSection[], names: StringTableBuilder, little: boolean): Uint8Array {
  let end = ELF_HEADER_SIZE;
  const offsets = sections.map((section, index) => {
    if (index === 0) return 0;
    const offset = Math.ceil(end / section.align) * section.align;
    end = offset + section.data.length;
    return offset;
  });
  const headersAt = Math.ceil(end / 8) * 8;
  const bytes = new Uint8Array(headersAt + sections.length * SECTION_HEADER_SIZE);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, little ? 1 : 2, 1]);
  view.setUint16(16, TYPE_RELOCATABLE, little);
  view.setUint16(18, MACHINE_BPF, little);
  view.setUint32(20, 1, little);
  view.setBigUint64(40, BigInt(headersAt), little);
  view.setUint16(52, ELF_HEADER_SIZE, little);
  view.setUint16(58, SECTION_HEADER_SIZE, little);
  view.setUint16(60, sections.length, little);
  view.setUint16(62, sections.length - 1, little);
  sections.forEach((section, index) => {
    const offset = offsets[index] ?? 0;
    bytes.set(section.data, offset);
    const at = headersAt + index * SECTION_HEADER_SIZE;
    view.setUint32(at, names.add(section.name), little);
    view.setUint32(at + 4, section.type, little);
    view.setBigUint64(at + 8, BigInt(section.flags), little);
    view.setBigUint64(at + 24, BigInt(offset), little);
    view.setBigUint64(at + 32, BigInt(section.size), little);
    view.setUint32(at + 40, section.link, little);
    view.setUint32(at + 44, section.info, little);
    view.setBigUint64(at + 48, BigInt(section.align), little);
    view.setBigUint64(at + 56, BigInt(section.entsize), little);
  });
  return bytes;
}

function checkName(name: string, code: "bad-section" | "bad-symbol", what: string): void {
  if (name.includes("\0")) throw new ObjectError(code, `${what}: a name cannot contain NUL`, { name });
}
