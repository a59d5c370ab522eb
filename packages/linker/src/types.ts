import {
  type Btf,
  type BtfExt,
  type BtfSectionVariable,
  type BtfType,
  type ElfSymbol,
  mergeBtf,
  pruneBtf,
  SectionIndex,
  SymbolBind,
  SymbolType,
  type TypeId,
} from "@waggle/object";
import type { InputObject, InputSection } from "./inputs.js";
import { placeOf } from "./output-symbols.js";
import type { Reachable } from "./reachability.js";
import type { Layout } from "./sections.js";
import type { GlobalSymbol } from "./symbols.js";

/** Tags that say what a ring buffer's records are, which nothing else refers to. */
const RECORD_TAG = "waggle:record:";

export interface LinkedTypes {
  readonly btf: Btf;
  readonly ext: BtfExt;
}

/**
 * Joins the types of all objects, each once, writes the sections' variables anew with the offsets that they have now,
 * moves functions, lines and CO-RE relocations along with the code, and drops the types that nothing needs any more.
 * Null when no object has types.
 */
export function linkTypes(
  objects: readonly InputObject[],
  globals: ReadonlyMap<string, GlobalSymbol>,
  reachable: Reachable,
  layout: Layout,
): LinkedTypes | null {
  const typed = objects.filter((object) => object.btf !== null);
  if (typed.length === 0) return null;
  const merged = mergeBtf(typed.map((object) => object.btf ?? { types: [] }));
  const toMerged = new Map(typed.map((object, index) => [object, merged.maps[index] ?? []]));
  const ext = moveExt(typed, layout, toMerged);
  const sections = makeDataSections(typed, globals, reachable, layout, toMerged);

  const types: BtfType[] = [...merged.btf.types];
  const roots: TypeId[] = [];
  for (const section of sections) roots.push(types.push(section) - 1);
  for (const entry of ext.functions) roots.push(entry.type);
  for (const entry of ext.relocations) roots.push(entry.type);
  for (const name of reachable.externs) roots.push(...externTypes(globals.get(name), toMerged));
  for (const [id, type] of types.entries()) {
    if (type.kind === "decl-tag" && type.name.startsWith(RECORD_TAG)) roots.push(id);
  }
  const pruned = pruneBtf({ types }, roots);
  const id = (old: TypeId): TypeId => pruned.map[old] ?? 0;
  return {
    btf: pruned.btf,
    ext: {
      functions: ext.functions.map((entry) => ({ ...entry, type: id(entry.type) })),
      lines: ext.lines,
      relocations: ext.relocations.map((entry) => ({ ...entry, type: id(entry.type) })),
    },
  };
}

type ToMerged = ReadonlyMap<InputObject, readonly TypeId[]>;

function moveExt(objects: readonly InputObject[], layout: Layout, toMerged: ToMerged): BtfExt {
  const functions: BtfExt["functions"][number][] = [];
  const lines: BtfExt["lines"][number][] = [];
  const relocations: BtfExt["relocations"][number][] = [];
  for (const object of objects) {
    const byName = new Map<string, InputSection>();
    for (const section of object.sections.values()) {
      if (!byName.has(section.elf.name)) byName.set(section.elf.name, section);
    }
    const moved = (entry: { readonly section: string; readonly offset: number }): number | null => {
      const section = byName.get(entry.section);
      return section === undefined ? null : (placeOf(layout, section, entry.offset)?.offset ?? null);
    };
    const type = (id: TypeId): TypeId => toMerged.get(object)?.[id] ?? 0;
    for (const entry of object.ext?.functions ?? []) {
      const offset = moved(entry);
      if (offset !== null) functions.push({ ...entry, offset, type: type(entry.type) });
    }
    for (const entry of object.ext?.lines ?? []) {
      const offset = moved(entry);
      if (offset !== null) lines.push({ ...entry, offset });
    }
    for (const entry of object.ext?.relocations ?? []) {
      const offset = moved(entry);
      if (offset !== null) relocations.push({ ...entry, offset, type: type(entry.type) });
    }
  }
  return { functions, lines, relocations };
}

