import { type ElfSection, SectionType } from "@waggle/object";
import type { InputObject, InputSection, Piece } from "./inputs.js";
import { LinkError } from "./link-error.js";

/** A section of the output: the kept pieces of all input sections of its name. */
export interface OutputSection {
  readonly name: string;
  readonly index: number;
  readonly elf: ElfSection;
  readonly align: number;
  readonly size: number;
  readonly pieces: readonly PlacedPiece[];
}

export interface PlacedPiece {
  readonly piece: Piece;
  /** Bytes from the start of the output section. */
  readonly start: number;
}

export interface Layout {
  readonly sections: readonly OutputSection[];
  /** Where each kept piece has gone. */
  readonly places: ReadonlyMap<Piece, { readonly section: OutputSection; readonly start: number }>;
}

/**
 * Lays out the output: sections of one name are joined in the order of the objects. Pieces keep their order; pieces
 * that were neighbours stay so, and each is aligned as it was in its section.
 *
 * @throws LinkError "section-mismatch" for sections of one name that cannot be joined
 */
export function layOutSections(objects: readonly InputObject[], kept: ReadonlySet<Piece>): Layout {
  const groups = new Map<string, InputSection[]>();
  const owners = new Map<InputSection, InputObject>();
  for (const object of objects) {
    for (const section of object.sections.values()) {
      if (!section.pieces.some((piece) => kept.has(piece))) continue;
      owners.set(section, object);
      const group = groups.get(section.elf.name);
      if (group === undefined) groups.set(section.elf.name, [section]);
      else group.push(section);
    }
  }
  const sections: OutputSection[] = [];
  const places = new Map<Piece, { section: OutputSection; start: number }>();
  for (const [name, group] of groups) {
    const [first] = group;
    if (first === undefined) continue;
    for (const other of group) checkJoinable(first, other, owners);
    const section = place(name, sections.length, first, group, kept);
    sections.push(section);
    for (const { piece, start } of section.pieces) places.set(piece, { section, start });
  }
  return { sections, places };
}

function place(
  name: string,
  index: number,
  first: InputSection,
  group: readonly InputSection[],
  kept: ReadonlySet<Piece>,
): OutputSection {
  const pieces: PlacedPiece[] = [];
  let size = 0;
  let align = 1;
  for (const section of group) {
    const step = Math.max(section.elf.align, section.code ? 8 : 1);
    align = Math.max(align, step);
    for (const piece of section.pieces) {
      if (!kept.has(piece)) continue;
      // The same distance from a multiple of the alignment as before: what was aligned still is.
      const start = size + ((((piece.start - size) % step) + step) % step);
      pieces.push({ piece, start });
      size = start + (piece.end - piece.start);
    }
  }
  return { name, index, elf: first.elf, align, size, pieces };
}

function checkJoinable(
  first: InputSection,
  other: InputSection,
  owners: ReadonlyMap<InputSection, InputObject>,
): void {
  const fields = ["type", "flags", "entsize"] as const;
  const different = fields.find((field) => first.elf[field] !== other.elf[field]);
  if (different === undefined) return;
  const names = [owners.get(first)?.name ?? "", owners.get(other)?.name ?? ""];
  const show = (section: InputSection): string =>
    different === "type"
      ? section.elf.type === SectionType.Nobits
        ? "no content (NOBITS)"
        : "content (PROGBITS)"
      : `the ${different} 0x${section.elf[different].toString(16)}`;
  throw new LinkError(
    "section-mismatch",
    `sections ${first.elf.name} cannot be joined: it has ${show(first)} in ${names[0]} and ${show(other)} in ${names[1]}; give one of them another name`,
    null,
    names,
  );
}
