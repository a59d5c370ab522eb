import {
  type Btf,
  type BtfExt,
  type ElfFile,
  type ElfRelocation,
  type ElfSection,
  type ElfSymbol,
  ObjectError,
  parseBtf,
  parseBtfExt,
  RelocationType,
  readElf,
  SectionFlag,
  SectionIndex,
  SectionType,
  SymbolBind,
  SymbolType,
} from "@waggle/object";
import { LinkError } from "./link-error.js";

/** An object to be linked; `name` is what errors call it, usually its path. */
export interface LinkInput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A run of bytes of an input section that is kept or dropped as one: a function, a variable, or what no symbol names.
 * It reaches from its first symbol to the next piece, so that padding stays with what it follows.
 */
export interface Piece {
  readonly object: InputObject;
  readonly section: InputSection;
  /** Bytes from the start of the input section. */
  readonly start: number;
  readonly end: number;
  /** Indexes into the object's ELF symbols that point into it. */
  readonly symbols: readonly number[];
}

export interface InputSection {
  /** Index in the object's ELF file. */
  readonly index: number;
  readonly elf: ElfSection;
  readonly code: boolean;
  /** Ascending and without gaps. */
  readonly pieces: readonly Piece[];
  readonly relocations: readonly ElfRelocation[];
}

export interface InputObject {
  readonly name: string;
  readonly elf: ElfFile;
  readonly btf: Btf | null;
  readonly ext: BtfExt | null;
  /** By ELF index; only sections that are linked. */
  readonly sections: ReadonlyMap<number, InputSection>;
}

const codeRelocations: readonly number[] = [RelocationType.Map64, RelocationType.Call32];
const dataRelocations: readonly number[] = [RelocationType.Abs64, RelocationType.Abs32];

/**
 * Reads the inputs and cuts their sections into pieces.
 *
 * @throws LinkError "bad-input" or "byte-order-mismatch"
 */
export function readInputs(inputs: readonly LinkInput[]): InputObject[] {
  const objects = inputs.map(readInput);
  const [first] = objects;
  if (first === undefined)
    throw new LinkError("bad-input", "there is nothing to link: no objects were given", null, []);
  for (const object of objects) {
    if (object.elf.byteOrder === first.elf.byteOrder) continue;
    throw new LinkError(
      "byte-order-mismatch",
      `${object.name} is ${object.elf.byteOrder}-endian, but ${first.name} is ${first.elf.byteOrder}-endian; build both for the same target (bpfel or bpfeb)`,
      null,
      [first.name, object.name],
    );
  }
  return objects;
}

function readInput({ name, bytes }: LinkInput): InputObject {
  try {
    const elf = readElf(bytes);
    const btfBytes = elf.sections.find((section) => section.name === ".BTF")?.data;
    const extBytes = elf.sections.find((section) => section.name === ".BTF.ext")?.data;
    const parsed = btfBytes === undefined ? null : parseBtf(btfBytes);
    const ext = parsed === null || extBytes === undefined ? null : parseBtfExt(extBytes, parsed.stringAt);
    const sections = new Map<number, InputSection>();
    const object: InputObject = { name, elf, btf: parsed?.btf ?? null, ext, sections };
    for (const [index, section] of elf.sections.entries()) {
      if (isLinked(object, section)) sections.set(index, readSection(object, index, section));
    }
    checkSymbols(object);
    return object;
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    throw new LinkError("bad-input", `${name} cannot be linked: ${error.message}`, error.where.name ?? null, [
      name,
    ]);
  }
}

/** Alignment beyond a page, and sizes that BTF cannot tell, are taken for damage. */
const MAX_ALIGN = 65_536;
const MAX_SIZE = 0xffffffff;

/** Sections that the linker makes anew, or that nobody needs to load a program. */
const skippedTypes: readonly number[] = [
  SectionType.Null,
  SectionType.Symtab,
  SectionType.Strtab,
  SectionType.Rel,
  SectionType.Note,
  SectionType.Group,
  SectionType.SymtabShndx,
  SectionType.LlvmAddrsig,
];