/**
 * One DATASEC for each section with variables. What compilers write there is incomplete (clang leaves sizes and the
 * offsets of global variables to the linker), so all numbers come from the symbols.
 */
function makeDataSections(
  objects: readonly InputObject[],
  globals: ReadonlyMap<string, GlobalSymbol>,
  reachable: Reachable,
  layout: Layout,
  toMerged: ToMerged,
): Extract<BtfType, { kind: "section" }>[] {
  const found = new Map<string, Map<number, BtfSectionVariable>>();
  const declared = new Map<string, Map<string, BtfSectionVariable>>();
  for (const object of objects) {
    const symbols = symbolsByName(object);
    for (const type of object.btf?.types ?? []) {
      if (type.kind !== "section") continue;
      for (const entry of type.variables) {
        const target = object.btf?.types[entry.type];
        if (target === undefined || !("name" in target)) continue;
        const symbol = symbols.get(`${type.name}\0${target.name}`) ?? symbols.get(`\0${target.name}`);
        if (symbol === undefined) continue;
        const id = toMerged.get(object)?.[entry.type] ?? 0;
        if (symbol.section === SectionIndex.Undefined) {
          if (!reachable.externs.has(symbol.name)) continue;
          const list = declared.get(type.name) ?? new Map<string, BtfSectionVariable>();
          declared.set(type.name, list);
          if (!list.has(symbol.name)) list.set(symbol.name, { ...entry, type: id });
          continue;
        }
        const section = object.sections.get(symbol.section);
        const place =
          section === undefined || !isCounted(object, symbol, globals)
            ? null
            : placeOf(layout, section, symbol.value);
        if (place === null) continue;
        const list = found.get(place.section.name) ?? new Map<number, BtfSectionVariable>();
        found.set(place.section.name, list);
        // Two names for one place: the kernel takes only one.
        if (!list.has(place.offset))
          list.set(place.offset, { type: id, offset: place.offset, size: entry.size || symbol.size });
      }
    }
  }
  const sections: Extract<BtfType, { kind: "section" }>[] = [];
  for (const { name, size } of layout.sections) {
    const variables = found.get(name);
    if (variables === undefined) continue;
    const sorted = [...variables.values()].sort((a, b) => a.offset - b.offset);
    sections.push({ kind: "section", name, size, variables: sorted });
  }
  for (const [name, variables] of declared)
    sections.push({ kind: "section", name, size: 0, variables: [...variables.values()] });
  return sections;
}

/** Symbols by "SECTION\0NAME", and those without a section by "\0NAME". */
function symbolsByName(object: InputObject): Map<string, ElfSymbol> {
  const symbols = new Map<string, ElfSymbol>();
  for (const symbol of object.elf.symbols) {
    if (symbol.type === SymbolType.Section || symbol.type === SymbolType.File || symbol.name === "") continue;
    const section = object.sections.get(symbol.section)?.elf.name ?? "";
    symbols.set(`${section}\0${symbol.name}`, symbol);
  }
  return symbols;
}

/** Whether a defined symbol is what its name stands for: local ones are, global ones unless another object's won. */
function isCounted(
  object: InputObject,
  symbol: ElfSymbol,
  globals: ReadonlyMap<string, GlobalSymbol>,
): boolean {
  if (symbol.bind === SymbolBind.Local) return true;
  const definition = globals.get(symbol.name)?.definition;
  return definition?.object === object && definition.symbol === symbol;
}

/** The declarations (extern FUNC or VAR) of a name that the loader resolves. */
function externTypes(global: GlobalSymbol | undefined, toMerged: ToMerged): TypeId[] {
  for (const { object } of global?.occurrences ?? []) {
    for (const [id, type] of object.btf?.types.entries() ?? []) {
      if ((type.kind === "function" || type.kind === "variable") && type.name === global?.name) {
        return [toMerged.get(object)?.[id] ?? 0];
      }
    }
  }
  return [];
}
