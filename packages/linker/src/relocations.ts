import { type ByteOrder, type ElfRelocationInput, RelocationType, SectionType } from "@waggle/object";
import { badInput } from "./inputs.js";
import type { OutputSymbols } from "./output-symbols.js";
import type { Reachable } from "./reachability.js";
import { CodeView, type Reference } from "./references.js";
import type { Layout, OutputSection, PlacedPiece } from "./sections.js";

/** The content of an output section and the relocations that are left for the loader. */
export interface SectionContent {
  readonly data: Uint8Array;
  readonly relocations: readonly ElfRelocationInput[];
}

/**
 * Copies the kept pieces of a section and moves their references along: against named symbols the relocation stays as it
 * is, against sections the distance in the instruction follows what it means, and calls without relocation are made to
 * reach over what was dropped between.
 */
export function relocateSection(
  section: OutputSection,
  reachable: Reachable,
  layout: Layout,
  symbols: OutputSymbols,
  byteOrder: ByteOrder,
): SectionContent {
  if (section.elf.type === SectionType.Nobits) return { data: new Uint8Array(0), relocations: [] };
  const data = new Uint8Array(section.size);
  const view = new DataView(data.buffer);
  const relocations: ElfRelocationInput[] = [];
  for (const placed of section.pieces) {
    const { piece, start } = placed;
    data.set(piece.section.elf.data.subarray(piece.start, piece.end), start);
    for (const reference of reachable.references.get(piece) ?? []) {
      const offset = start + (reference.offset - piece.start);
      const { symbol, imm } = moveReference(reference, placed, layout, symbols);
      if (imm !== null) view.setInt32(offset + 4, imm, byteOrder === "little");
      if (reference.type !== null && symbol !== null)
        relocations.push({ offset, type: reference.type, symbol });
    }
  }
  return { data, relocations };
}

/** The output symbol to relocate against and the new immediate; null is "none" and "as it was". */
function moveReference(
  reference: Reference,
  { piece, start }: PlacedPiece,
  layout: Layout,
  symbols: OutputSymbols,
): { symbol: number | null; imm: number | null } {
  const { target } = reference;
  const { object, section } = piece;
  const missing = (): Error =>
    badInput(
      object,
      `section ${section.elf.name} refers at byte ${reference.offset} to something that is not in the output`,
    );
  if (target.kind === "global" || target.kind === "local") {
    const symbol =
      target.kind === "global" ? symbols.ofGlobal(target.name) : symbols.ofLocal(object, target.symbol);
    if (symbol === undefined) throw missing();
    return { symbol, imm: null };
  }
  const [anchor] = target.kind === "data" ? target.section.pieces : [target.piece];
  const place = anchor === undefined ? undefined : layout.places.get(anchor);
  if (anchor === undefined || place === undefined) throw missing();
  const symbol = symbols.ofSection(place.section);
  const shift = place.start - anchor.start;
  if (target.kind === "data") {
    return { symbol, imm: new CodeView(object, section).imm(reference.offset) + shift };
  }
  const to = target.offset + shift;
  if (reference.type === null) {
    return { symbol: null, imm: (to - (start + (reference.offset - piece.start))) / 8 - 1 };
  }
  return { symbol, imm: reference.type === RelocationType.Call32 ? to / 8 - 1 : to };
}
