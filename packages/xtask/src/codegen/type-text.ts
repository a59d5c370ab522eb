/** Types of the kernel as TypeScript writes them. */
import type { BtfMember, BtfType, TypeId } from "@waggle/object";
import type { Importable } from "./names.js";
import { propertyName } from "./names.js";
import type { Scope, Stripped } from "./scope.js";
import { at, entityName, entityOf, strip } from "./scope.js";

/** A type as text, and what the text does not say of it. */
export interface TypeText {
  readonly text: string;
  /** For the member's comment; null when the text says all. */
  readonly note: string | null;
}

/** Typedefs that say more than the integer under them. */
const bigEndian: Readonly<Record<string, Importable>> = { __be16: "be16", __be32: "be32", __be64: "be64" };

/** Marks a name as imported, and gives it. */
export function use(scope: Scope, name: Importable): string {
  scope.imports.add(name);
  return name;
}

/** A value of the type, as it lies in memory. `indent` is that of the line it begins on. */
export function valueText(scope: Scope, id: TypeId, indent: string): TypeText {
  const stripped = strip(scope, id);
  const endian = bigEndianOf(scope, id);
  if (endian !== null) return { text: use(scope, endian), note: null };
  const { type } = stripped;
  switch (type.kind) {
    case "int":
      return intText(scope, type);
    case "enum":
    case "enum64":
      return enumText(scope, stripped, type);
    case "struct":
    case "union": {
      const entity = entityOf(scope, stripped);
      if (entity === null) return { text: inlineText(scope, type, indent), note: null };
      scope.full.add(entity);
      return { text: entityName(scope, entity), note: null };
    }
    case "array":
      return arrayText(scope, type, indent);
    case "pointer":
      return pointerText(scope, stripped, type.type, indent);
    case "float":
      return { text: bytesText(scope, type.size), note: `a floating-point number (\`${type.name}\`)` };
    default:
      return { text: "void", note: null };
  }
}

function bigEndianOf(scope: Scope, from: TypeId): Importable | null {
  for (let id = from; ; ) {
    const type = at(scope, id);
    if (type.kind === "typedef" && Object.hasOwn(bigEndian, type.name)) return bigEndian[type.name] ?? null;
    if (!["typedef", "const", "volatile", "restrict", "type-tag"].includes(type.kind) || !("type" in type))
      return null;
    id = type.type;
  }
}

/** The integer of a size in bytes, or null. */
export function integerName(size: number, signed: boolean): Importable | null {
  const names: Readonly<Record<number, readonly [Importable, Importable]>> = {
    1: ["u8", "i8"],
    2: ["u16", "i16"],
    4: ["u32", "i32"],
    8: ["u64", "i64"],
  };
  return names[size]?.[signed ? 1 : 0] ?? null;
}

function intText(scope: Scope, type: Extract<BtfType, { kind: "int" }>): TypeText {
  if (type.encoding === "bool" && type.size === 1) return { text: "boolean", note: null };
  const name = integerName(type.size, type.encoding === "signed");
  if (name !== null) return { text: use(scope, name), note: null };
  const words = `${use(scope, "FixedArray")}<${use(scope, "u64")}, ${type.size / 8}>`;
  return { text: words, note: `an integer of ${type.size * 8} bits (\`${type.name}\`), in words of 64` };
}

function enumText(
  scope: Scope,
  stripped: Stripped,
  type: Extract<BtfType, { kind: "enum" | "enum64" }>,
): TypeText {
  const entity = entityOf(scope, stripped);
  const signed = type.signed || type.values.some(({ value }) => value < 0n);
  const integer = use(scope, integerName(type.size, signed) ?? "u32");
  if (entity === null) return { text: integer, note: type.values.length > 0 ? listed(type) : null };
  if (type.values.length === 0) return { text: integer, note: `\`enum ${entityName(scope, entity)}\`` };
  scope.full.add(entity);
  if (type.kind === "enum" && type.size !== 4) {
    // TypeScript's enums are of 4 bytes here: the kernel packed this one.
    return { text: integer, note: `\`enum ${entityName(scope, entity)}\`, packed` };
  }
  return { text: entityName(scope, entity), note: null };
}

function listed(type: Extract<BtfType, { kind: "enum" | "enum64" }>): string {
  const shown = type.values.slice(0, 6).map(({ name, value }) => `${name} = ${value}`);
  return `${shown.join(", ")}${type.values.length > 6 ? ", …" : ""}`;
}

function arrayText(scope: Scope, type: Extract<BtfType, { kind: "array" }>, indent: string): TypeText {
  const element = strip(scope, type.type);
  if (element.type.kind === "int" && element.type.name === "char" && type.length > 0) {
    return { text: `${use(scope, "CString")}<${type.length}>`, note: null };
  }
  const inner = valueText(scope, type.type, indent);
  const note = type.length === 0 ? "as many as there are: the array has no length of its own" : inner.note;
  return { text: `${use(scope, "FixedArray")}<${inner.text}, ${type.length}>`, note };
}

/** Memory that is not looked into. */
export function bytesText(scope: Scope, size: number): string {
  return `${use(scope, "FixedArray")}<${use(scope, "u8")}, ${size}>`;
}

