import type { Btf, TypeId } from "../btf/types.js";
import { ObjectError } from "../errors.js";
import { sectionByName, sectionDefinitions } from "../interface/sections.js";
import { parseLogSites } from "../log/site.js";
import { nearest } from "../nearest.js";
import type { CodeFunction, CodeSection } from "./code.js";
import { readCodeSections } from "./code.js";
import { readDataMaps } from "./data-maps.js";
import { linkProgram } from "./link-program.js";
import { readMapDefinitions } from "./map-definitions.js";
import type { ObjectFile } from "./object-file.js";
import { readObjectFile, sectionNamed } from "./object-file.js";
import type { ReferenceResolver } from "./references.js";
import { referenceResolver } from "./references.js";
import type { MapSpec, ObjectSpec, ProgramSpec } from "./types.js";
import { NAMES_SECTION, parseNames } from "./variable-names.js";

/** Section of functions that are never programs. */
const SUBPROGRAM_SECTION = ".text";

/**
 * Bound on the instructions of all programs together. A subprogram is repeated in each program that calls it, so that
 * a small file could otherwise ask for any amount of memory.
 */
const MAX_OBJECT_INSTRUCTIONS = 8_000_000;

/**
 * Reads a relocatable BPF object: ours, clang's or rustc's. Needs no privileges and no kernel.
 *
 * Programs are the global functions of sections that `sectionByName` knows. Functions of `.text`, static ones, and those
 * of other sections that are called, are appended to the programs that reach them.
 * @throws ObjectError for whatever cannot be read, naming the section, the symbol and the offset
 */
export function readObject(bytes: Uint8Array): ObjectSpec {
  const file = readObjectFile(bytes);
  const code = readCodeSections(file);
  const definedMaps = readMapDefinitions(file);
  const resolver = referenceResolver(file, code, definedMaps);
  const { programs: plain, untypedPrograms, dataSections } = readPrograms(code, resolver);
  const section = sectionNamed(file.elf, NAMES_SECTION);
  const names = section === null ? null : parseNames(section.data);
  const programs = plain.map((program) => (names === null ? program : { ...program, names }));
  const maps = [...definedMaps.map(({ spec }) => spec), ...readDataMaps(file, dataSections)];
  for (const map of maps) checkSlots(map, maps, programs, untypedPrograms);
  const logs = section === null ? null : parseLogSites(section.data);
  return {
    byteOrder: file.elf.byteOrder,
    license: readLicense(file),
    btf: withHiddenFunctions(file.btf, code, programs),
    programs,
    maps,
    ...(untypedPrograms.length > 0 && { untypedPrograms }),
    ...(logs !== null && logs.size > 0 && { logs }),
  };
}

/**
 * The types with hidden subprograms as static ones. The kernel verifies a global function apart from its callers, knowing only the types of its
 * parameters; what no other object sees need not bear that (libbpf, `bpf_object__sanitize_and_load_btf`).
 */
function withHiddenFunctions(
  btf: Btf | null,
  code: ReadonlyMap<number, CodeSection>,
  programs: readonly ProgramSpec[],
): Btf | null {
  const mains = new Set(programs.map(({ name }) => name));
  const hidden = new Set<TypeId>();
  for (const { functions, typeAt } of code.values()) {
    for (const each of functions) {
      const type = each.hidden && !mains.has(each.name) ? typeAt.get(each.start) : undefined;
      if (type !== undefined) hidden.add(type);
    }
  }
  if (btf === null || hidden.size === 0) return btf;
  return {
    types: btf.types.map((type, id) =>
      hidden.has(id) && type.kind === "function" ? { ...type, linkage: "static" } : type,
    ),
  };
}

function readLicense(file: ObjectFile): string {
  const section = sectionNamed(file.elf, "license");
  if (section === null) return "";
  const end = section.data.indexOf(0);
  const text = section.data.subarray(0, end < 0 ? section.data.length : Math.min(end, 256));
  return new TextDecoder().decode(text);
}

