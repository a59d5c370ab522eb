import { sizeOfType } from "../btf/layout.js";
import type { Btf, BtfSectionVariable, BtfType } from "../btf/types.js";
import type { ElfFile } from "../elf/types.js";
import { SymbolType } from "../elf/types.js";

/**
 * Gives every BTF data section the size of its ELF section, and its variables the offsets of their symbols. Compilers
 * leave both 0 for the linker to fill in, and the kernel wants them, sorted. A name that several symbols of the section
 * have (static variables of linked files) keeps the offset that BTF has.
 */
export function withSectionLayout(btf: Btf, elf: ElfFile): Btf {
  if (!btf.types.some((type) => type.kind === "section")) return btf;
  const sectionIndex = new Map(elf.sections.map((section, index) => [section.name, index]));
  const offsets = symbolOffsets(elf);
  const types = btf.types.map((type): BtfType => {
    if (type.kind !== "section") return type;
    const index = sectionIndex.get(type.name);
    const section = index === undefined ? undefined : elf.sections[index];
    if (index === undefined || section === undefined) return type;
    const known = offsets.get(index);
    const variables = type.variables.map((entry): BtfSectionVariable => {
      const variable = btf.types[entry.type];
      const name = variable?.kind === "variable" || variable?.kind === "function" ? variable.name : "";
      const size =
        entry.size === 0 && variable?.kind === "variable" ? sizeOfType(btf, variable.type) : entry.size;
      return { type: entry.type, offset: known?.get(name) ?? entry.offset, size };
    });
    return { ...type, size: section.size, variables: variables.sort((a, b) => a.offset - b.offset) };
  });
  return { types };
}

/** By section index, the offset of each symbol whose name is unique in its section; null where it is not. */
function symbolOffsets(elf: ElfFile): Map<number, Map<string, number | null>> {
  const offsets = new Map<number, Map<string, number | null>>();
  for (const symbol of elf.symbols) {
    if (symbol.type !== SymbolType.Object && symbol.type !== SymbolType.NoType) continue;
    const names = offsets.get(symbol.section) ?? new Map<string, number | null>();
    names.set(symbol.name, names.has(symbol.name) ? null : symbol.value);
    offsets.set(symbol.section, names);
  }
  return offsets;
}
