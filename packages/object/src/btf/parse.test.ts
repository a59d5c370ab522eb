import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import { encodeBtf } from "./encode.js";
import { formatBtf } from "./format.js";
import { sizeOfType } from "./layout.js";
import { findType } from "./names.js";
import { parseBtf } from "./parse.js";
import type { Btf, BtfType } from "./types.js";

const everyKind: Btf = {
  types: [
    { kind: "void" },
    { kind: "int", name: "int", size: 4, bits: 32, bitOffset: 0, encoding: "signed" },
    { kind: "int", name: "bool", size: 1, bits: 8, bitOffset: 0, encoding: "bool" },
    { kind: "int", name: "letter", size: 1, bits: 8, bitOffset: 0, encoding: "char" },
    { kind: "pointer", type: 6 },
    { kind: "array", type: 1, index: 1, length: 3 },
    {
      kind: "struct",
      name: "node",
      size: 16,
      members: [
        { name: "next", type: 4, bitOffset: 0, bitSize: 0 },
        { name: "flag", type: 1, bitOffset: 64, bitSize: 3 },
      ],
    },
    { kind: "union", name: "", size: 12, members: [{ name: "all", type: 5, bitOffset: 0, bitSize: 0 }] },
    { kind: "enum", name: "e", size: 4, signed: true, values: [{ name: "MINUS", value: -1n }] },
    { kind: "enum", name: "f", size: 4, signed: false, values: [{ name: "TOP", value: 0xffffffffn }] },
    { kind: "enum64", name: "g", size: 8, signed: true, values: [{ name: "LOW", value: -(1n << 63n) }] },
    {
      kind: "enum64",
      name: "h",
      size: 8,
      signed: false,
      values: [{ name: "HIGH", value: (1n << 64n) - 2n }],
    },
    { kind: "forward", name: "later", union: true },
    { kind: "typedef", name: "t", type: 1 },
    { kind: "volatile", type: 13 },
    { kind: "const", type: 14 },
    { kind: "restrict", type: 4 },
    {
      kind: "function-proto",
      returns: 1,
      params: [
        { name: "a", type: 4 },
        { name: "", type: 0 },
      ],
    },
    { kind: "function", name: "fn", type: 17, linkage: "global" },
    { kind: "variable", name: "v", type: 1, linkage: "extern" },
    { kind: "section", name: ".data", size: 4, variables: [{ type: 19, offset: 0, size: 4 }] },
    { kind: "float", name: "double", size: 8 },
    { kind: "decl-tag", name: "tag", type: 6, component: -1 },
    { kind: "type-tag", name: "kptr", type: 6 },
  ],
};

