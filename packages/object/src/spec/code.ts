import type { BtfExt, TypeId } from "../btf/types.js";
import type { ElfRelocation, ElfSection } from "../elf/types.js";
import { SymbolBind, SymbolType, SymbolVisibility } from "../elf/types.js";
import { ObjectError } from "../errors.js";
import { decodeInstructions, INSTRUCTION_SIZE, isWide } from "../isa/codec.js";
import type { Instruction } from "../isa/instruction.js";
import type { ObjectFile } from "./object-file.js";
import { isCode } from "./object-file.js";

/** A function as it stands in a code section. Positions are in instruction slots from the section's start. */
export interface CodeFunction {
  readonly name: string;
  readonly section: CodeSection;
  readonly start: number;
  readonly end: number;
  /** Visible to other objects; in a program section, a program. */
  readonly global: boolean;
  /** Visible to the objects that it is linked with only (`STV_HIDDEN`, `STV_INTERNAL`). */
  readonly hidden: boolean;
}

/** A section of code, with everything that belongs to its instructions by slot. */
export interface CodeSection {
  readonly index: number;
  readonly name: string;
  readonly instructions: readonly Instruction[];
  /** By start, ascending. */
  readonly functions: readonly CodeFunction[];
  readonly functionAt: ReadonlyMap<number, CodeFunction>;
  readonly relocationAt: ReadonlyMap<number, ElfRelocation>;
  readonly typeAt: ReadonlyMap<number, TypeId>;
  readonly lines: readonly Positioned<BtfExt["lines"][number]>[];
  readonly coreRelocations: readonly Positioned<BtfExt["relocations"][number]>[];
}

/** A record of `.BTF.ext` with its byte offset as a slot. */
export interface Positioned<Record> {
  readonly slot: number;
  readonly record: Record;
}

/**
 * The code sections of an object, by section index.
 * @throws ObjectError "bad-instruction", "bad-program", "bad-relocation", "bad-section" or "bad-btf-ext"
 */
export function readCodeSections(file: ObjectFile): Map<number, CodeSection> {
  const sections = new Map<number, CodeSection>();
  const names = new Set<string>();
  const extBySection = groupExt(file.ext);
  const functions = functionSymbols(file);
  file.elf.sections.forEach((section, index) => {
    if (!isCode(section) || section.size === 0) return;
    // `.BTF.ext` tells sections apart by their names alone.
    if (names.has(section.name)) {
      throw new ObjectError("bad-section", `the object has several code sections called ${section.name}`, {
        section: section.name,
      });
    }
    names.add(section.name);
    sections.set(index, readCodeSection(file, section, index, functions.get(index) ?? [], extBySection));
  });
  return sections;
}

interface SectionExt {
  readonly types: Map<number, TypeId>;
  readonly lines: Positioned<BtfExt["lines"][number]>[];
  readonly coreRelocations: Positioned<BtfExt["relocations"][number]>[];
}

function groupExt(ext: BtfExt | null): ReadonlyMap<string, SectionExt> {
  const groups = new Map<string, SectionExt>();
  const group = (section: string): SectionExt => {
    const known = groups.get(section);
    if (known !== undefined) return known;
    const made: SectionExt = { types: new Map(), lines: [], coreRelocations: [] };
    groups.set(section, made);
    return made;
  };
  for (const record of ext?.functions ?? []) group(record.section).types.set(toSlot(record), record.type);
  for (const record of ext?.lines ?? []) group(record.section).lines.push({ slot: toSlot(record), record });
  for (const record of ext?.relocations ?? []) {
    group(record.section).coreRelocations.push({ slot: toSlot(record), record });
  }
  for (const { lines, coreRelocations } of groups.values()) {
    lines.sort((a, b) => a.slot - b.slot);
    coreRelocations.sort((a, b) => a.slot - b.slot);
  }
  return groups;
}

function toSlot({ section, offset }: { readonly section: string; readonly offset: number }): number {
  if (offset % INSTRUCTION_SIZE !== 0) {
    throw new ObjectError(
      "bad-btf-ext",
      `.BTF.ext speaks of byte ${offset} of section ${section}, which is not the start of an instruction`,
      { section, offset },
    );
  }
  return offset / INSTRUCTION_SIZE;
}

