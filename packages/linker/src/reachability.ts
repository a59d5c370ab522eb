import { nearest, SectionFlag, SymbolBind, SymbolType } from "@waggle/object";
import { type InputObject, type InputSection, type Piece, pieceAt } from "./inputs.js";
import { LinkError } from "./link-error.js";
import { type Reference, referencesOf } from "./references.js";
import { findSharedDuplicates, type GlobalSymbol, sectionName } from "./symbols.js";

/** What stays in the output. */
export interface Reachable {
  readonly pieces: ReadonlySet<Piece>;
  /** Names without a definition that kept code refers to; the loader resolves them. */
  readonly externs: ReadonlySet<string>;
  /** References of kept pieces, ascending. */
  readonly references: ReadonlyMap<Piece, readonly Reference[]>;
}

/** Sections of BTF in which a declaration is resolved against the kernel when the object is loaded. */
const loaderSections: readonly (string | null)[] = [".ksyms", ".kconfig"];

/**
 * Finds what programs need. Kept without being asked for: programs (global functions outside of `.text`), exported
 * functions, the license, maps, and global variables, as user space can reach both by name. Everything else, static
 * functions and data and what other objects replace, is kept only when something kept refers to it. In a link without
 * any program all global functions count as exported.
 *
 * @throws LinkError "undefined-symbol" for a name that code needs and that a loader cannot find either; "unknown-export"
 */
export function findReachable(
  objects: readonly InputObject[],
  symbols: ReadonlyMap<string, GlobalSymbol>,
  exports: readonly string[],
): Reachable {
  const pieces = new Set<Piece>();
  const externs = new Set<string>();
  const references = new Map<Piece, Reference[]>();
  const bySection = new Map<InputSection, ReadonlyMap<Piece, Reference[]>>();
  const work: Piece[] = [];
  const keep = (piece: Piece): void => {
    if (pieces.has(piece)) return;
    pieces.add(piece);
    work.push(piece);
  };
  for (const root of findRoots(objects, symbols, exports)) keep(root);
  for (let piece = work.pop(); piece !== undefined; piece = work.pop()) {
    const { object, section } = piece;
    const known = bySection.get(section) ?? groupByPiece(section, referencesOf(object, section));
    bySection.set(section, known);
    const list = known.get(piece) ?? [];
    references.set(piece, list);
    for (const { target } of list) {
      if (target.kind === "global") {
        const definition = pieceOfSymbol(symbols, target.name, piece);
        if (definition === null) externs.add(target.name);
        else keep(definition);
      } else if (target.kind === "data") {
        for (const part of target.section.pieces) keep(part);
      } else {
        keep(target.piece);
      }
    }
    for (const callback of exceptionCallbacks(piece)) {
      const definition = symbols.get(callback)?.definition;
      const target = definition === undefined || definition === null ? null : pieceOf(definition);
      if (target !== null) keep(target);
    }
  }
  return { pieces, externs, references };
}

function groupByPiece(section: InputSection, references: readonly Reference[]): Map<Piece, Reference[]> {
  const groups = new Map<Piece, Reference[]>();
  for (const reference of references) {
    const piece = pieceAt(section, reference.offset);
    if (piece === null) continue;
    const group = groups.get(piece);
    if (group === undefined) groups.set(piece, [reference]);
    else group.push(reference);
  }
  return groups;
}

function findRoots(
  objects: readonly InputObject[],
  symbols: ReadonlyMap<string, GlobalSymbol>,
  exports: readonly string[],
): Piece[] {
  const repeated = findSharedDuplicates(objects);
  const roots: Piece[] = [];
  const library: Piece[] = [];
  let programs = 0;
  for (const object of objects) {
    for (const section of object.sections.values()) {
      if (repeated.has(section)) continue;
      const { name } = section.elf;
      for (const piece of section.pieces) {
        const named = piece.symbols.some((index) => isDefinition(object, index, symbols));
        if (section.code && named && name !== ".text") {
          programs++;
          roots.push(piece);
        } else if (section.code && named) {
          library.push(piece);
        } else if (!section.code && (named || isKeptWhole(piece))) {
          roots.push(piece);
        }
      }
    }
  }
  for (const name of exports) roots.push(exportedPiece(name, symbols));
  return programs === 0 && exports.length === 0 ? [...roots, ...library] : roots;
}

