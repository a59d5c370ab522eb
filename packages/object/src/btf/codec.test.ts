import { describe, expect, test } from "vitest";
import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import { BtfBuilder } from "./builder.js";
import { valueCodec } from "./codec.js";
import type { BtfMember, BtfType, TypeId } from "./types.js";

type IntEncoding = Extract<BtfType, { kind: "int" }>["encoding"];

/** A few C types by name, in one builder. */
function types() {
  const builder = new BtfBuilder();
  const int = (name: string, size: number, encoding: IntEncoding = "unsigned"): TypeId =>
    builder.add({ kind: "int", name, size, bits: size * 8, bitOffset: 0, encoding });
  const member = (name: string, type: TypeId, byte: number): BtfMember => ({
    name,
    type,
    bitOffset: byte * 8,
    bitSize: 0,
  });
  const struct = (name: string, size: number, members: readonly BtfMember[]): TypeId =>
    builder.add({ kind: "struct", name, size, members });
  const array = (type: TypeId, length: number): TypeId =>
    builder.add({ kind: "array", type, index: int("unsigned int", 4), length });
  const typedef = (name: string, type: TypeId): TypeId => builder.add({ kind: "typedef", name, type });
  const codec = (type: TypeId, byteOrder: ByteOrder = "little", label = "") =>
    valueCodec(builder.build(), type, byteOrder, label);
  const bytesOf = (type: TypeId, value: unknown, byteOrder: ByteOrder = "little"): number[] => {
    const made = codec(type, byteOrder);
    const bytes = new Uint8Array(made.size).fill(0xaa);
    made.encode(new DataView(bytes.buffer), 0, value);
    expect(made.decode(new DataView(bytes.buffer), 0)).toEqual(value);
    return [...bytes];
  };
  const messageOf = (type: TypeId, value: unknown, label = ""): string => {
    const made = codec(type, "little", label);
    try {
      made.encode(new DataView(new ArrayBuffer(made.size)), 0, value);
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error;
      expect(error.code).toBe("bad-value");
      return error.message;
    }
    return "no error";
  };
  return { builder, int, member, struct, array, typedef, codec, bytesOf, messageOf };
}

