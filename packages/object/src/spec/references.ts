import type { ElfRelocation, ElfSymbol } from "../elf/types.js";
import { RelocationType, SectionIndex, SymbolType } from "../elf/types.js";
import { ObjectError } from "../errors.js";
import { INSTRUCTION_SIZE, isWide } from "../isa/codec.js";
import type { Instruction } from "../isa/instruction.js";
import { CALL_OPCODE, Pseudo } from "../isa/opcodes.js";
import type { CodeFunction, CodeSection } from "./code.js";
import type { DefinedMap } from "./map-definitions.js";
import { MAPS_SECTION } from "./map-definitions.js";
import type { ObjectFile } from "./object-file.js";
import { dataSectionKind, describeSymbol } from "./object-file.js";

/** What an instruction means beyond its own fields. */
export type Reference =
  | { readonly kind: "function"; readonly target: CodeFunction }
  | { readonly kind: "kernel"; readonly name: string }
  | { readonly kind: "map"; readonly map: string }
  | { readonly kind: "data"; readonly section: number; readonly map: string; readonly offset: number };

/** Finds what instructions refer to, through relocations and pc-relative calls. */
export interface ReferenceResolver {
  /**
   * The reference of the instruction in a slot; null when it has none.
   * @throws ObjectError "bad-relocation" naming the place and the symbol
   */
  readonly resolve: (section: CodeSection, slot: number) => Reference | null;
}

/** Makes the resolver of one object. */
export function referenceResolver(
  file: ObjectFile,
  code: ReadonlyMap<number, CodeSection>,
  maps: readonly DefinedMap[],
): ReferenceResolver {
  const mapAt = new Map(maps.map(({ offset, spec }) => [offset, spec.name]));
  const context: ResolveContext = { file, code, mapAt };
  return {
    resolve: (section, slot) => {
      const instruction = section.instructions[slot];
      if (instruction === undefined) return null;
      const relocation = section.relocationAt.get(slot);
      if (relocation !== undefined) return relocated(context, section, slot, instruction, relocation);
      const isCall = instruction.opcode === CALL_OPCODE && instruction.src === Pseudo.Call;
      const isAddress = isWide(instruction) && instruction.src === Pseudo.Func;
      if (!isCall && !isAddress) return null;
      return functionAt(section, slot + 1 + instruction.imm, `${section.name}+${slot * INSTRUCTION_SIZE}`);
    },
  };
}

interface ResolveContext {
  readonly file: ObjectFile;
  readonly code: ReadonlyMap<number, CodeSection>;
  readonly mapAt: ReadonlyMap<number, string>;
}

function relocated(
  context: ResolveContext,
  section: CodeSection,
  slot: number,
  instruction: Instruction,
  relocation: ElfRelocation,
): Reference | null {
  const { elf } = context.file;
  const place = `${section.name}+${slot * INSTRUCTION_SIZE}`;
  const symbol = elf.symbols[relocation.symbol];
  const fail = (problem: string): never => {
    throw new ObjectError("bad-relocation", `${place}: ${problem}`, {
      section: section.name,
      offset: relocation.offset,
      ...(symbol === undefined ? {} : { name: symbol.name }),
    });
  };
  if (symbol === undefined) return fail(`symbol ${relocation.symbol} does not exist`);
  const name = describeSymbol(elf, symbol);
  if (relocation.type === RelocationType.None) return null;
  if (symbol.section === SectionIndex.Undefined) {
    if (instruction.opcode === CALL_OPCODE && isKernelFunction(context.file, symbol.name)) {
      return { kind: "kernel", name: symbol.name };
    }
    return fail(`${name} is not defined in this object: link it with the one that defines it`);
  }
  if (relocation.type === RelocationType.Call32) {
    if (instruction.opcode !== CALL_OPCODE || instruction.src !== Pseudo.Call) {
      return fail(`a call of ${name} is to be put into an instruction that is not a call`);
    }
    const target = context.code.get(symbol.section);
    if (target === undefined) return fail(`calls ${name}, which is not code`);
    return functionAt(target, symbol.value / INSTRUCTION_SIZE + instruction.imm + 1, place);
  }
  if (relocation.type !== RelocationType.Map64) {
    return fail(`relocation type ${relocation.type} against ${name} does not occur in code`);
  }
  if (!isWide(instruction)) {
    return fail(`the address of ${name} is to be put into an instruction that is not a 64-bit load`);
  }
  return addressOf(context, symbol, name, symbol.value + instruction.imm, place, fail);
}

/** A function of the kernel is one that `.BTF` lists in `.ksyms`; other extern functions are of objects that were not linked. */
function isKernelFunction({ btf }: ObjectFile, name: string): boolean {
  if (btf === null) return false;
  return btf.types.some(
    (section) =>
      section.kind === "section" &&
      section.name === ".ksyms" &&
      section.variables.some(({ type }) => {
        const declared = btf.types[type];
        return declared?.kind === "function" && declared.name === name;
      }),
  );
}

function addressOf(
  { file, code, mapAt }: ResolveContext,
  symbol: ElfSymbol,
  name: string,
  offset: number,
  place: string,
  fail: (problem: string) => never,
): Reference {
  const section = file.elf.sections[symbol.section];
  if (section === undefined) return fail(`${name} is in no section`);
  const target = code.get(symbol.section);
  if (target !== undefined) return functionAt(target, offset / INSTRUCTION_SIZE, place);
  if (section.name === MAPS_SECTION) {
    const map = mapAt.get(offset);
    if (map === undefined) return fail(`no map is defined at ${MAPS_SECTION}+${offset} (${name})`);
    return { kind: "map", map };
  }
  if (dataSectionKind(section) === null) {
    const kind = symbol.type === SymbolType.Section ? name : `${name} in section ${section.name}`;
    return fail(`takes the address of ${kind}, which is neither code, a map nor data`);
  }
  if (offset < 0 || offset >= section.size) {
    return fail(`takes byte ${offset} of section ${section.name} (${name}), which has ${section.size} bytes`);
  }
  return { kind: "data", section: symbol.section, map: section.name, offset };
}

function functionAt(section: CodeSection, slot: number, place: string): Reference {
  const target = section.functionAt.get(slot);
  if (target === undefined) {
    throw new ObjectError(
      "bad-relocation",
      `${place}: no function starts at ${section.name}+${slot * INSTRUCTION_SIZE}, which it refers to`,
      { section: section.name, offset: slot * INSTRUCTION_SIZE },
    );
  }
  return { kind: "function", target };
}
