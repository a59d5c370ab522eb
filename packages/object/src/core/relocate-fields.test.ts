import { describe, expect, test } from "vitest";
import { code, type Field, pair, relocateOne, type Types } from "./fixtures/types.js";
import { CoreKind } from "./kinds.js";
import { POISON_HELPER } from "./patch.js";

const poison = { opcode: 0x85, dst: 0, src: 0, offset: 0, imm: POISON_HELPER };

/** task { pid: i32 @0, flags: u64 @8 } of 16 bytes; the kernel's has 32 bytes, flags at 24 and a narrower pid at 4. */
const task = () =>
  pair(
    (t) =>
      t.struct("task", 16, [
        ["pid", t.i32, 0],
        ["flags", t.u64, 8],
      ]),
    (t) =>
      t.struct("task", 32, [
        ["pid", t.int("short", 2, "signed"), 4],
        ["flags", t.u64, 24],
      ]),
  );

describe("fields", () => {
  test.each([
    ["offset", CoreKind.FieldByteOffset, "0:1", 8, 24],
    ["size", CoreKind.FieldByteSize, "0:0", 4, 2],
    ["existence", CoreKind.FieldExists, "0:0", 1, 1],
    ["sign of a signed one", CoreKind.FieldSigned, "0:0", 1, 1],
    ["sign of an unsigned one", CoreKind.FieldSigned, "0:1", 0, 0],
    // 64 - 32 bits becomes 64 - 16.
    ["right shift", CoreKind.FieldRightShift, "0:0", 32, 48],
    ["left shift", CoreKind.FieldLeftShift, "0:0", 32, 48],
  ])("%s", (_, kind, access, local, there) => {
    expect(relocateOne(task(), kind, access, code.number(local))).toEqual([code.number(there)]);
  });

  test("a left shift in big endian skips what is before the field", () => {
    // (8 - 4) * 8 bits for the local i32, (8 - 2) * 8 for the kernel's short.
    const [patched] = relocateOne(task(), CoreKind.FieldLeftShift, "0:0", code.number(32), "big");
    expect(patched).toEqual(code.number(48));
  });

  test("an offset goes into a load, a wide load and the store's offset alike", () => {
    expect(relocateOne(task(), CoreKind.FieldByteOffset, "0:1", code.load(8, 8))).toEqual([code.load(8, 24)]);
    expect(relocateOne(task(), CoreKind.FieldByteOffset, "0:1", code.wide(8n))).toEqual(code.wide(24n));
    const store = { opcode: 0x7b, dst: 1, src: 2, offset: 8, imm: 0 };
    expect(relocateOne(task(), CoreKind.FieldByteOffset, "0:1", store)).toEqual([{ ...store, offset: 24 }]);
  });

  test("the root may be counted as an element: p[2].flags", () => {
    // 2 * 16 + 8 becomes 2 * 32 + 24.
    expect(relocateOne(task(), CoreKind.FieldByteOffset, "2:1", code.number(40))).toEqual([code.number(88)]);
  });

  test("a missing field poisons what needs it, in both halves of a wide load, and does not exist", () => {
    const types = pair(
      (t) => t.struct("task", 4, [["gone", t.u32, 0]]),
      (t) => t.struct("task", 4, [["pid", t.u32, 0]]),
    );
    for (const kind of [0, 1, 3, 4, 5]) {
      expect(relocateOne(types, kind, "0:0", code.number(0))).toEqual([poison]);
      expect(relocateOne(types, kind, "0:0", code.wide(0n))).toEqual([poison, poison]);
    }
    expect(relocateOne(types, CoreKind.FieldExists, "0:0", code.number(1))).toEqual([code.number(0)]);
  });
});