/** Whether the symbol is what its global name stands for in the link. */
function isDefinition(
  object: InputObject,
  index: number,
  symbols: ReadonlyMap<string, GlobalSymbol>,
): boolean {
  const symbol = object.elf.symbols[index];
  if (symbol === undefined || symbol.bind === SymbolBind.Local) return false;
  const global = symbols.get(symbol.name);
  const definition = global?.definition;
  if (global === undefined || definition === undefined || definition === null) return false;
  // Hidden variables are for the objects of this link only; hidden programs and maps are still loaded.
  if (global.hidden && symbol.type === SymbolType.Object && definition.section?.elf.name !== ".maps")
    return false;
  return definition.object === object && definition.index === index;
}

/** License and version without a symbol, and sections whose layout the loader knows. */
function isKeptWhole(piece: Piece): boolean {
  const { name, flags } = piece.section.elf;
  if (name === "license" || name === "version") return true;
  // What is not for the program's memory (notes, tool sections) is not ours to judge.
  return (
    (flags & SectionFlag.Alloc) !== 0 && (name.startsWith(".struct_ops") || name.startsWith("?.struct_ops"))
  );
}

function exportedPiece(name: string, symbols: ReadonlyMap<string, GlobalSymbol>): Piece {
  const definition = symbols.get(name)?.definition ?? null;
  const piece = definition === null ? null : pieceOf(definition);
  if (piece !== null) return piece;
  const defined = [...symbols.values()]
    .filter((symbol) => symbol.definition !== null)
    .map((symbol) => symbol.name);
  const near = nearest(name, defined);
  throw new LinkError(
    "unknown-export",
    `"${name}" is to be exported, but no object defines it as a global symbol${near === null ? "" : `; did you mean "${near}"?`}`,
    name,
    [],
  );
}

function pieceOf(definition: NonNullable<GlobalSymbol["definition"]>): Piece | null {
  return definition.section === null ? null : pieceAt(definition.section, definition.symbol.value);
}

/** The piece that a name stands for, or null when the loader is to find it. */
function pieceOfSymbol(symbols: ReadonlyMap<string, GlobalSymbol>, name: string, from: Piece): Piece | null {
  const global = symbols.get(name);
  const definition = global?.definition ?? null;
  const piece = definition === null ? null : pieceOf(definition);
  if (piece !== null) return piece;
  const declared = global?.occurrences.map(sectionName) ?? [];
  if (global?.weak === true || declared.some((section) => loaderSections.includes(section))) return null;
  const defined = [...symbols.values()]
    .filter((symbol) => symbol.definition !== null)
    .map((symbol) => symbol.name);
  const near = nearest(name, defined);
  const users = [
    ...new Set(global?.occurrences.map((occurrence) => occurrence.object.name) ?? [from.object.name]),
  ];
  throw new LinkError(
    "undefined-symbol",
    `"${name}" is not defined: section ${from.section.elf.name} of ${from.object.name} needs it${near === null ? "." : `; did you mean "${near}"?`} Link the object that defines it, or declare it in .ksyms when the kernel does`,
    name,
    users,
  );
}

/** Functions that a program names in a tag `exception_callback:NAME`, to be called when it throws. */
function exceptionCallbacks(piece: Piece): string[] {
  const { btf, elf } = piece.object;
  if (btf === null || !piece.section.code) return [];
  const names = new Set(piece.symbols.map((index) => elf.symbols[index]?.name));
  return btf.types.flatMap((type) => {
    if (type.kind !== "decl-tag" || !type.name.startsWith("exception_callback:")) return [];
    const target = btf.types[type.type];
    const tagged = target?.kind === "function" && names.has(target.name);
    return tagged ? [type.name.slice("exception_callback:".length)] : [];
  });
}
