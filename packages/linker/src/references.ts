import { type ElfRelocation, RelocationType, SymbolBind, SymbolType } from "@waggle/object";
import { badInput, type InputObject, type InputSection, type Piece, pieceAt, symbolAt } from "./inputs.js";
import { LinkError } from "./link-error.js";

/** What a place in code or data refers to. */
export type Target =
  /** A name that the whole link shares. */
  | { readonly kind: "global"; readonly name: string }
  /** A local symbol of the object. */
  | { readonly kind: "local"; readonly symbol: number; readonly piece: Piece }
  /** A byte of a code section, given without a name. */
  | { readonly kind: "code"; readonly piece: Piece; readonly offset: number }
  /** Some byte of a data section: compilers fold indexes into the address, so that it may be next to what is meant. */
  | { readonly kind: "data"; readonly section: InputSection };

export interface Reference {
  /** Byte of the input section at which the instruction or the word stands. */
  readonly offset: number;
  /** `R_BPF_*`; null for a call within a section, which needs no relocation. */
  readonly type: number | null;
  readonly target: Target;
}

const CALL = 0x85;
const LOAD_WIDE = 0x18;
const PSEUDO_CALL = 1;
const PSEUDO_FUNC = 4;

/** All references of a section, ascending: its relocations and its calls without one. */
export function referencesOf(object: InputObject, section: InputSection): Reference[] {
  const relocated = new Set(section.relocations.map((relocation) => relocation.offset));
  const references = section.relocations.map((relocation) => ({
    offset: relocation.offset,
    type: relocation.type,
    target: relocationTarget(object, section, relocation),
  }));
  if (!section.code) return references.sort((a, b) => a.offset - b.offset);
  const code = new CodeView(object, section);
  const all: Reference[] = references;
  for (let offset = 0; offset < section.elf.size; offset += code.sizeAt(offset)) {
    if (relocated.has(offset) || !code.isRelativeCall(offset)) continue;
    const to = offset + 8 + code.imm(offset) * 8;
    all.push({ offset, type: null, target: codeTarget(object, section, section, offset, to) });
  }
  return all.sort((a, b) => a.offset - b.offset);
}

function relocationTarget(object: InputObject, from: InputSection, relocation: ElfRelocation): Target {
  const symbol = symbolAt(object, relocation.symbol);
  if (relocation.offset >= from.elf.size || (from.code && relocation.offset % 8 !== 0)) {
    throw badInput(
      object,
      `section ${from.elf.name} has a relocation at byte ${relocation.offset}, where there is nothing to patch`,
    );
  }
  if (symbol.bind !== SymbolBind.Local) return { kind: "global", name: symbol.name };
  const section = object.sections.get(symbol.section);
  if (section === undefined) {
    throw badInput(
      object,
      `section ${from.elf.name} refers at byte ${relocation.offset} to "${symbol.name}", which is in no section that is linked`,
    );
  }
  if (symbol.type !== SymbolType.Section) {
    const piece = pieceAt(section, symbol.value);
    if (piece === null)
      throw badInput(
        object,
        `section ${from.elf.name} refers to "${symbol.name}", which is past the end of section ${section.elf.name}`,
      );
    return { kind: "local", symbol: relocation.symbol, piece };
  }
  if (!from.code) {
    throw new LinkError(
      "bad-input",
      `${object.name} cannot be linked: section ${from.elf.name} holds at byte ${relocation.offset} the address of something static in section ${section.elf.name}, which loaders cannot fill in; make what it points to global`,
      null,
      [object.name],
    );
  }
  if (!section.code) return { kind: "data", section };
  const imm = new CodeView(object, from).imm(relocation.offset);
  const to = relocation.type === RelocationType.Call32 ? (imm + 1) * 8 : imm;
  return codeTarget(object, from, section, relocation.offset, to);
}

function codeTarget(
  object: InputObject,
  from: InputSection,
  section: InputSection,
  offset: number,
  to: number,
): Target {
  const piece = to % 8 === 0 ? pieceAt(section, to) : null;
  if (piece === null) {
    throw badInput(
      object,
      `the call at byte ${offset} of section ${from.elf.name} goes to byte ${to} of section ${section.elf.name}, where no instruction starts`,
    );
  }
  return { kind: "code", piece, offset: to };
}

/** Reads the few fields of instructions that linking needs, in the object's byte order. */
export class CodeView {
  private readonly view: DataView;
  private readonly little: boolean;

  constructor(object: InputObject, section: InputSection) {
    const { data } = section.elf;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.little = object.elf.byteOrder === "little";
  }

  imm(offset: number): number {
    return this.view.getInt32(offset + 4, this.little);
  }

  /** Bytes of the instruction: a wide load takes two slots. */
  sizeAt(offset: number): number {
    return this.view.getUint8(offset) === LOAD_WIDE ? 16 : 8;
  }

  /** A call of a BPF function, or a load of its address, by its distance in slots. */
  isRelativeCall(offset: number): boolean {
    const opcode = this.view.getUint8(offset);
    const registers = this.view.getUint8(offset + 1);
    const source = this.little ? registers >> 4 : registers & 0x0f;
    return (opcode === CALL && source === PSEUDO_CALL) || (opcode === LOAD_WIDE && source === PSEUDO_FUNC);
  }
}