describe("where a field is", () => {
  test("members without a name are looked through, on either side", () => {
    const types = pair(
      (t) => {
        const inner = t.union("", 8, [
          ["a", t.u64, 0],
          ["b", t.u32, 0],
        ]);
        return t.struct("sock", 16, [
          ["port", t.u32, 0],
          ["", inner, 8],
        ]);
      },
      (t) => {
        const deep = t.struct("", 12, [
          ["x", t.u32, 0],
          ["b", t.u32, 8],
        ]);
        const middle = t.union("", 12, [["", deep, 0]]);
        return t.struct("sock", 40, [
          ["", middle, 20],
          ["port", t.u32, 36],
        ]);
      },
    );
    // sock -> anonymous union -> b: 8; there 20 + 0 + 8.
    expect(relocateOne(types, CoreKind.FieldByteOffset, "0:1:1", code.number(8))).toEqual([code.number(28)]);
    expect(relocateOne(types, CoreKind.FieldByteOffset, "0:0", code.number(0))).toEqual([code.number(36)]);
  });

  test("embedded structs are followed by name, whatever theirs is called", () => {
    const types = pair(
      (t) => t.struct("outer", 8, [["in", t.struct("inner___mine", 8, [["v", t.u32, 4]]), 0]]),
      (t) => t.struct("outer", 32, [["in", t.struct("renamed", 16, [["v", t.u32, 12]]), 16]]),
    );
    expect(relocateOne(types, CoreKind.FieldByteOffset, "0:0:0", code.number(4))).toEqual([code.number(28)]);
  });

  const arrays = (length: number, fieldsAfter: (t: Types) => readonly Field[] = () => []) =>
    pair(
      (t) =>
        t.struct("ring", 40, [
          ["head", t.u32, 0],
          ["slots", t.array(t.u32, 8), 8],
        ]),
      (t) =>
        t.struct("ring", 64, [["head", t.u32, 0], ["slots", t.array(t.u64, length), 16], ...fieldsAfter(t)]),
    );

  test("elements have the size that they have there, as long as there are enough", () => {
    // slots[3]: 8 + 3 * 4; there 16 + 3 * 8.
    expect(relocateOne(arrays(4), 0, "0:1:3", code.number(20))).toEqual([code.number(40)]);
    expect(relocateOne(arrays(3), 0, "0:1:3", code.number(20))).toEqual([poison]);
    expect(relocateOne(arrays(3), CoreKind.FieldExists, "0:1:3", code.number(1))).toEqual([code.number(0)]);
  });

  test("an array of no length takes any index at the end of a struct, and none within", () => {
    expect(relocateOne(arrays(0), 0, "0:1:3", code.number(20))).toEqual([code.number(40)]);
    const within = arrays(0, (t) => [["tail", t.u32, 60]]);
    expect(relocateOne(within, 0, "0:1:3", code.number(20))).toEqual([poison]);
  });

  test("typedefs and qualifiers are looked through, also on the way", () => {
    const types = pair(
      (t) => {
        const inner = t.typedef("a_t", t.constant(t.typedef("b_t", t.struct("", 4, [["n", t.u32, 0]]))));
        return t.struct("task", 8, [["a", inner, 4]]);
      },
      (t) => t.struct("task", 16, [["a", t.struct("a", 8, [["n", t.constant(t.u32), 4]]), 8]]),
    );
    expect(relocateOne(types, 0, "0:0:0", code.number(4))).toEqual([code.number(12)]);
  });

  test("a typedef of a struct without a name is a root of its own", () => {
    const types = pair(
      (t) => t.typedef("atomic_t", t.struct("", 4, [["counter", t.i32, 0]])),
      (t) => {
        // A struct of the same name is another thing.
        t.struct("atomic_t", 8, [["counter", t.i32, 4]]);
        return t.typedef("atomic_t", t.struct("", 16, [["counter", t.i32, 12]]));
      },
    );
    expect(relocateOne(types, 0, "0:0", code.number(0))).toEqual([code.number(12)]);
    expect(relocateOne(types, CoreKind.TypeSize, "0", code.number(4))).toEqual([code.number(16)]);
  });
});