describe("parse and encode", () => {
  test.each<ByteOrder>(["little", "big"])("every kind comes back in %s-endian bytes", (byteOrder) => {
    const { btf: bytes, ext } = encodeBtf(everyKind, null, byteOrder);
    expect(ext).toBeNull();
    const parsed = parseBtf(bytes);
    expect(parsed.byteOrder).toBe(byteOrder);
    expect(parsed.btf).toEqual(everyKind);
    expect(encodeBtf(parsed.btf, null, byteOrder).btf).toEqual(bytes);
  });

  test("names outside ASCII are UTF-8", () => {
    const btf: Btf = {
      types: [
        { kind: "void" },
        { kind: "float", name: "größe", size: 4 },
        { kind: "float", name: "x", size: 4 },
      ],
    };
    expect(parseBtf(encodeBtf(btf, null, "little").btf).btf).toEqual(btf);
  });

  test("a string stands once", () => {
    const twice: BtfType[] = [
      { kind: "void" },
      { kind: "float", name: "same", size: 4 },
      { kind: "float", name: "same", size: 8 },
    ];
    const { btf } = encodeBtf({ types: twice }, null, "little");
    expect(new TextDecoder().decode(btf.subarray(-6))).toBe("\0same\0");
  });

  test("every kind prints as bpftool prints it", () => {
    expect(formatBtf(everyKind)).toMatchInlineSnapshot(`
      "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED
      [2] INT 'bool' size=1 bits_offset=0 nr_bits=8 encoding=BOOL
      [3] INT 'letter' size=1 bits_offset=0 nr_bits=8 encoding=CHAR
      [4] PTR '(anon)' type_id=6
      [5] ARRAY '(anon)' type_id=1 index_type_id=1 nr_elems=3
      [6] STRUCT 'node' size=16 vlen=2
      	'next' type_id=4 bits_offset=0
      	'flag' type_id=1 bits_offset=64 bitfield_size=3
      [7] UNION '(anon)' size=12 vlen=1
      	'all' type_id=5 bits_offset=0
      [8] ENUM 'e' encoding=SIGNED size=4 vlen=1
      	'MINUS' val=-1
      [9] ENUM 'f' encoding=UNSIGNED size=4 vlen=1
      	'TOP' val=4294967295
      [10] ENUM64 'g' encoding=SIGNED size=8 vlen=1
      	'LOW' val=-9223372036854775808LL
      [11] ENUM64 'h' encoding=UNSIGNED size=8 vlen=1
      	'HIGH' val=18446744073709551614ULL
      [12] FWD 'later' fwd_kind=union
      [13] TYPEDEF 't' type_id=1
      [14] VOLATILE '(anon)' type_id=13
      [15] CONST '(anon)' type_id=14
      [16] RESTRICT '(anon)' type_id=4
      [17] FUNC_PROTO '(anon)' ret_type_id=1 vlen=2
      	'a' type_id=4
      	'(anon)' type_id=0
      [18] FUNC 'fn' type_id=17 linkage=global
      [19] VAR 'v' type_id=1, linkage=extern
      [20] DATASEC '.data' size=4 vlen=1
      	type_id=19 offset=0 size=4 (VAR 'v')
      [21] FLOAT 'double' size=8
      [22] DECL_TAG 'tag' type_id=6 component_idx=-1
      [23] TYPE_TAG 'kptr' type_id=6
      "
    `);
  });

  const vmlinux = "/sys/kernel/btf/vmlinux";
  test.skipIf(!existsSync(vmlinux))(
    "the running kernel's types come back unchanged (needs /sys/kernel/btf)",
    () => {
      const { btf, byteOrder } = parseBtf(new Uint8Array(readFileSync(vmlinux)));
      const task = findType(btf, "struct", "task_struct");
      expect(task).not.toBeNull();
      expect(sizeOfType(btf, task ?? 0)).toBeGreaterThan(1000);
      expect(parseBtf(encodeBtf(btf, null, byteOrder).btf).btf).toEqual(btf);
    },
  );
});

function errorOf(bytes: Uint8Array): string {
  try {
    parseBtf(bytes);
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    expect(error.code).toBe("bad-btf");
    return error.message;
  }
  return "no error";
}

const errorOfTypes = (...types: BtfType[]): string =>
  errorOf(encodeBtf({ types: [{ kind: "void" }, ...types] }, null, "little").btf);

