/** Reads data types as `print-type.ts` writes them. */
import type { DataType, EnumType, Field, HasTags, IntType, StructType } from "../types/data-type.js";
import { namedIntegers } from "./print-type.js";
import type { TextReader } from "./text-reader.js";

/** Composite types by label, from the `type` lines read so far. */
export type TypeTable = Map<string, StructType | EnumType>;

/**
 * Reads `type` lines. A type is built only once all lines are read, so that it may hold types from later lines by
 * value; through pointers it may hold itself.
 */
export function parseTypeLines(reader: TextReader, table: TypeTable): void {
  const drafts = new Map<string, () => StructType | EnumType>();
  const resolve = (label: string): DataType => {
    const known = table.get(label);
    if (known !== undefined) return known;
    const draft = drafts.get(label);
    if (draft === undefined) return reader.fail(`type ${label} is not defined`);
    const type = draft();
    table.set(label, type);
    return type;
  };
  while (reader.accept("type")) {
    const label = reader.take(/^%/, "a type label");
    reader.expect("=");
    drafts.set(label, parseComposite(reader, resolve));
  }
  for (const label of drafts.keys()) resolve(label);
}

/** Reads a type expression whose labels are in the table. */
export function parseType(reader: TextReader, table: TypeTable): DataType {
  return draftType(reader, (label) => table.get(label) ?? reader.fail(`type ${label} is not defined`))();
}

/** Reads what `printTags` writes. */
export function readTags(reader: TextReader): HasTags {
  const tags: string[] = [];
  while (reader.accept("tag")) tags.push(reader.string("a tag"));
  return tags.length === 0 ? {} : { tags };
}

type Draft = () => DataType;
type Resolve = (label: string) => DataType;

function draftType(reader: TextReader, resolve: Resolve): Draft {
  const word = reader.peek();
  if (word.startsWith("%")) {
    reader.expect(word);
    return () => resolve(word);
  }
  if (reader.accept("*")) {
    const tags = readTags(reader);
    if (reader.accept("void")) return () => ({ kind: "pointer", to: null, ...tags });
    const to = draftType(reader, resolve);
    return () => ({ kind: "pointer", to, ...tags });
  }
  if (word === "[" || word === "text") return draftArray(reader, resolve);
  const type = readInteger(reader);
  return () => type;
}

function draftArray(reader: TextReader, resolve: Resolve): Draft {
  const text = reader.accept("text");
  reader.expect("[");
  const element = draftType(reader, resolve);
  reader.expect(";");
  const length = reader.number("a length");
  reader.expect("]");
  return () => ({ kind: "array", element: element(), length, text });
}

function readInteger(reader: TextReader): IntType {
  if (!reader.accept("int")) {
    const name = reader.oneOf(
      namedIntegers.map((row) => row.name),
      "a type",
    );
    return namedIntegers.find((row) => row.name === name) ?? reader.fail("expected a type");
  }
  const name = reader.string("the name of an integer type");
  const size = reader.oneOf([1, 2, 4, 8] as const, "a size");
  const signed = reader.accept("signed");
  const bigEndian = reader.accept("big");
  return { kind: "int", name, size, signed, bigEndian };
}

function parseComposite(reader: TextReader, resolve: Resolve): () => StructType | EnumType {
  const keyword = reader.oneOf(["struct", "union", "enum"] as const, "a kind of type");
  const name = reader.name("the name of the type");
  reader.expect("size");
  if (keyword === "enum") {
    const size = reader.oneOf([4, 8] as const, "a size");
    const signed = reader.accept("signed");
    const values = reader.list("{", "}", () => {
      const member = reader.name("a member");
      reader.expect("=");
      return { name: member, value: reader.integer("its value") };
    });
    return () => ({ kind: "enum", name, size, signed, values });
  }
  const size = reader.number("a size");
  reader.expect("align");
  const align = reader.number("an alignment");
  const own = readTags(reader);
  const fields = reader.list("{", "}", () => {
    const field = reader.name("a field");
    reader.expect(":");
    const tags = readTags(reader);
    const type = draftType(reader, resolve);
    const at = reader
      .take(/^@\d+(:\d+:\d+)?$/, "an offset")
      .slice(1)
      .split(":")
      .map(Number);
    const [offset = 0, bit, size] = at;
    const bits = bit === undefined || size === undefined ? {} : { bits: { offset: bit, size } };
    return (): Field => ({ name: field, type: type(), offset, ...bits, ...tags });
  });
  return () => ({
    kind: "struct",
    name,
    union: keyword === "union",
    fields: fields.map((field) => field()),
    size,
    align,
    ...own,
  });
}
