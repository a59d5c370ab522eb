/** Bytes of the ELF64 header (elf(5)). */
export const ELF_HEADER_SIZE = 64;
/** Bytes of a section header. */
export const SECTION_HEADER_SIZE = 64;
/** Bytes of a symbol. */
export const SYMBOL_SIZE = 24;
/** Bytes of a relocation without addend. */
export const RELOCATION_SIZE = 16;
/** `EM_BPF`, elf.h. */
export const MACHINE_BPF = 247;
/** `ET_REL`, elf.h. */
export const TYPE_RELOCATABLE = 1;
/** First of the section indexes that do not name a section (`SHN_LORESERVE`, elf.h). */
export const FIRST_RESERVED_INDEX = 0xff00;
/** `SHN_XINDEX`: the index did not fit and stands elsewhere. */
export const EXTENDED_INDEX = 0xffff;
