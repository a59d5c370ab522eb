import { parseBtfExt } from "../btf/ext.js";
import { parseBtf } from "../btf/parse.js";
import type { Btf, BtfExt } from "../btf/types.js";
import { readElf } from "../elf/read.js";
import type { ElfFile, ElfSection, ElfSymbol } from "../elf/types.js";
import { SectionFlag, SectionType, SymbolType } from "../elf/types.js";
import { ObjectError } from "../errors.js";
import { withSectionLayout } from "./section-layout.js";

/** An ELF file with its BTF, and the look-ups that reading programs and maps takes. */
export interface ObjectFile {
  readonly elf: ElfFile;
  /** With the offsets and sizes of variables that the ELF file has. */
  readonly btf: Btf | null;
  readonly ext: BtfExt | null;
}

/**
 * Reads the parts of an object that stand for themselves.
 * @throws ObjectError when the ELF file, `.BTF` or `.BTF.ext` is not well-formed
 */
export function readObjectFile(bytes: Uint8Array): ObjectFile {
  const elf = readElf(bytes);
  const btfSection = sectionNamed(elf, ".BTF");
  const extSection = sectionNamed(elf, ".BTF.ext");
  if (btfSection === null) {
    if (extSection !== null) {
      throw new ObjectError("bad-btf-ext", "the object has .BTF.ext without the .BTF that it refers to", {
        section: ".BTF.ext",
      });
    }
    return { elf, btf: null, ext: null };
  }
  const parsed = parseBtf(btfSection.data);
  if (parsed.byteOrder !== elf.byteOrder) {
    throw new ObjectError("bad-btf", `.BTF is ${parsed.byteOrder} endian, but the object ${elf.byteOrder}`, {
      section: ".BTF",
    });
  }
  const ext = extSection === null ? null : parseBtfExt(extSection.data, parsed.stringAt);
  return { elf, btf: withSectionLayout(parsed.btf, elf), ext };
}

/**
 * The section of a name, null when there is none.
 * @throws ObjectError "bad-section" when there are several
 */
export function sectionNamed(elf: ElfFile, name: string): ElfSection | null {
  const found = elf.sections.filter((section) => section.name === name);
  if (found.length > 1) {
    throw new ObjectError("bad-section", `the object has ${found.length} sections called ${name}`, {
      section: name,
    });
  }
  return found[0] ?? null;
}

/** Whether a section holds code. */
export function isCode(section: ElfSection): boolean {
  return section.type === SectionType.Progbits && (section.flags & SectionFlag.ExecInstr) !== 0;
}

const dataSectionFamilies = [
  { prefix: ".rodata", readOnly: true },
  { prefix: ".data", readOnly: false },
  { prefix: ".bss", readOnly: false },
] as const;

/** Whether a section becomes an array map, and if so, whether programs may only read it; null when it does not. */
export function dataSectionKind(section: ElfSection): { readonly readOnly: boolean } | null {
  if (section.type !== SectionType.Progbits && section.type !== SectionType.Nobits) return null;
  const family = dataSectionFamilies.find(
    ({ prefix }) => section.name === prefix || section.name.startsWith(`${prefix}.`),
  );
  return family === undefined ? null : { readOnly: family.readOnly };
}

/** How messages call a symbol; section symbols have no name of their own. */
export function describeSymbol(elf: ElfFile, symbol: ElfSymbol): string {
  if (symbol.type === SymbolType.Section)
    return `section ${elf.sections[symbol.section]?.name ?? symbol.section}`;
  return symbol.name === "" ? "a symbol without a name" : symbol.name;
}
