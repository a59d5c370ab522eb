/**
 * The text form of data types. Structs, unions and enums are named `%Label` and written out once in `type` lines, so
 * that types which refer to themselves through pointers have an end.
 */
import type { DataType, EnumType, Field, HasTags, IntType, StructType } from "../types/data-type.js";

/** Integers that are written by their name alone; `bigEndian` goes with the `__be` names. */
export const namedIntegers: readonly IntType[] = [
  { kind: "int", name: "u8", size: 1, signed: false, bigEndian: false },
  { kind: "int", name: "u16", size: 2, signed: false, bigEndian: false },
  { kind: "int", name: "u32", size: 4, signed: false, bigEndian: false },
  { kind: "int", name: "u64", size: 8, signed: false, bigEndian: false },
  { kind: "int", name: "i8", size: 1, signed: true, bigEndian: false },
  { kind: "int", name: "i16", size: 2, signed: true, bigEndian: false },
  { kind: "int", name: "i32", size: 4, signed: true, bigEndian: false },
  { kind: "int", name: "i64", size: 8, signed: true, bigEndian: false },
  { kind: "int", name: "bool", size: 1, signed: false, bigEndian: false },
  { kind: "int", name: "char", size: 1, signed: true, bigEndian: false },
  { kind: "int", name: "__be16", size: 2, signed: false, bigEndian: true },
  { kind: "int", name: "__be32", size: 4, signed: false, bigEndian: true },
  { kind: "int", name: "__be64", size: 8, signed: false, bigEndian: true },
];

/** Labels given to composite types so far, by what tells two types apart without following pointers. */
export interface TypeLabels {
  readonly bySignature: Map<string, string>;
  readonly types: Map<string, StructType | EnumType>;
}

/** No types labelled yet. */
export function noLabels(): TypeLabels {
  return { bySignature: new Map(), types: new Map() };
}

/** A bare word where the name is one, else a JSON string. */
export function printName(name: string): string {
  return /^[A-Za-z_.$][\w.$]*$/.test(name) ? name : JSON.stringify(name);
}

/** `tag "user" `, with a space after each. */
export function printTags({ tags = [] }: HasTags): string {
  return tags.map((tag) => `tag ${JSON.stringify(tag)} `).join("");
}

/** A type as an expression; the composites in it are added to `labels`, from which `printTypeLines` writes them. */
export function printType(type: DataType, labels: TypeLabels): string {
  switch (type.kind) {
    case "int":
      return type.enumeration === undefined ? printInt(type) : labelOf(type.enumeration, labels);
    case "pointer":
      return `*${printTags(type)}${type.to === null ? "void" : printType(type.to(), labels)}`;
    case "array":
      return `${type.text ? "text" : ""}[${printType(type.element, labels)}; ${type.length}]`;
    case "struct":
    case "enum":
      return labelOf(type, labels);
  }
}

/** The `type` lines of every composite type labelled so far and those that they refer to. */
export function printTypeLines(labels: TypeLabels): string[] {
  const lines: string[] = [];
  // The map grows while its types are printed: iteration goes on until nothing new was reached.
  for (const [label, type] of labels.types) lines.push(`type ${label} = ${printComposite(type, labels)}`);
  return lines;
}

function printInt(type: IntType): string {
  const known = namedIntegers.some(
    (row) =>
      row.name === type.name &&
      row.size === type.size &&
      row.signed === type.signed &&
      row.bigEndian === type.bigEndian,
  );
  if (known) return type.name;
  const words = ["int", JSON.stringify(type.name), `${type.size}`];
  if (type.signed) words.push("signed");
  if (type.bigEndian) words.push("big");
  return words.join(" ");
}

function printComposite(type: StructType | EnumType, labels: TypeLabels): string {
  if (type.kind === "enum") {
    const values = type.values.map(({ name, value }) => `${printName(name)} = ${value}`).join(", ");
    return `enum ${printName(type.name)} size ${type.size}${type.signed ? " signed" : ""} { ${values} }`;
  }
  const fields = type.fields
    .map(
      (field) =>
        `${printName(field.name)}: ${printTags(field)}${printType(field.type, labels)} ${printOffset(field)}`,
    )
    .join(", ");
  const keyword = type.union ? "union" : "struct";
  return `${keyword} ${printName(type.name)} size ${type.size} align ${type.align} ${printTags(type)}{ ${fields} }`;
}

/** `@4`; of a bit field its byte, its first bit and its width: `@4:35:3`. */
function printOffset({ offset, bits }: Field): string {
  return bits === undefined ? `@${offset}` : `@${offset}:${bits.offset}:${bits.size}`;
}

function labelOf(type: StructType | EnumType, labels: TypeLabels): string {
  const signature = signatureOf(type);
  const known = labels.bySignature.get(signature);
  if (known !== undefined) return known;
  const base = `%${type.name.replace(/[^\w]/g, "_")}`;
  let label = base;
  for (let n = 2; labels.types.has(label); n += 1) label = `${base}.${n}`;
  labels.bySignature.set(signature, label);
  labels.types.set(label, type);
  return label;
}

/** What tells two types apart that may share a name; pointers are not followed. */
export function typeSignature(type: DataType): string {
  return signatureOf(type);
}

/** A thunk may make its type anew each time it is asked, so identity does not tell whether two types are one. */
function signatureOf(type: DataType): string {
  switch (type.kind) {
    case "int":
      return type.enumeration === undefined ? printInt(type) : signatureOf(type.enumeration);
    case "pointer":
      return `*${printTags(type)}`;
    case "array":
      return `${type.text ? "text" : ""}[${signatureOf(type.element)}; ${type.length}]`;
    case "enum":
      return `enum ${type.name} ${type.size} ${type.values.map((value) => `${value.name}=${value.value}`).join()}`;
    case "struct": {
      const fields = type.fields.map(
        (field) => `${printTags(field)}${field.name}${printOffset(field)} ${signatureOf(field.type)}`,
      );
      return `${type.union ? "union" : "struct"} ${printTags(type)}${type.name} ${type.size} ${fields.join()}`;
    }
  }
}