interface FunctionSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly global: boolean;
  readonly hidden: boolean;
}

function functionSymbols({ elf }: ObjectFile): Map<number, FunctionSymbol[]> {
  const bySection = new Map<number, FunctionSymbol[]>();
  for (const { name, value, size, bind, type, section, visibility } of elf.symbols) {
    if (type !== SymbolType.Func) continue;
    const list = bySection.get(section) ?? [];
    const hidden = visibility === SymbolVisibility.Hidden || visibility === SymbolVisibility.Internal;
    list.push({ name, value, size, global: bind !== SymbolBind.Local, hidden });
    bySection.set(section, list);
  }
  return bySection;
}

function readCodeSection(
  file: ObjectFile,
  section: ElfSection,
  index: number,
  symbols: readonly FunctionSymbol[],
  extBySection: ReadonlyMap<string, SectionExt>,
): CodeSection {
  const instructions = decodeSection(section, file.elf.byteOrder);
  const ext = extBySection.get(section.name);
  const functions: CodeFunction[] = [];
  const functionAt = new Map<number, CodeFunction>();
  const made: CodeSection = {
    index,
    name: section.name,
    instructions,
    functions,
    functionAt,
    relocationAt: relocationsBySlot(file, section, index),
    typeAt: ext?.types ?? new Map(),
    lines: ext?.lines ?? [],
    coreRelocations: ext?.coreRelocations ?? [],
  };
  const sorted = [...symbols].sort((a, b) => a.value - b.value || Number(b.global) - Number(a.global));
  for (const symbol of sorted) {
    const found = makeFunction(made, symbol);
    functions.push(found);
    // Of several names for one place the global one counts; it comes first.
    if (!functionAt.has(found.start)) functionAt.set(found.start, found);
  }
  return made;
}

function decodeSection(section: ElfSection, byteOrder: ObjectFile["elf"]["byteOrder"]): Instruction[] {
  try {
    return decodeInstructions(section.data, byteOrder);
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    throw new ObjectError(error.code, `section ${section.name}: ${error.message}`, {
      ...error.where,
      section: section.name,
    });
  }
}

function makeFunction(section: CodeSection, symbol: FunctionSymbol): CodeFunction {
  const { name, value, size, global, hidden } = symbol;
  const bytes = section.instructions.length * INSTRUCTION_SIZE;
  const fail = (problem: string): never => {
    throw new ObjectError("bad-program", `function ${name} in section ${section.name}: ${problem}`, {
      section: section.name,
      name,
      offset: value,
    });
  };
  if (size === 0 || value + size > bytes) {
    fail(`its ${size} bytes at byte ${value} are not within the section's ${bytes} bytes`);
  }
  if (value % INSTRUCTION_SIZE !== 0 || size % INSTRUCTION_SIZE !== 0) {
    fail(`its ${size} bytes at byte ${value} are not whole instructions`);
  }
  const start = value / INSTRUCTION_SIZE;
  const end = start + size / INSTRUCTION_SIZE;
  const before = section.instructions[start - 1];
  const last = section.instructions[end - 1];
  if ((before !== undefined && isWide(before)) || (last !== undefined && isWide(last))) {
    fail("it starts or ends within a 64-bit immediate load");
  }
  return { name, section, start, end, global, hidden };
}

function relocationsBySlot(
  { elf }: ObjectFile,
  section: ElfSection,
  index: number,
): Map<number, ElfRelocation> {
  const bySlot = new Map<number, ElfRelocation>();
  for (const relocation of elf.relocations.get(index) ?? []) {
    const { offset } = relocation;
    const slot = offset / INSTRUCTION_SIZE;
    if (!Number.isInteger(slot) || bySlot.has(slot)) {
      throw new ObjectError(
        "bad-relocation",
        `section ${section.name}+${offset}: ${bySlot.has(slot) ? "two relocations patch one instruction" : "a relocation is not at the start of an instruction"}`,
        { section: section.name, offset },
      );
    }
    bySlot.set(slot, relocation);
  }
  return bySlot;
}