describe("bad BTF", () => {
  const good = encodeBtf(everyKind, null, "little").btf;
  const patched = (at: number, byte: number): Uint8Array => {
    const copy = good.slice();
    copy[at] = byte;
    return copy;
  };

  test("headers", () => {
    expect(errorOf(good.subarray(0, 10))).toBe("BTF is cut short: 10 bytes cannot hold its header");
    expect(errorOf(patched(0, 1))).toBe("not BTF: it starts with 0xeb01 instead of 0xeb9f");
    expect(errorOf(patched(2, 9))).toBe("BTF version 9 is not known; this is version 1");
    expect(errorOf(patched(4, 2))).toBe("BTF header length 2 is out of bounds");
    expect(errorOf(good.subarray(0, good.length - 1))).toContain(
      "BTF is cut short: its string section should end at byte",
    );
    expect(errorOf(patched(good.length - 1, 65))).toBe("BTF string section must start and end with a NUL");
  });

  test("types", () => {
    const int: BtfType = { kind: "int", name: "int", size: 4, bits: 32, bitOffset: 0, encoding: "signed" };
    expect(errorOfTypes({ kind: "pointer", type: 7 })).toBe(
      "BTF type 1 (pointer) refers to type 7, but the last type is 1",
    );
    expect(errorOfTypes({ ...int, bits: 40 })).toBe('BTF type 1 (int "int") has 40 bits at bit 0 of 4 bytes');
    expect(errorOfTypes({ kind: "enum", name: "e", size: 3, signed: false, values: [] })).toContain(
      "has a size of 3 bytes",
    );
    expect(errorOfTypes({ kind: "array", type: 0, index: 0, length: 1 })).toBe(
      "BTF type 1 (array) has elements of type void",
    );
    expect(
      errorOfTypes(int, {
        kind: "struct",
        name: "s",
        size: 4,
        members: [{ name: "m", type: 1, bitOffset: 33, bitSize: 0 }],
      }),
    ).toBe('BTF type 2 (struct "s") has the member "m" past its end');
    const holding = (bitOffset: number, size: number): BtfType => ({
      kind: "struct",
      name: "s",
      size,
      members: [{ name: "m", type: 2, bitOffset, bitSize: 0 }],
    });
    const pair: BtfType = { kind: "array", type: 1, index: 1, length: 2 };
    const pastEnd = 'BTF type 3 (struct "s") has the member "m" past its end';
    expect(errorOfTypes(int, pair, holding(0, 8))).toBe("no error");
    expect(errorOfTypes(int, pair, holding(8, 8))).toBe(pastEnd);
    expect(errorOfTypes(int, pair, holding(0, 4))).toBe(pastEnd);
    expect(errorOfTypes(int, { kind: "pointer", type: 1 }, holding(32, 8))).toBe(pastEnd);
    expect(errorOfTypes(int, { kind: "typedef", name: "t", type: 1 }, holding(8, 4))).toBe(pastEnd);
    // Bit fields of the old form are as long as their bits.
    expect(errorOfTypes(int, { ...int, name: "bits", bits: 3 }, holding(5, 1))).toBe("no error");
    expect(errorOfTypes(int, { ...int, name: "bits", bits: 3 }, holding(6, 1))).toBe(pastEnd);
    expect(errorOfTypes(int, { kind: "forward", name: "f", union: false }, holding(0, 8))).toBe(
      'BTF type 3 (struct "s") has the member "m" of a type without a size',
    );
    expect(
      errorOfTypes({
        kind: "struct",
        name: "s",
        size: 4,
        members: [{ name: "m", type: 0, bitOffset: 0, bitSize: 0 }],
      }),
    ).toContain('has the member "m" of type void');
    expect(errorOfTypes(int, { kind: "function", name: "f", type: 1, linkage: "static" })).toContain(
      "refers to type 1, which is no function prototype",
    );
    expect(
      errorOfTypes(int, {
        kind: "section",
        name: ".d",
        size: 0,
        variables: [{ type: 1, offset: 0, size: 4 }],
      }),
    ).toContain("lists type 1, which is neither a variable nor a function");
    expect(
      errorOfTypes(
        int,
        { kind: "variable", name: "v", type: 1, linkage: "static" },
        { kind: "pointer", type: 2 },
      ),
    ).toBe("BTF type 3 (pointer) refers to type 2, which is a variable and not a type of values");
  });

  test("types that contain themselves", () => {
    expect(errorOfTypes({ kind: "typedef", name: "a", type: 2 }, { kind: "const", type: 1 })).toBe(
      'BTF type 1 (typedef "a") contains itself',
    );
    expect(
      errorOfTypes(
        { kind: "struct", name: "s", size: 4, members: [{ name: "m", type: 2, bitOffset: 0, bitSize: 0 }] },
        { kind: "array", type: 1, index: 1, length: 1 },
      ),
    ).toBe('BTF type 1 (struct "s") contains itself');
  });

  test("any cut and any changed byte gives a typed error or types", () => {
    for (let end = 0; end < good.length; end++) errorOf(good.subarray(0, end));
    for (let at = 0; at < good.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) errorOf(patched(at, (good[at] ?? 0) ^ flip));
    }
  });
});