function pointerText(scope: Scope, pointer: Stripped, to: TypeId, indent: string): TypeText {
  const target = strip(scope, to);
  const tags = [...pointer.tags, ...target.tags];
  const name = use(scope, tags.includes("user") ? "UserPtr" : "KernelPtr");
  const notes = tags.filter((tag) => tag !== "user").map((tag) => `\`__${tag}\``);
  const { text, note } = pointeeText(scope, target, to, indent);
  if (note !== null) notes.push(note);
  return {
    text: text === null ? name : `${name}<${text}>`,
    note: notes.length === 0 ? null : notes.join(", "),
  };
}

function pointeeText(
  scope: Scope,
  target: Stripped,
  to: TypeId,
  indent: string,
): { readonly text: string | null; readonly note: string | null } {
  const { type } = target;
  switch (type.kind) {
    case "struct":
    case "union":
    case "forward": {
      const entity = entityOf(scope, target);
      if (entity === null) {
        return { text: type.kind === "forward" ? null : inlineText(scope, type, indent), note: null };
      }
      scope.named.add(entity);
      return { text: entityName(scope, entity), note: null };
    }
    case "void":
      return { text: null, note: null };
    case "function-proto":
      return { text: null, note: "a function" };
    case "array":
      return valueText(scope, to, indent);
    case "int":
      if (type.name === "char") return { text: null, note: "`char *`" };
      break;
    case "float":
      return { text: null, note: `\`${type.name} *\`` };
    default:
      break;
  }
  const inner = valueText(scope, to, indent);
  // Numbers and pointers in memory are seen through a reference.
  return {
    text: /^FixedArray</.test(inner.text) ? inner.text : `${use(scope, "Ref")}<${inner.text}>`,
    note: null,
  };
}

type Composite = Extract<BtfType, { kind: "struct" | "union" }>;

/** A struct without a name, in place. */
function inlineText(scope: Scope, type: Composite, indent: string): string {
  const lines = memberLines(scope, type, `${indent}  `);
  const mark = type.kind === "union" ? `${use(scope, "Union")} & ` : "";
  if (lines.length === 0) return `${mark}object`;
  return `${mark}{\n${lines.map((line) => `${line}\n`).join("")}${indent}}`;
}

/**
 * The members as properties, a line each and one more for what the type does not say. Members of structs and unions that
 * have no name are in the struct around them, as in C and as CO-RE looks for them (`bpf_core_match_member` of libbpf).
 * `fields` are those to show, when not all.
 */
export function memberLines(
  scope: Scope,
  type: Composite,
  indent: string,
  fields: ReadonlySet<string> | null = null,
): readonly string[] {
  return type.members.flatMap((member) => linesOfMember(scope, member, indent, fields));
}

function linesOfMember(
  scope: Scope,
  member: BtfMember,
  indent: string,
  fields: ReadonlySet<string> | null,
): readonly string[] {
  if (member.name !== "") {
    if (fields?.has(member.name) === false) return [];
    const { text, note } = memberText(scope, member, indent);
    const property = `${indent}readonly ${propertyName(member.name)}: ${text};`;
    return note === null ? [property] : [`${indent}/** ${capital(note)}. */`, property];
  }
  const inner = at(scope, strip(scope, member.type).id);
  if (inner.kind === "struct") return memberLines(scope, inner, indent, fields);
  if (inner.kind !== "union") return [];
  const choices = inner.members
    .map((choice) => linesOfMember(scope, choice, indent, fields))
    .filter((lines) => lines.length > 0);
  return choices.length < 2
    ? choices.flat()
    : [`${indent}// One of these at a time:`, ...choices.flat(), `${indent}// to here.`];
}

/** The names that a struct or union has, with those of members that have none. */
export function memberNames(scope: Scope, type: Composite): readonly string[] {
  return type.members.flatMap((member) => {
    if (member.name !== "") return [member.name];
    const inner = at(scope, strip(scope, member.type).id);
    return inner.kind === "struct" || inner.kind === "union" ? memberNames(scope, inner) : [];
  });
}

function memberText(scope: Scope, member: BtfMember, indent: string): TypeText {
  const { type } = strip(scope, member.type);
  // Before kernel 4.20's BTF, the width of a bit field is in its integer type.
  const bits =
    member.bitSize !== 0
      ? member.bitSize
      : type.kind === "int" && type.bits !== type.size * 8
        ? type.bits
        : 0;
  if (bits === 0 || (type.kind === "int" && type.encoding === "bool" && member.bitSize === 0)) {
    return valueText(scope, member.type, indent);
  }
  const size = "size" in type ? type.size : 4;
  const signed = (type.kind === "int" && type.encoding === "signed") || ("signed" in type && type.signed);
  const integer = use(scope, integerName(size, signed) ?? "u64");
  const entity = type.kind === "enum" ? entityOf(scope, strip(scope, member.type)) : null;
  return {
    text: `${use(scope, "Bits")}<${integer}, ${bits}>`,
    note: entity === null ? null : `\`enum ${entityName(scope, entity)}\``,
  };
}

/** With a capital letter, unless it begins with code. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