describe("which fields may stand for each other", () => {
  const kinds: Readonly<Record<string, (t: Types) => number>> = {
    int: (t) => t.u32,
    pointer: (t) => t.pointer(0),
    array: (t) => t.array(t.u32, 2),
    struct: (t) => t.struct("s", 8, []),
    union: (t) => t.union("u", 8, []),
    enum: (t) => t.enumeration("e", 4, { A: 1n }),
    "enum of another name": (t) => t.enumeration("f", 4, { A: 1n }),
    "enum without a name": (t) => t.enumeration("", 4, { A: 1n }),
    "enum of a flavour": (t) => t.enumeration("e___old", 4, { A: 1n }),
    "wide enum": (t) => t.enumeration("e", 8, { A: 1n }, true),
    "array of pointers": (t) => t.array(t.pointer(0), 2),
    float: (t) => t.float(8),
  };
  const alike = new Set([
    "struct union",
    "union struct",
    "enum wide enum",
    "wide enum enum",
    ...["enum", "enum of another name", "enum of a flavour", "wide enum"].flatMap((name) => [
      `${name} enum without a name`,
      `enum without a name ${name}`,
    ]),
    "enum enum of a flavour",
    "enum of a flavour enum",
    "wide enum enum of a flavour",
    "enum of a flavour wide enum",
  ]);

  test.each(Object.keys(kinds).flatMap((a) => Object.keys(kinds).map((b) => [a, b] as const)))(
    "%s as %s",
    (a, b) => {
      const holder = (kind: string) => (t: Types) =>
        t.struct("holder", 16, [["f", kinds[kind]?.(t) ?? 0, 0]]);
      const [found] = relocateOne(pair(holder(a), holder(b)), CoreKind.FieldExists, "0:0", code.number(1));
      expect(found?.imm).toBe(a === b || alike.has(`${a} ${b}`) ? 1 : 0);
    },
  );
});

describe("bit fields", () => {
  // struct { u32 a:3, b:7, c:22 }; there b has 5 bits from bit 40 of a u64.
  const bits = () =>
    pair(
      (t) =>
        t.struct("flags", 4, [
          ["a", t.u32, 0, 3],
          ["b", t.u32, 3, 7],
        ]),
      (t) =>
        t.struct("flags", 8, [
          ["other", t.u64, 0, 40],
          ["b", t.u64, 40, 5],
        ]),
    );

  test.each([
    // Little endian: 64 - (first bit + width): 64 - 10 and 64 - 45. Big endian: the bytes missing to 8, and the first bit.
    ["little", 54, 19],
    ["big", 35, 40],
  ] as const)("shifts in %s endian", (order, left, there) => {
    expect(relocateOne(bits(), CoreKind.FieldLeftShift, "0:1", code.number(left), order)).toEqual([
      code.number(there),
    ]);
    expect(relocateOne(bits(), CoreKind.FieldRightShift, "0:1", code.number(57), order)).toEqual([
      code.number(59),
    ]);
  });

  test("their offset and size are those of the smallest load that holds them", () => {
    const types = pair(
      (t) => t.struct("flags", 4, [["b", t.u8, 3, 2]]),
      // Bits 30 to 33 of a u32 at 0: no 4 bytes at a multiple of 4 hold them.
      (t) => t.struct("flags", 8, [["b", t.u32, 30, 4]]),
    );
    expect(relocateOne(types, CoreKind.FieldByteSize, "0:0", code.number(1))).toEqual([code.number(8)]);
    expect(relocateOne(types, CoreKind.FieldByteOffset, "0:0", code.number(0))).toEqual([code.number(0)]);
    const higher = pair(
      (t) => t.struct("flags", 4, [["b", t.u8, 3, 2]]),
      (t) => t.struct("flags", 16, [["b", t.u32, 70, 4]]),
    );
    // Bit 70 is in bytes 8 to 11.
    expect(relocateOne(higher, CoreKind.FieldByteOffset, "0:0", code.number(0))).toEqual([code.number(8)]);
    expect(relocateOne(higher, CoreKind.FieldByteSize, "0:0", code.number(1))).toEqual([code.number(4)]);
    expect(relocateOne(higher, CoreKind.FieldLeftShift, "0:0", code.number(59))).toEqual([code.number(54)]);
  });

  test("a bit field may become an ordinary field", () => {
    const types = pair(
      (t) => t.struct("flags", 4, [["b", t.u32, 3, 7]]),
      (t) => t.struct("flags", 8, [["b", t.int("unsigned short", 2), 6]]),
    );
    expect(relocateOne(types, CoreKind.FieldByteOffset, "0:0", code.number(0))).toEqual([code.number(6)]);
    expect(relocateOne(types, CoreKind.FieldLeftShift, "0:0", code.number(54))).toEqual([code.number(48)]);
    expect(relocateOne(types, CoreKind.FieldRightShift, "0:0", code.number(57))).toEqual([code.number(48)]);
  });

  test("what the instruction holds of an offset or a size is not compared, as compilers differ there", () => {
    const types = pair(
      (t) => t.struct("flags", 4, [["b", t.u32, 3, 7]]),
      (t) => t.struct("flags", 4, [["b", t.u32, 3, 7]]),
    );
    expect(relocateOne(types, CoreKind.FieldByteOffset, "0:0", code.number(9))).toEqual([code.number(0)]);
  });
});