function isLinked(object: InputObject, section: ElfSection): boolean {
  const { name, type } = section;
  if (name.startsWith(".debug_") || name.startsWith(".rela.debug_") || name === ".eh_frame") return false;
  if (name === ".BTF" || name === ".BTF.ext" || skippedTypes.includes(type)) return false;
  if (name === ".text" && section.size === 0) return false;
  if (name === "") throw badInput(object, "it has a section without a name");
  if (section.align > MAX_ALIGN || section.size > MAX_SIZE) {
    throw badInput(
      object,
      `its section ${name} asks for ${section.size} bytes aligned to ${section.align}, more than an object may hold`,
    );
  }
  if (type === SectionType.Progbits || type === SectionType.Nobits) return true;
  const what =
    type === SectionType.Rela
      ? "relocations of type RELA, which BPF does not use"
      : `the unknown type ${type}`;
  throw badInput(object, `its section ${name} has ${what}`);
}

function readSection(object: InputObject, index: number, elf: ElfSection): InputSection {
  const code = (elf.flags & SectionFlag.ExecInstr) !== 0;
  if (code && elf.type === SectionType.Nobits) {
    throw badInput(object, `its section ${elf.name} is marked as code but has no bytes in the file (NOBITS)`);
  }
  if (code && elf.size % 8 !== 0) {
    throw badInput(
      object,
      `its section ${elf.name} has ${elf.size} bytes, which is no whole number of instructions`,
    );
  }
  const relocations = object.elf.relocations.get(index) ?? [];
  for (const { type, offset } of relocations) {
    if ((code ? codeRelocations : dataRelocations).includes(type)) continue;
    throw badInput(
      object,
      `its section ${elf.name} has a relocation of type ${type} at byte ${offset}, which means nothing there`,
    );
  }
  const pieces: Piece[] = [];
  const section: InputSection = { index, elf, code, pieces, relocations };
  pieces.push(...cut(object, section));
  return section;
}

function cut(object: InputObject, section: InputSection): Piece[] {
  const wanted = section.code ? SymbolType.Func : SymbolType.Object;
  const { size, name } = section.elf;
  const starts = new Map<number, number[]>();
  for (const [index, symbol] of object.elf.symbols.entries()) {
    if (symbol.section !== section.index || symbol.type === SymbolType.Section) continue;
    if (symbol.value > size || (section.code && symbol.type === wanted && symbol.value % 8 !== 0)) {
      throw badInput(
        object,
        `its symbol ${symbol.name} points to byte ${symbol.value} of section ${name}, where nothing can start`,
      );
    }
    if (symbol.type !== wanted || symbol.value === size) continue;
    starts.set(symbol.value, [...(starts.get(symbol.value) ?? []), index]);
  }
  if (!starts.has(0)) starts.set(0, []);
  const sorted = [...starts].sort(([a], [b]) => a - b);
  return sorted.map(([start, symbols], at) => ({
    object,
    section,
    start,
    end: sorted[at + 1]?.[0] ?? size,
    symbols,
  }));
}

function checkSymbols(object: InputObject): void {
  for (const symbol of object.elf.symbols) {
    if (symbol.section === SectionIndex.Common) {
      throw badInput(
        object,
        `its symbol ${symbol.name} is a "common" symbol; give the variable a value or compile with -fno-common`,
      );
    }
    const { bind } = symbol;
    if (bind !== SymbolBind.Local && bind !== SymbolBind.Global && bind !== SymbolBind.Weak) {
      throw badInput(object, `its symbol ${symbol.name} has the unknown binding ${bind}`);
    }
  }
}

export function badInput(object: InputObject, problem: string): LinkError {
  return new LinkError("bad-input", `${object.name} cannot be linked: ${problem}`, null, [object.name]);
}

/** The piece that holds a byte of an input section; null past its end. */
export function pieceAt(section: InputSection, offset: number): Piece | null {
  let low = 0;
  let high = section.pieces.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const piece = section.pieces[middle];
    if (piece === undefined) return null;
    if (offset < piece.start) high = middle - 1;
    else if (offset >= piece.end) low = middle + 1;
    else return piece;
  }
  return null;
}

/** The symbol with the index, which a relocation names. */
export function symbolAt(object: InputObject, index: number): ElfSymbol {
  const symbol = object.elf.symbols[index];
  if (symbol === undefined)
    throw badInput(object, `a relocation names symbol ${index}, which does not exist`);
  return symbol;
}