describe("values", () => {
  test("integers follow the byte order of the object; 64 bits are bigint", () => {
    const { int, bytesOf } = types();
    expect(bytesOf(int("u16", 2), 0x1234)).toEqual([0x34, 0x12]);
    expect(bytesOf(int("u16", 2), 0x1234, "big")).toEqual([0x12, 0x34]);
    expect(bytesOf(int("i32", 4, "signed"), -2)).toEqual([0xfe, 0xff, 0xff, 0xff]);
    expect(bytesOf(int("i8", 1, "signed"), -1)).toEqual([0xff]);
    expect(bytesOf(int("u64", 8), 1n << 63n, "big")).toEqual([0x80, 0, 0, 0, 0, 0, 0, 0]);
    expect(bytesOf(int("i64", 8, "signed"), -1n)).toEqual(new Array(8).fill(0xff));
    expect(bytesOf(int("u128", 16), 1n << 64n)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    expect(bytesOf(int("i128", 16, "signed"), -2n, "big")).toEqual([...new Array(15).fill(0xff), 0xfe]);
    expect(bytesOf(int("bool", 1, "bool"), true)).toEqual([1]);
  });

  test("__be16, __be32 and __be64 are the numbers that their big-endian bytes mean, in any object", () => {
    const { int, typedef, bytesOf, builder } = types();
    const be16 = typedef("__be16", int("u16", 2));
    const port = builder.add({ kind: "const", type: typedef("port", be16) });
    expect(bytesOf(port, 443)).toEqual([0x01, 0xbb]);
    expect(bytesOf(port, 443, "big")).toEqual([0x01, 0xbb]);
    expect(bytesOf(typedef("__be32", int("u32", 4)), 0x0a000001)).toEqual([10, 0, 0, 1]);
    expect(bytesOf(typedef("__be64", int("u64", 8)), 1n)).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test("char arrays are text, unsigned byte arrays bytes, others arrays", () => {
    const { int, array, typedef, bytesOf, codec } = types();
    const char = int("char", 1, "signed");
    expect(bytesOf(array(char, 6), "héé".slice(0, 2))).toEqual([0x68, 0xc3, 0xa9, 0, 0, 0]);
    expect(bytesOf(array(int("unsigned char", 1), 2), Uint8Array.of(1, 2))).toEqual([1, 2]);
    expect(bytesOf(array(typedef("u8", int("unsigned char", 1)), 2), Uint8Array.of(1, 2))).toEqual([1, 2]);
    expect(bytesOf(array(int("i8", 1, "signed"), 2), [-1, 2])).toEqual([0xff, 2]);
    expect(
      bytesOf(array(array(int("u16", 2), 2), 2), [
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([1, 0, 2, 0, 3, 0, 4, 0]);
    const long = "x".repeat(40);
    expect(bytesOf(array(char, 64), long).slice(38, 42)).toEqual([0x78, 0x78, 0, 0]);
    const full = new TextEncoder().encode("abcd");
    expect(codec(array(char, 4)).decode(new DataView(full.buffer), 0)).toBe("abcd");
    expect(codec(array(char, 0)).decode(new DataView(full.buffer), 0)).toBe("");
  });

  test("decoded bytes are a copy", () => {
    const { int, array, codec } = types();
    const memory = Uint8Array.of(1, 2, 3);
    const value = codec(array(int("unsigned char", 1), 3)).decode(new DataView(memory.buffer), 0);
    memory.fill(9);
    expect(value).toEqual(Uint8Array.of(1, 2, 3));
  });

  test("structs nest, padding is zeroed, and offsets are honoured", () => {
    const { int, member, struct, bytesOf, codec } = types();
    const inner = struct("inner", 4, [member("a", int("u8", 1), 0), member("b", int("u16", 2), 2)]);
    const outer = struct("outer", 16, [
      member("x", int("u32", 4), 0),
      member("in", inner, 4),
      member("y", int("u64", 8), 8),
    ]);
    expect(bytesOf(outer, { x: 1, in: { a: 2, b: 3 }, y: 4n })).toEqual([
      1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0,
    ]);
    const shifted = new DataView(Uint8Array.of(0xff, 7, 0xff, 9, 0).buffer);
    expect(codec(inner).decode(shifted, 1)).toEqual({ a: 7, b: 9 });
  });

  test("bit fields are read and written in either byte order, with their sign", () => {
    const { int, struct, bytesOf, builder } = types();
    const u8 = int("u8", 1);
    const bit = (name: string, type: TypeId, bitOffset: number, bitSize: number): BtfMember => ({
      name,
      type,
      bitOffset,
      bitSize,
    });
    const header = struct("header", 1, [bit("low", u8, 0, 4), bit("high", u8, 4, 4)]);
    expect(bytesOf(header, { low: 5, high: 4 })).toEqual([0x45]);
    expect(bytesOf(header, { low: 4, high: 5 }, "big")).toEqual([0x45]);
    const wide = struct("wide", 8, [
      bit("flag", int("bool", 1, "bool"), 0, 1),
      bit("level", int("i32", 4, "signed"), 1, 3),
      bit("id", int("u64", 8), 4, 40),
      bit("kind", builder.add({ kind: "enum", name: "k", size: 4, signed: false, values: [] }), 44, 20),
    ]);
    const value = { flag: true, level: -3, id: 0xffeeddccbbn, kind: 0xabcde };
    expect(bytesOf(wide, value)).toEqual([0xbb, 0xcb, 0xdc, 0xed, 0xfe, 0xef, 0xcd, 0xab]);
    expect(bytesOf(wide, value, "big")).toHaveLength(8);
  });

  test("bit fields in the old form take width and place from their integer type", () => {
    const { builder, struct, bytesOf } = types();
    const three = builder.add({
      kind: "int",
      name: "u32",
      size: 4,
      bits: 3,
      bitOffset: 0,
      encoding: "unsigned",
    });
    const old = struct("old", 4, [
      { name: "a", type: three, bitOffset: 0, bitSize: 0 },
      { name: "b", type: three, bitOffset: 3, bitSize: 0 },
    ]);
    expect(bytesOf(old, { a: 5, b: 2 })).toEqual([0x15, 0, 0, 0]);
  });

  test("enums are numbers, those of 64 bits bigint, floats numbers, pointers bigint", () => {
    const { builder, bytesOf } = types();
    const action = builder.add({
      kind: "enum",
      name: "action",
      size: 4,
      signed: false,
      values: [{ name: "PASS", value: 2n }],
    });
    expect(bytesOf(action, 2)).toEqual([2, 0, 0, 0]);
    const big = builder.add({ kind: "enum64", name: "big", size: 8, signed: true, values: [] });
    expect(bytesOf(big, -1n)).toEqual(new Array(8).fill(0xff));
    expect(bytesOf(builder.add({ kind: "float", name: "float", size: 4 }), 1.5)).toEqual([0, 0, 0xc0, 0x3f]);
    expect(bytesOf(builder.add({ kind: "float", name: "double", size: 8 }), -2)).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0xc0,
    ]);
    expect(bytesOf(builder.add({ kind: "pointer", type: 0 }), 16n)).toEqual([16, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("a union decodes every member; encoding takes one, or several that agree", () => {
    const { builder, int, member, array, bytesOf, codec, messageOf } = types();
    const union = builder.add({
      kind: "union",
      name: "address",
      size: 4,
      members: [
        member("word", int("u32", 4), 0),
        member("bytes", array(int("unsigned char", 1), 4), 0),
        member("low", int("u8", 1), 0),
      ],
    });
    const value = { word: 0x04030201, bytes: Uint8Array.of(1, 2, 3, 4), low: 1 };
    expect(bytesOf(union, value)).toEqual([1, 2, 3, 4]);
    const memory = new DataView(new ArrayBuffer(4));
    codec(union).encode(memory, 0, { low: 7 });
    expect(codec(union).decode(memory, 0)).toEqual({ word: 7, bytes: Uint8Array.of(7, 0, 0, 0), low: 7 });
    expect(messageOf(union, { ...value, word: 9 })).toContain("share their bytes but differ in value");
    expect(messageOf(union, {})).toBe("value needs one of the members of union address: word, bytes, low");
  });

  test("fields of anonymous members belong to the struct around them", () => {
    const { builder, int, member, struct, bytesOf } = types();
    const anonymous = builder.add({
      kind: "union",
      name: "",
      size: 4,
      members: [member("v4", int("u32", 4), 0), member("raw", int("i32", 4, "signed"), 0)],
    });
    const host = struct("host", 8, [member("family", int("u8", 1), 0), member("", anonymous, 4)]);
    expect(bytesOf(host, { family: 2, v4: 9, raw: 9 })).toEqual([2, 0, 0, 0, 9, 0, 0, 0]);
  });

  test("a field called __proto__ is a field", () => {
    const { int, member, struct, codec } = types();
    const odd = struct("odd", 1, [member("__proto__", int("u8", 1), 0)]);
    const value = codec(odd).decode(new DataView(new ArrayBuffer(1)), 0);
    expect(Object.getOwnPropertyNames(value)).toEqual(["__proto__"]);
  });

  test("field names cannot become code", () => {
    const { int, member, struct, codec } = types();
    const odd = struct("odd", 1, [member('"]:0};throw 1;//\u2028', int("u8", 1), 0)]);
    expect(codec(odd).decode(new DataView(new ArrayBuffer(1)), 0)).toEqual({ '"]:0};throw 1;//\u2028': 0 });
  });
});

describe("errors name the path, what is taken and what was given", () => {
  test("of numbers", () => {
    const { int, typedef, member, struct, array, messageOf } = types();
    const u8 = typedef("u8", int("unsigned char", 1));
    const key = struct("key", 8, [
      member("saddr", int("u32", 4), 0),
      member("flags", array(typedef("u16", int("short", 2)), 2), 4),
    ]);
    expect(messageOf(u8, 256)).toBe("value is out of range: u8 takes whole numbers from 0 to 255, not 256");
    expect(messageOf(u8, 1.5)).toContain("not 1.5");
    expect(messageOf(u8, Number.NaN)).toContain("not NaN");
    expect(messageOf(key, { saddr: -1, flags: [0, 0] }, "key")).toBe(
      "key.saddr is out of range: u32 takes whole numbers from 0 to 4294967295, not -1",
    );
    expect(messageOf(key, { saddr: 5n, flags: [0, 0] })).toBe(
      "saddr must be a number: u32 takes 0 to 4294967295, not 5n",
    );
    expect(messageOf(key, { saddr: 1, flags: [0, 65536] }, "key")).toBe(
      "key.flags[1] is out of range: u16 takes whole numbers from 0 to 65535, not 65536",
    );
    expect(messageOf(array(key, 1), [{ saddr: -1, flags: [0, 0] }])).toContain("[0].saddr is out of range");
  });

  test("of bigints, with the literal to write", () => {
    const { int, messageOf } = types();
    const u64 = int("u64", 8);
    expect(messageOf(u64, 5)).toBe(
      "value must be a bigint: u64 takes 0n to 18446744073709551615n, not 5; write 5n",
    );
    expect(messageOf(u64, 1n << 64n)).toContain(
      "out of range: u64 takes 0n to 18446744073709551615n, not 18446744073709551616n",
    );
    expect(messageOf(int("u128", 16), "x")).toContain('not "x"');
  });

  test("of everything else", () => {
    const { int, builder, member, struct, array, messageOf } = types();
    const key = struct("key", 4, [member("saddr", int("u32", 4), 0)]);
    expect(messageOf(key, {}, "key")).toBe("key.saddr is missing");
    expect(messageOf(key, null, "key")).toBe("key must be an object (struct key), not null");
    expect(messageOf(key, [1])).toBe("value must be an object (struct key), not an array of 1");
    expect(messageOf(int("bool", 1, "bool"), 1)).toBe("value must be true or false, not 1");
    expect(messageOf(array(int("char", 1), 4), "abcd")).toBe(
      'value is too long: char[4] takes 3 bytes of UTF-8 and a NUL, not 4 bytes: "abcd"',
    );
    expect(messageOf(array(int("char", 1), 4), "a\0b")).toContain("holds a NUL character");
    expect(messageOf(array(int("char", 1), 4), 4)).toBe("value must be a string, not 4");
    expect(messageOf(array(int("unsigned char", 1), 4), new Uint8Array(3))).toBe(
      "value must be a Uint8Array of 4 bytes (unsigned char[4]), not Uint8Array of 3 bytes",
    );
    expect(messageOf(array(int("u16", 2), 4), [1])).toBe(
      "value must be an array of 4 (u16[4]), not an array of 1",
    );
    expect(messageOf(builder.add({ kind: "float", name: "float", size: 4 }), undefined)).toBe(
      "value must be a number, not undefined",
    );
  });

  test("reading past the end of the view", () => {
    const { int, codec } = types();
    const u32 = codec(int("u32", 4), "little", "value");
    expect(() => u32.decode(new DataView(new ArrayBuffer(6)), 4)).toThrow(
      "value takes 4 bytes at offset 4, but there are only 6",
    );
    expect(() => u32.encode(new DataView(new ArrayBuffer(6)), -1, 1)).toThrow(ObjectError);
  });

  test("types without values", () => {
    const { builder, codec, array, int } = types();
    expect(() => codec(0)).toThrow("has no values");
    expect(() => codec(builder.add({ kind: "forward", name: "x", union: false }))).toThrow(
      "BTF type 1 (struct x) has no values",
    );
    expect(() => codec(builder.add({ kind: "float", name: "long double", size: 16 }))).toThrow("of 16 bytes");
    expect(() => codec(array(array(int("u32", 4), 65536), 65536))).toThrow("too many parts");
  });

  test("unions in unions cannot ask for unbounded work", () => {
    const { builder, int, member, codec } = types();
    let type = int("u32", 4);
    for (let level = 0; level < 40; level++) {
      type = builder.add({
        kind: "union",
        name: `u${level}`,
        size: 4,
        members: [member("a", type, 0), member("b", type, 0)],
      });
    }
    expect(() => codec(type)).toThrow("too many parts to decode");
  });
});

test.each([0, 33])("a bit field of %i of 32 bits, as a damaged object may have it, is bad BTF", (bits) => {
  const builder = new BtfBuilder();
  const int = builder.add({ kind: "int", name: "u32", size: 4, bits, bitOffset: 0, encoding: "unsigned" });
  const members = [{ name: "flags", type: int, bitOffset: 0, bitSize: 0 }];
  const struct = builder.add({ kind: "struct", name: "damaged", size: 4, members });
  expect(() => valueCodec(builder.build(), struct, "little")).toThrow(ObjectError);
});
