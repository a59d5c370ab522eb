import {
  type BtfType,
  describeType,
  type ElfSymbol,
  findType,
  SectionIndex,
  SymbolBind,
  SymbolVisibility,
  skipModifiers,
} from "@waggle/object";
import type { InputObject, InputSection } from "./inputs.js";
import { LinkError } from "./link-error.js";
import { compareTypes } from "./type-match.js";

/** A place where a name is defined or declared. `section` is null for a declaration (extern). */
export interface Occurrence {
  readonly object: InputObject;
  readonly index: number;
  readonly symbol: ElfSymbol;
  readonly section: InputSection | null;
}

/** What a name that is not local stands for in the whole link. */
export interface GlobalSymbol {
  readonly name: string;
  /** null: left to the loader, or missing. */
  readonly definition: Occurrence | null;
  readonly occurrences: readonly Occurrence[];
  readonly weak: boolean;
  readonly hidden: boolean;
}

/** Sections that every object may bring, of which one stays when all are equal. */
const sharedSections: readonly string[] = ["license", "version"];

/**
 * Decides what each global name stands for. A strong definition beats weak ones and two strong ones are an error; of
 * weak ones the first counts. Unlike libbpf's linker, in which a declaration makes a weak definition strong when it comes
 * in between, the order of the objects does not matter. Every declaration is compared with the definition by BTF.
 *
 * @throws LinkError "duplicate-symbol", "type-mismatch", "section-mismatch", "license-mismatch"
 */
export function resolveSymbols(objects: readonly InputObject[]): Map<string, GlobalSymbol> {
  const dropped = findSharedDuplicates(objects);
  const names = new Map<string, Occurrence[]>();
  for (const object of objects) {
    for (const [index, symbol] of object.elf.symbols.entries()) {
      if (symbol.bind === SymbolBind.Local || symbol.name === "") continue;
      const section = object.sections.get(symbol.section) ?? null;
      if (section === null && symbol.section !== SectionIndex.Undefined) continue;
      if (section !== null && dropped.has(section)) continue;
      const occurrence = { object, index, symbol, section };
      const known = names.get(symbol.name);
      if (known === undefined) names.set(symbol.name, [occurrence]);
      else known.push(occurrence);
    }
  }
  return new Map([...names].map(([name, occurrences]) => [name, resolve(name, occurrences)]));
}

/** Sections that repeat what an earlier object has said: the license and the version. */
export function findSharedDuplicates(objects: readonly InputObject[]): Set<InputSection> {
  const duplicates = new Set<InputSection>();
  const first = new Map<string, { object: InputObject; section: InputSection }>();
  for (const object of objects) {
    for (const section of object.sections.values()) {
      const { name, data } = section.elf;
      if (!sharedSections.includes(name)) continue;
      const known = first.get(name);
      if (known === undefined) {
        first.set(name, { object, section });
        continue;
      }
      if (textOf(known.section.elf.data) !== textOf(data)) {
        throw new LinkError(
          "license-mismatch",
          `${known.object.name} has the ${name} "${textOf(known.section.elf.data)}" and ${object.name} "${textOf(data)}"; objects that are linked must agree in section ${name}`,
          null,
          [known.object.name, object.name],
        );
      }
      duplicates.add(section);
    }
  }
  return duplicates;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\0+$/, "");
}

function resolve(name: string, occurrences: readonly Occurrence[]): GlobalSymbol {
  const definitions = occurrences.filter((occurrence) => occurrence.section !== null);
  const strong = definitions.filter((occurrence) => occurrence.symbol.bind !== SymbolBind.Weak);
  const [first, second] = strong;
  if (first !== undefined && second !== undefined) {
    throw new LinkError(
      "duplicate-symbol",
      `"${name}" is defined twice: in section ${first.section?.elf.name} of ${first.object.name} and in section ${second.section?.elf.name} of ${second.object.name}; rename one, make it static, or declare one as weak`,
      name,
      [first.object.name, second.object.name],
    );
  }
  const definition = first ?? definitions[0] ?? null;
  const reference = definition ?? occurrences[0];
  for (const other of occurrences) {
    if (reference !== undefined && other !== reference) compare(name, reference, other);
  }
  const hidden = occurrences.some(
    ({ symbol }) =>
      symbol.visibility === SymbolVisibility.Hidden || symbol.visibility === SymbolVisibility.Internal,
  );
  const weak =
    definition === null
      ? occurrences.every(({ symbol }) => symbol.bind === SymbolBind.Weak)
      : definition.symbol.bind === SymbolBind.Weak;
  return { name, definition, occurrences, weak, hidden };
}