describe("loads of fields whose size differs", () => {
  const sized = (local: (t: Types) => number, target: (t: Types) => number) =>
    pair(
      (t) => t.struct("task", 64, [["f", local(t), 8]]),
      (t) => t.struct("task", 64, [["f", target(t), 16]]),
    );

  test.each([
    ["a narrower unsigned integer", (t: Types) => t.u64, (t: Types) => t.u8, code.load(1, 16)],
    ["a wider one", (t: Types) => t.u64, (t: Types) => t.int("u16", 2), code.load(2, 16)],
    [
      "an element of an array",
      (t: Types) => t.array(t.u64, 1),
      (t: Types) => t.array(t.u32, 4),
      code.load(4, 16),
    ],
  ])("%s", (_, local, target, expected) => {
    expect(relocateOne(sized(local, target), 0, "0:0", code.load(8, 8))).toEqual([expected]);
  });

  test("of a signed integer or a struct no width is right, but its address is", () => {
    const signed = sized(
      (t) => t.i32,
      (t) => t.int("long", 8, "signed"),
    );
    expect(relocateOne(signed, 0, "0:0", code.load(4, 8))).toEqual([poison]);
    expect(relocateOne(signed, 0, "0:0", code.number(8))).toEqual([code.number(16)]);
    const embedded = sized(
      (t) => t.struct("inner", 8, []),
      (t) => t.struct("inner", 24, []),
    );
    expect(relocateOne(embedded, 0, "0:0", code.number(8))).toEqual([code.number(16)]);
    expect(relocateOne(embedded, 0, "0:0", code.wide(8n))).toEqual(code.wide(16n));
  });

  test("a load of another width than its field has is refused", () => {
    const types = sized(
      (t) => t.u64,
      (t) => t.u32,
    );
    expect(() => relocateOne(types, 0, "0:0", code.load(2, 8))).toThrow(
      "program run: offset of task.f: instruction 0 accesses another width than its field's 8 bytes, which are 4 here. " +
        "The object is damaged or of a newer compiler: build it again with this version",
    );
  });

  test("an offset past what a load can hold is refused", () => {
    const types = pair(
      (t) => t.struct("big", 8, [["f", t.u32, 0]]),
      (t) => t.struct("big", 40000, [["f", t.u32, 32768]]),
    );
    expect(() => relocateOne(types, 0, "0:0", code.load(4, 0))).toThrow(
      "cannot hold the offset 32768: it ends at 32767",
    );
    expect(relocateOne(types, 0, "0:0", code.number(0))).toEqual([code.number(32768)]);
  });
});