function readPrograms(
  code: ReadonlyMap<number, CodeSection>,
  resolver: ReferenceResolver,
): { programs: ProgramSpec[]; untypedPrograms: UntypedProgram[]; dataSections: Set<number> } {
  const programs: ProgramSpec[] = [];
  const untypedPrograms: UntypedProgram[] = [];
  const dataSections = new Set<number>();
  const names = new Set<string>();
  let called: ReadonlySet<CodeFunction> | null = null;
  let total = 0;
  for (const section of code.values()) {
    if (section.name === SUBPROGRAM_SECTION) continue;
    const match = sectionByName(section.name);
    if (match === null) {
      called ??= calledFunctions(code, resolver);
      untypedPrograms.push(...untypedOf(section, called));
      continue;
    }
    const mains = section.functions.filter((each) => each.global);
    if (section.functions.length === 0) {
      throw new ObjectError(
        "bad-program",
        `section ${section.name} has code, but no symbol says what function it is`,
        { section: section.name },
      );
    }
    for (const main of mains) {
      if (names.has(main.name)) {
        throw new ObjectError("bad-program", `two programs are called ${main.name}`, {
          section: section.name,
          name: main.name,
        });
      }
      names.add(main.name);
      const { dataSections: used, ...linked } = linkProgram(main, resolver);
      for (const index of used) dataSections.add(index);
      total += linked.instructions.length;
      if (total > MAX_OBJECT_INSTRUCTIONS) {
        throw new ObjectError(
          "bad-program",
          `the object's programs have over ${MAX_OBJECT_INSTRUCTIONS} instructions together: split the object`,
          { section: section.name, name: main.name },
        );
      }
      programs.push({
        name: main.name,
        section: section.name,
        type: match.programType,
        kind: match.kind,
        expectedAttachType: match.expectedAttachType,
        attachTarget: match.target,
        flags: match.programFlags,
        ...(!match.autoload && { autoload: false }),
        ...linked,
      });
    }
  }
  return { programs, untypedPrograms, dataSections };
}

type UntypedProgram = NonNullable<ObjectSpec["untypedPrograms"]>[number];

/**
 * A section name that means no program type holds subprograms, or is a slip of the pen: then nothing calls into it. Programs that are loaded
 * only when asked for do not keep the others from being loaded.
 */
function untypedOf(section: CodeSection, called: ReadonlySet<CodeFunction>): UntypedProgram[] {
  const strays = section.functions.filter((each) => each.global && !called.has(each));
  const [stray] = strays;
  if (stray === undefined) return [];
  if (section.name.startsWith("?"))
    return strays.map(({ name }) => ({ name, problem: noProgramType(section.name, name) }));
  throw new ObjectError("bad-program", noProgramType(section.name, stray.name), {
    section: section.name,
    name: stray.name,
  });
}

function noProgramType(written: string, program: string): string {
  const mark = written.startsWith("?") ? "?" : "";
  const section = { name: written.slice(mark.length) };
  const slash = section.name.indexOf("/");
  const name = slash < 0 ? section.name : section.name.slice(0, slash);
  const target = slash < 0 ? "" : section.name.slice(slash);
  const prefixes = sectionDefinitions.map((each) => each.prefix);
  const whole = nearest(section.name, prefixes);
  const close = nearest(name, prefixes);
  const suggestion = whole ?? (close === null ? null : close + target);
  const hint = suggestion === null ? "" : `; did you mean ${mark}${suggestion}?`;
  return `section ${written} of function ${program} is not the name of a program type${hint}`;
}

function calledFunctions(
  code: ReadonlyMap<number, CodeSection>,
  resolver: ReferenceResolver,
): ReadonlySet<CodeFunction> {
  const called = new Set<CodeFunction>();
  for (const section of code.values()) {
    for (let slot = 0; slot < section.instructions.length; slot++) {
      const reference = resolver.resolve(section, slot);
      if (reference?.kind === "function") called.add(reference.target);
    }
  }
  return called;
}

/** First values of program arrays are programs of the same object, those of maps of maps are maps of it. */
function checkSlots(
  map: MapSpec,
  maps: readonly MapSpec[],
  programs: readonly ProgramSpec[],
  untyped: readonly UntypedProgram[],
): void {
  const [known, what] =
    map.type.name === "program-array" ? ([programs, "a program"] as const) : ([maps, "a map"] as const);
  for (const { index, name } of map.slots ?? []) {
    if (known.some((each) => each.name === name && each !== map)) continue;
    const problem =
      map.type.name === "program-array" ? untyped.find((each) => each.name === name)?.problem : undefined;
    throw new ObjectError(
      "bad-map",
      `map ${map.name}: value ${index} is ${name}, which is not ${what} of this object${problem === undefined ? "" : ` (${problem})`}`,
      { section: ".maps", name: map.name },
    );
  }
}
