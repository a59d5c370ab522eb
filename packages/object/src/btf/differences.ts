/** Where two objects' types of one thing differ: fields by name, place and kind, so that both read the same bytes the same way. */
import { describeType, skipModifiers } from "./layout.js";
import type { Btf, BtfMember, BtfType, TypeId } from "./types.js";

/** A type in its BTF. */
export interface TypeIn {
  readonly btf: Btf;
  readonly type: TypeId;
}

/** The first place where two types differ, and how each side is there. */
export interface TypeDifference {
  /** Names of fields from the type down, joined by dots; "" for the type itself. */
  readonly path: string;
  readonly one: string;
  readonly other: string;
}

/** Deeper types are taken as equal; BTF that was read does not contain itself, so this only bounds hostile nesting. */
const MAX_DEPTH = 32;

/**
 * The first difference of two types; null when values of one can be read as values of the other. Names of structs, typedefs and
 * modifiers do not count; the signs of bytes do not, which are text or numbers as one likes; enums are numbers. What lies behind pointers is
 * not looked at. A struct without members says nothing, as older kernels get it in place of kinds that they do not know.
 */
export function typeDifference(one: TypeIn, other: TypeIn): TypeDifference | null {
  return differ(one, other, "", 0);
}

function differ(one: TypeIn, other: TypeIn, path: string, depth: number): TypeDifference | null {
  const a = typeOf(one);
  const b = typeOf(other);
  if (depth > MAX_DEPTH) return null;
  const here = { path, one: describeType(one.btf, one.type), other: describeType(other.btf, other.type) };
  if (saysNothing(a) || saysNothing(b)) return null;
  if (isRecord(a) && isRecord(b))
    return a.kind === b.kind ? differInMembers(one, a.members, other, b.members, path, depth) : here;
  if (a.kind === "array" && b.kind === "array") {
    if (a.length !== b.length) return here;
    const element = path === "" ? "" : `${path}[]`;
    return differ({ ...one, type: a.type }, { ...other, type: b.type }, element, depth + 1);
  }
  return numberForm(a) === numberForm(b) ? null : here;
}

type RecordType = Extract<BtfType, { kind: "struct" | "union" }>;
const isRecord = (type: BtfType): type is RecordType => type.kind === "struct" || type.kind === "union";
const saysNothing = (type: BtfType): boolean => isRecord(type) && type.members.length === 0;
const typeOf = ({ btf, type }: TypeIn): BtfType => btf.types[skipModifiers(btf, type)] ?? { kind: "void" };

/** What a value of the type is to whoever reads it. */
function numberForm(type: BtfType): string {
  if (type.kind === "int")
    return `integer ${type.size} ${type.bits} ${type.size > 1 && type.encoding === "signed"}`;
  if (type.kind === "enum" || type.kind === "enum64")
    return `integer ${type.size} ${type.size * 8} ${type.size > 1 && type.signed}`;
  return type.kind === "float" ? `float ${type.size}` : type.kind;
}

function differInMembers(
  one: TypeIn,
  members: readonly BtfMember[],
  other: TypeIn,
  others: readonly BtfMember[],
  path: string,
  depth: number,
): TypeDifference | null {
  for (let index = 0; index < Math.max(members.length, others.length); index++) {
    const [a, b] = [members[index], others[index]];
    const named = a ?? b;
    const at = [path, named?.name ?? ""].filter((part) => part !== "").join(".");
    const samePlace = a?.name === b?.name && a?.bitOffset === b?.bitOffset && a?.bitSize === b?.bitSize;
    if (a === undefined || b === undefined || !samePlace)
      return { path: at, one: describeMember(one.btf, a), other: describeMember(other.btf, b) };
    const found = differ({ ...one, type: a.type }, { ...other, type: b.type }, at, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function describeMember(btf: Btf, member: BtfMember | undefined): string {
  if (member === undefined) return "no field";
  const bits = member.bitSize === 0 ? "" : `:${member.bitSize}`;
  const at = member.bitOffset % 8 === 0 ? `byte ${member.bitOffset / 8}` : `bit ${member.bitOffset}`;
  return `${member.name === "" ? "(unnamed)" : member.name}${bits}, ${describeType(btf, member.type)}, at ${at}`;
}
