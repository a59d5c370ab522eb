import { describe, expect, test } from "vitest";
import { BtfBuilder, type TypeId, typeDifference } from "../index.js";

type Make = (builder: BtfBuilder) => TypeId;
const int =
  (size: number, encoding: "unsigned" | "signed" | "char" | "bool" = "unsigned"): Make =>
  (builder) =>
    builder.add({
      kind: "int",
      name: `${encoding}${size * 8}`,
      size,
      bits: size * 8,
      bitOffset: 0,
      encoding,
    });
const u32 = int(4);
const u64 = int(8);
type Field = readonly [name: string, make: Make, byte: number, bits?: number];
const record =
  (name: string, ...fields: readonly Field[]): Make =>
  (builder) => {
    const members = fields.map(([field, make, byte, bitSize = 0]) => ({
      name: field,
      type: make(builder),
      bitOffset: byte * 8,
      bitSize,
    }));
    return builder.add({ kind: "struct", name, size: 16, members });
  };
const array =
  (make: Make, length: number): Make =>
  (builder) => {
    const type = make(builder);
    return builder.add({ kind: "array", type, index: type, length });
  };
const typedef =
  (make: Make): Make =>
  (builder) =>
    builder.add({
      kind: "typedef",
      name: "alias",
      type: builder.add({ kind: "const", type: make(builder) }),
    });
const enumeration =
  (size: number, signed = false): Make =>
  (builder) =>
    builder.add({ kind: "enum", name: "e", size, signed, values: [{ name: "A", value: 0n }] });
const union: Make = (builder) =>
  builder.add({
    kind: "union",
    name: "",
    size: 4,
    members: [{ name: "a", type: u32(builder), bitOffset: 0, bitSize: 0 }],
  });
const pointer =
  (make: Make): Make =>
  (builder) =>
    builder.add({ kind: "pointer", type: make(builder) });

const compare = (one: Make, other: Make) => {
  // Ids differ in the two.
  const [first, second] = [new BtfBuilder(), new BtfBuilder()];
  int(2)(second);
  const [a, b] = [one(first), other(second)];
  return typeDifference({ btf: first.build(), type: a }, { btf: second.build(), type: b });
};

describe("types that read alike", () => {
  test.each<[string, Make, Make]>([
    ["structs of two names", record("a", ["n", u32, 0]), record("b", ["n", u32, 0])],
    ["typedefs and modifiers", record("a", ["n", typedef(u32), 0]), record("a", ["n", u32, 0])],
    ["enums and numbers", record("a", ["n", enumeration(4), 0]), record("a", ["n", u32, 0])],
    [
      "bytes and text",
      record("a", ["n", array(int(1, "char"), 8), 0]),
      record("a", ["n", array(int(1), 8), 0]),
    ],
    ["bytes and booleans", int(1, "bool"), int(1)],
    ["pointers", pointer(u32), pointer(u64)],
    ["a struct that an older kernel was told nothing of", record("a"), u64],
  ])("%s", (_, one, other) => {
    expect(compare(one, other)).toBeNull();
    expect(compare(other, one)).toBeNull();
  });
});

describe("types that do not", () => {
  const pair = record("a", ["a", u32, 0], ["b", u32, 4]);
  test.each<[string, Make, Make, string, string, string]>([
    [
      "another name",
      pair,
      record("a", ["a", u32, 0], ["c", u32, 4]),
      "b",
      "b, unsigned32, at byte 4",
      "c, unsigned32, at byte 4",
    ],
    [
      "two fields that change places",
      pair,
      record("a", ["b", u32, 0], ["a", u32, 4]),
      "a",
      "a, unsigned32, at byte 0",
      "b, unsigned32, at byte 0",
    ],
    [
      "another place",
      pair,
      record("a", ["a", u32, 0], ["b", u32, 8]),
      "b",
      "b, unsigned32, at byte 4",
      "b, unsigned32, at byte 8",
    ],
    ["a wider field", pair, record("a", ["a", u32, 0], ["b", u64, 4]), "b", "unsigned32", "unsigned64"],
    ["a sign", pair, record("a", ["a", u32, 0], ["b", int(4, "signed"), 4]), "b", "unsigned32", "signed32"],
    ["one field less", pair, record("a", ["a", u32, 0]), "b", "b, unsigned32, at byte 4", "no field"],
    ["one field more", record("a", ["a", u32, 0]), pair, "b", "no field", "b, unsigned32, at byte 4"],
    [
      "a field within a field",
      record("o", ["in", pair, 0]),
      record("o", ["in", record("a", ["a", u32, 0], ["c", u32, 4]), 0]),
      "in.b",
      "b, unsigned32, at byte 4",
      "c, unsigned32, at byte 4",
    ],
    [
      "a bit field",
      record("a", ["a", u32, 0, 3]),
      record("a", ["a", u32, 0, 4]),
      "a",
      "a:3, unsigned32, at byte 0",
      "a:4, unsigned32, at byte 0",
    ],
    [
      "a longer array",
      record("a", ["a", array(u32, 2), 0]),
      record("a", ["a", array(u32, 3), 0]),
      "a",
      "unsigned32[2]",
      "unsigned32[3]",
    ],
    [
      "an array's elements",
      record("a", ["a", array(pair, 2), 0]),
      record("a", ["a", array(record("a", ["x", u64, 0]), 2), 0]),
      "a[].a",
      "a, unsigned32, at byte 0",
      "x, unsigned64, at byte 0",
    ],
    ["a number and a struct", u64, pair, "", "unsigned64", "struct a"],
    ["a struct and a union", record("", ["a", u32, 0]), union, "", "struct of 16 bytes", "union of 4 bytes"],
    ["a sign of an enum", enumeration(4, true), u32, "", "enum e", "unsigned32"],
  ])("%s", (_, one, other, path, first, second) => {
    expect(compare(one, other)).toEqual({ path, one: first, other: second });
  });
});
