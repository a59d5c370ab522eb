import { type ElfSymbolInput, SymbolBind, SymbolType, SymbolVisibility } from "@waggle/object";
import { type InputObject, type InputSection, type Piece, pieceAt } from "./inputs.js";
import type { Reachable } from "./reachability.js";
import type { Layout, OutputSection } from "./sections.js";
import type { GlobalSymbol } from "./symbols.js";

/** The output's symbols, and how to find them again. */
export interface OutputSymbols {
  readonly symbols: readonly ElfSymbolInput[];
  /** By output section. */
  readonly ofSection: (section: OutputSection) => number;
  readonly ofGlobal: (name: string) => number | undefined;
  readonly ofLocal: (object: InputObject, index: number) => number | undefined;
}

/** Where a byte of an input section has gone; null when it was dropped. */
export function placeOf(
  layout: Layout,
  section: InputSection,
  offset: number,
): { readonly section: OutputSection; readonly offset: number; readonly piece: Piece } | null {
  const piece = pieceAt(section, offset);
  const place = piece === null ? undefined : layout.places.get(piece);
  if (piece === null || place === undefined) return null;
  return { section: place.section, offset: place.start + (offset - piece.start), piece };
}

/** One symbol a section, then local symbols in what is kept, then global ones, each in the order of the inputs. */
export function makeSymbols(
  objects: readonly InputObject[],
  globals: ReadonlyMap<string, GlobalSymbol>,
  reachable: Reachable,
  layout: Layout,
): OutputSymbols {
  const symbols: ElfSymbolInput[] = layout.sections.map((section) => ({
    name: "",
    section: section.index,
    value: 0,
    size: 0,
    bind: SymbolBind.Local,
    type: SymbolType.Section,
  }));
  const locals = new Map<InputObject, Map<number, number>>();
  for (const object of objects) {
    const indexes = new Map<number, number>();
    locals.set(object, indexes);
    for (const [index, symbol] of object.elf.symbols.entries()) {
      if (
        symbol.bind !== SymbolBind.Local ||
        symbol.type === SymbolType.Section ||
        symbol.type === SymbolType.File
      )
        continue;
      const section = object.sections.get(symbol.section);
      const place = section === undefined ? null : placeOf(layout, section, symbol.value);
      if (place === null) continue;
      const { name, size, bind, type } = symbol;
      indexes.set(
        index,
        symbols.push({ name, section: place.section.index, value: place.offset, size, bind, type }) - 1,
      );
    }
  }
  const byName = new Map<string, number>();
  for (const global of globals.values()) {
    const symbol = globalSymbol(global, reachable, layout);
    if (symbol !== null) byName.set(global.name, symbols.push(symbol) - 1);
  }
  return {
    symbols,
    ofSection: (section) => section.index,
    ofGlobal: (name) => byName.get(name),
    ofLocal: (object, index) => locals.get(object)?.get(index),
  };
}

function globalSymbol(global: GlobalSymbol, reachable: Reachable, layout: Layout): ElfSymbolInput | null {
  const { name, definition, weak, hidden } = global;
  const visibility = hidden ? SymbolVisibility.Hidden : SymbolVisibility.Default;
  const bind = weak ? SymbolBind.Weak : SymbolBind.Global;
  if (definition === null || definition.section === null) {
    if (!reachable.externs.has(name)) return null;
    return { name, section: null, value: 0, size: 0, bind, type: SymbolType.NoType, visibility };
  }
  const { symbol, section } = definition;
  const place = placeOf(layout, section, symbol.value);
  if (place === null) return null;
  return {
    name,
    section: place.section.index,
    value: place.offset,
    size: symbol.size,
    bind,
    type: symbol.type,
    visibility,
  };
}
