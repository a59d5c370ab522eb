import type { ByteOrder } from "../byte-order.js";

/** Section header types that BPF objects use (`SHT_*`, elf.h). */
export const SectionType = {
  Null: 0,
  Progbits: 1,
  Symtab: 2,
  Strtab: 3,
  Rela: 4,
  Note: 7,
  Nobits: 8,
  Rel: 9,
  Group: 17,
  SymtabShndx: 18,
  LlvmAddrsig: 0x6fff4c03,
} as const;
/** Section header flags (`SHF_*`, elf.h). */
export const SectionFlag = {
  Write: 1,
  Alloc: 2,
  ExecInstr: 4,
  Merge: 0x10,
  Strings: 0x20,
  Group: 0x200,
} as const;
/** Symbol binding (`STB_*`, elf.h). */
export const SymbolBind = { Local: 0, Global: 1, Weak: 2 } as const;
/** Symbol type (`STT_*`, elf.h). */
export const SymbolType = { NoType: 0, Object: 1, Func: 2, Section: 3, File: 4 } as const;
/** Symbol visibility (`STV_*`, elf.h). */
export const SymbolVisibility = { Default: 0, Internal: 1, Hidden: 2, Protected: 3 } as const;
/** Section indexes with a meaning of their own (`SHN_*`, elf.h). */
export const SectionIndex = { Undefined: 0, Absolute: 0xfff1, Common: 0xfff2 } as const;
/** BPF relocation types (`R_BPF_*`, Documentation/bpf/llvm_reloc.rst). */
export const RelocationType = { None: 0, Map64: 1, Abs64: 2, Abs32: 3, NoDyld32: 4, Call32: 10 } as const;

/** A section as it stands in the file. `data` is empty for NOBITS, whose `size` says how many zero bytes it means. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly data: Uint8Array;
  readonly size: number;
  readonly align: number;
  readonly entsize: number;
  /** Index of a related section; what it means depends on `type` (elf(5)). */
  readonly link: number;
  readonly info: number;
}

/** A symbol. `section` is an index into `ElfFile.sections` or one of `SectionIndex`. */
export interface ElfSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly bind: number;
  readonly type: number;
  readonly visibility: number;
  readonly section: number;
}

/** A relocation of type REL. `symbol` is an index into `ElfFile.symbols`. */
export interface ElfRelocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
}

/**
 * A relocatable BPF ELF file. `sections[0]` is the null section and `symbols[0]` the null symbol, so that indexes are
 * those of the file. Symbol, string and relocation sections are decoded into `symbols` and `relocations` too.
 */
export interface ElfFile {
  readonly byteOrder: ByteOrder;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  /** By index of the section that is patched. */
  readonly relocations: ReadonlyMap<number, readonly ElfRelocation[]>;
}

/** What `writeElf` takes: content sections only; it makes symbol, string and relocation sections itself. */
export interface ElfInput {
  readonly byteOrder: ByteOrder;
  /** Content sections in order, without the null section, `.symtab`, `.strtab`, `.shstrtab` and `.rel*`. */
  readonly sections: readonly ElfSectionInput[];
  /** Symbols without the null symbol, locals before others or not: the writer orders them. */
  readonly symbols: readonly ElfSymbolInput[];
}

export interface ElfSectionInput {
  readonly name: string;
  /** Default PROGBITS. */
  readonly type?: number;
  readonly flags: number;
  readonly data: Uint8Array;
  /** Size in bytes of a NOBITS section; otherwise the length of `data`. */
  readonly size?: number;
  /** Default 1. */
  readonly align?: number;
  readonly entsize?: number;
  readonly relocations?: readonly ElfRelocationInput[];
}

/** `section` names a content section by its index in `ElfInput.sections`; null is undefined (extern). */
export interface ElfSymbolInput {
  readonly name: string;
  readonly section: number | null;
  readonly value: number;
  readonly size: number;
  readonly bind: number;
  readonly type: number;
  readonly visibility?: number;
}

/** `symbol` is an index into `ElfInput.symbols`. */
export interface ElfRelocationInput {
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
}
