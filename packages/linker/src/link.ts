import {
  type ByteOrder,
  type ElfSectionInput,
  type ElfSymbolInput,
  encodeBtf,
  NAMES_SECTION,
  ObjectError,
  SectionType,
  SymbolType,
  writeElf,
} from "@waggle/object";
import { type InputObject, type LinkInput, readInputs } from "./inputs.js";
import { LinkError } from "./link-error.js";
import { makeSymbols } from "./output-symbols.js";
import { findReachable, type Reachable } from "./reachability.js";
import { relocateSection } from "./relocations.js";
import { layOutSections, type OutputSection } from "./sections.js";
import { resolveSymbols } from "./symbols.js";
import { type LinkedTypes, linkTypes } from "./types.js";

export interface LinkOptions {
  /** Functions of `.text` to keep although no program calls them. */
  readonly exports?: readonly string[];
}

export interface LinkOutput {
  /** The linked object, again a relocatable ELF file, for a loader or for another link. */
  readonly object: Uint8Array;
  /** Names of the functions and variables that nothing needed, in the order of the inputs. */
  readonly dropped: readonly string[];
}

/**
 * Links relocatable BPF objects (from this project's compiler, clang or rustc) into one. The same inputs in the same
 * order give the same bytes.
 *
 * @throws LinkError
 */
export function link(inputs: readonly LinkInput[], options: LinkOptions = {}): LinkOutput {
  const objects = readInputs(inputs);
  const globals = resolveSymbols(objects);
  const reachable = findReachable(objects, globals, options.exports ?? []);
  const layout = layOutSections(objects, reachable.pieces);
  const symbols = makeSymbols(objects, globals, reachable, layout);
  const types = linkTypes(objects, globals, reachable, layout);

  const byteOrder = objects[0]?.elf.byteOrder ?? "little";
  const sections = layout.sections.map((section) =>
    outputSection(section, relocateSection(section, reachable, layout, symbols, byteOrder)),
  );
  return {
    object: writeOutput([...sections, ...joinNames(objects)], symbols.symbols, types, byteOrder),
    dropped: droppedNames(objects, reachable),
  };
}

/** Positions count from the start of a function, so that the names of all objects only stand one after the other. */
function joinNames(objects: readonly InputObject[]): ElfSectionInput[] {
  const parts = objects.flatMap(({ elf }) => elf.sections.filter(({ name }) => name === NAMES_SECTION));
  const data = new Uint8Array(parts.reduce((size, part) => size + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return data.length === 0 ? [] : [{ name: NAMES_SECTION, flags: 0, align: 1, data }];
}

function writeOutput(
  contents: readonly ElfSectionInput[],
  symbols: readonly ElfSymbolInput[],
  types: LinkedTypes | null,
  byteOrder: ByteOrder,
): Uint8Array {
  const sections = [...contents];
  try {
    if (types !== null) {
      const { btf, ext } = encodeBtf(types.btf, types.ext, byteOrder);
      sections.push({ name: ".BTF", flags: 0, data: btf, align: 4 });
      if (ext !== null) sections.push({ name: ".BTF.ext", flags: 0, data: ext, align: 4 });
    }
    return writeElf({ byteOrder, sections, symbols });
  } catch (error) {
    // Each input was fine; together they pass a limit of the format.
    if (!(error instanceof ObjectError)) throw error;
    throw new LinkError("bad-input", `the linked object cannot be written: ${error.message}`, null, []);
  }
}

function outputSection(
  section: OutputSection,
  content: Pick<ElfSectionInput, "data" | "relocations">,
): ElfSectionInput {
  const { name, align, size, elf } = section;
  const space = elf.type === SectionType.Nobits ? { size } : {};
  return { name, type: elf.type, flags: elf.flags, align, entsize: elf.entsize, ...space, ...content };
}

function droppedNames(objects: readonly InputObject[], reachable: Reachable): string[] {
  const names: string[] = [];
  for (const object of objects) {
    for (const section of object.sections.values()) {
      for (const piece of section.pieces) {
        if (reachable.pieces.has(piece) || section.elf.name === "license" || section.elf.name === "version")
          continue;
        for (const index of piece.symbols) {
          const symbol = object.elf.symbols[index];
          if (symbol !== undefined && symbol.type !== SymbolType.Section) names.push(symbol.name);
        }
      }
    }
  }
  return names;
}
