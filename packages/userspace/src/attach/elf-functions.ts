/** The functions of a program or library: its symbol tables, with the versions of what a library exports. */
import { closeSync, openSync } from "node:fs";
import { type ElfPart, ElfParts, nameReader } from "./elf-parts.js";

const SYMBOL = 24;
/** `SHT_*` of elf.h. */
const SectionKind = {
  Symbols: 2,
  DynamicSymbols: 11,
  Versions: 0x6fff_ffff,
  VersionNames: 0x6fff_fffd,
} as const;
/** `STT_*` of elf.h. */
const SymbolKind = { Function: 2, Indirect: 10 } as const;
/** `STB_*` of elf.h; what is neither is as good as global. */
const bindings: Readonly<Record<number, ElfFunction["binding"]>> = { 0: "local", 2: "weak" };
/** Of an entry of `.gnu.version`: the version is not the default one. */
const HIDDEN = 0x8000;

/** A function that a symbol table names. */
export interface ElfFunction {
  /** Without a version. */
  readonly name: string;
  /** The version of a library's interface that it belongs to, e.g. "GLIBC_2.14"; null when there is none. */
  readonly version: string | null;
  /** false for an old version that only programs linked against it get. */
  readonly isDefault: boolean;
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** The table that the dynamic linker reads, or the one for debuggers, which has static functions too. */
  readonly table: "dynamic" | "static";
  readonly binding: "local" | "weak" | "global";
  /** `STT_GNU_IFUNC`: the code there chooses an implementation when the program starts, and is not called after. */
  readonly isIndirect: boolean;
}

/**
 * The functions of a 64-bit little-endian program or library.
 *
 * @throws RangeError with what is wrong with the file
 */
export function elfFunctions(path: string): readonly ElfFunction[] {
  const fd = openSync(path, "r");
  try {
    const file = new ElfParts(fd);
    return file.sections.flatMap((section) => {
      if (section.type === SectionKind.DynamicSymbols) return readTable(file, section, "dynamic");
      return section.type === SectionKind.Symbols ? readTable(file, section, "static") : [];
    });
  } finally {
    closeSync(fd);
  }
}

function readTable(file: ElfParts, section: ElfPart, table: ElfFunction["table"]): ElfFunction[] {
  const nameAt = linkedNames(file, section);
  const symbols = file.content(section);
  const versionOf = table === "dynamic" ? versionsOf(file) : versionInName;
  const found: ElfFunction[] = [];
  for (let at = 0, index = 0; at + SYMBOL <= symbols.byteLength; at += SYMBOL, index++) {
    const isDefined = symbols.getUint16(at + 6, true) !== 0;
    const info = symbols.getUint8(at + 4);
    const kind = info & 15;
    if (!isDefined || (kind !== SymbolKind.Function && kind !== SymbolKind.Indirect)) continue;
    const offset = file.fileOffset(Number(symbols.getBigUint64(at + 8, true)));
    const name = nameAt(symbols.getUint32(at, true));
    if (offset === null || name === null) continue;
    found.push({
      name,
      ...versionOf(name, index),
      offset,
      table,
      binding: bindings[info >> 4] ?? "global",
      isIndirect: kind === SymbolKind.Indirect,
    });
  }
  return found;
}

function linkedNames(file: ElfParts, section: ElfPart): (at: number) => string | null {
  const names = file.sections[section.link];
  if (names === undefined) throw new RangeError("a symbol table has no names");
  return nameReader(file.content(names));
}

type Version = Pick<ElfFunction, "version" | "isDefault"> & Partial<Pick<ElfFunction, "name">>;
const unversioned: Version = { version: null, isDefault: true };

/** In the static table the version is in the name: `name@@DEFAULT`, `name@OLD`. */
export function versionInName(text: string): Version {
  const [, name, at, version] = /^([^@]+)(@@?)(.+)$/.exec(text) ?? [];
  if (name === undefined || version === undefined) return unversioned;
  return { name, version, isDefault: at === "@@" };
}

/** In the dynamic table it is a number for each symbol (`.gnu.version`), which `.gnu.version_d` names. */
function versionsOf(file: ElfParts): (name: string, index: number) => Version {
  const numbers = file.sections.find(({ type }) => type === SectionKind.Versions);
  const definitions = file.sections.find(({ type }) => type === SectionKind.VersionNames);
  if (numbers === undefined || definitions === undefined) return () => unversioned;
  const names = readVersionNames(file, definitions);
  const table = file.content(numbers);
  return (_, index) => {
    if (index * 2 + 2 > table.byteLength) return unversioned;
    const entry = table.getUint16(index * 2, true);
    const version = names.get(entry & ~HIDDEN);
    return version === undefined ? unversioned : { version, isDefault: (entry & HIDDEN) === 0 };
  };
}

/** Names of a file's versions by their number. The first is the file's own name, for symbols without a version. */
function readVersionNames(file: ElfParts, section: ElfPart): ReadonlyMap<number, string> {
  const nameAt = linkedNames(file, section);
  const view = file.content(section);
  const names = new Map<number, string>();
  // `struct Elf64_Verdef`, chained by `vd_next`: each leads to a later one, so that this ends.
  for (let at = 0; at + 20 <= view.byteLength; ) {
    const isBase = (view.getUint16(at + 2, true) & 1) !== 0;
    const auxiliary = at + view.getUint32(at + 12, true);
    const name = auxiliary + 4 <= view.byteLength ? nameAt(view.getUint32(auxiliary, true)) : null;
    if (!isBase && name !== null) names.set(view.getUint16(at + 4, true), name);
    const next = view.getUint32(at + 16, true);
    if (next === 0) break;
    at += next;
  }
  return names;
}