function compare(name: string, one: Occurrence, other: Occurrence): void {
  const sections = [sectionName(one), sectionName(other)] as const;
  if (sections[0] !== null && sections[1] !== null && sections[0] !== sections[1] && !bothCode(one, other)) {
    throw new LinkError(
      "section-mismatch",
      `"${name}" is in section ${sections[0]} of ${one.object.name}, but in section ${sections[1]} of ${other.object.name}; declare it in the section in which it is defined`,
      name,
      [one.object.name, other.object.name],
    );
  }
  const left = declarationOf(one);
  const right = declarationOf(other);
  if (left === null || right === null) return;
  const exact = sections[0] === ".maps" || sections[1] === ".maps";
  const { match, culprits } = compareTypes(left, right, exact);
  if (match) return;
  const inside =
    culprits === null
      ? ""
      : `they differ in what is inside:\n  ${one.object.name}: ${describeMembers({ ...left, id: culprits[0] })}\n  ${other.object.name}: ${describeMembers({ ...right, id: culprits[1] })}\n`;
  throw new LinkError(
    "type-mismatch",
    `"${name}" has two types:\n  ${one.object.name}: ${describe(left)}\n  ${other.object.name}: ${describe(right)}\n${inside}make the declarations equal, best by sharing one header or module`,
    name,
    [one.object.name, other.object.name],
  );
}

/** A weak program and the strong one that replaces it may be in sections of their own. */
function bothCode(one: Occurrence, other: Occurrence): boolean {
  return one.section?.code === true && other.section?.code === true;
}

/** The section of a definition, or the one that an extern is declared for; null when it names none. */
export function sectionName(occurrence: Occurrence): string | null {
  if (occurrence.section !== null) return occurrence.section.elf.name;
  const { btf } = occurrence.object;
  for (const type of btf?.types ?? []) {
    if (type.kind !== "section" || type.name === ".extern") continue;
    for (const entry of type.variables) {
      const target = btf?.types[entry.type];
      if (target !== undefined && "name" in target && target.name === occurrence.symbol.name)
        return type.name;
    }
  }
  return null;
}

type Declaration = NonNullable<ReturnType<typeof declarationOf>>;

/** The VAR or FUNC of a symbol in the types of its object. */
export function declarationOf(occurrence: Occurrence) {
  const { btf } = occurrence.object;
  if (btf === null) return null;
  const { name } = occurrence.symbol;
  const kinds: readonly BtfType["kind"][] =
    occurrence.section?.code === true ? ["function"] : ["variable", "function"];
  for (const kind of kinds) {
    const id = findType(btf, kind, name);
    if (id !== null) return { btf, id };
  }
  return null;
}

/** A declaration with what its struct holds, so that maps that differ in a number look different. */
function describe({ btf, id }: Declaration): string {
  const type = btf.types[id];
  const value = type?.kind === "variable" ? btf.types[type.type] : undefined;
  if (type?.kind !== "variable" || value?.kind !== "struct" || value.name !== "")
    return describeType(btf, id);
  const members = value.members.map((member) => {
    const pointer = btf.types[member.type];
    const target = pointer?.kind === "pointer" ? btf.types[pointer.type] : undefined;
    if (target?.kind === "array") return `${member.name}: ${target.length}`;
    return `${member.name}: ${describeType(btf, pointer?.kind === "pointer" ? pointer.type : member.type)}`;
  });
  return `${type.name} { ${members.join(", ")} }`;
}

/** A struct or union with its members and their places. */
function describeMembers({ btf, id }: Declaration): string {
  const type = btf.types[skipModifiers(btf, id)];
  if (type?.kind !== "struct" && type?.kind !== "union") return describeType(btf, id);
  const members = type.members.map(
    ({ name, type: member, bitOffset, bitSize }) =>
      `${name}: ${describeType(btf, member)}${bitSize === 0 ? "" : ` of ${bitSize} bits`} at ${bitOffset % 8 === 0 ? `byte ${bitOffset / 8}` : `bit ${bitOffset}`}`,
  );
  return `${describeType(btf, id)} { ${members.join(", ")} } of ${type.size} bytes`;
}
