import { describe, expect, test } from "vitest";
import { encodeBtf } from "./encode.js";
import { parseBtf } from "./parse.js";
import { parseSplitBtf } from "./split.js";
import type { BtfType } from "./types.js";

const int: BtfType = { kind: "int", name: "int", size: 4, bits: 32, bitOffset: 0, encoding: "signed" };
const base = encodeBtf({ types: [{ kind: "void" }, int] }, null, "little").btf;
/** Of the base: its strings are "\0int\0". */
const baseStrings = 5;

/** A split BTF by hand: strings, and types as 32-bit words. */
function split(strings: string, words: readonly number[], little = true): Uint8Array {
  const text = new TextEncoder().encode(strings);
  const bytes = new Uint8Array(24 + words.length * 4 + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, little);
  view.setUint8(2, 1);
  const header = [24, 0, words.length * 4, words.length * 4, text.length];
  for (const [index, word] of [...header, ...words].entries()) view.setUint32(4 + index * 4, word, little);
  bytes.set(text, 24 + words.length * 4);
  return bytes;
}

const structKind = 4 << 24;
const pointerKind = 2 << 24;

describe("parseSplitBtf", () => {
  test("types and strings go on where the base ends", () => {
    // struct mine { int int; struct mine *next; }: the name of the first member is the base's.
    const words = [
      ...[baseStrings, structKind | 2, 16, 1, 1, 0, baseStrings + 5, 3, 64],
      ...[0, pointerKind, 2],
    ];
    const { btf, byteOrder, stringBytes } = parseSplitBtf(split("mine\0next\0", words), parseBtf(base));
    expect(btf.types).toEqual([
      { kind: "void" },
      int,
      {
        kind: "struct",
        name: "mine",
        size: 16,
        members: [
          { name: "int", type: 1, bitOffset: 0, bitSize: 0 },
          { name: "next", type: 3, bitOffset: 64, bitSize: 0 },
        ],
      },
      { kind: "pointer", type: 2 },
    ]);
    expect(byteOrder).toBe("little");
    expect(stringBytes).toBe(15);
  });

  test("the base stays as it was", () => {
    const parsed = parseBtf(base);
    parseSplitBtf(split("p\0", [0, pointerKind, 1]), parsed);
    expect(parsed.btf.types).toEqual([{ kind: "void" }, int]);
  });

  test.each([
    [
      "a type of another base",
      split("a\0", [0, pointerKind, 9]),
      "BTF type 2 (pointer) refers to type 9, but the last type is 2",
    ],
    [
      "a string of another base",
      split("a\0", [77, pointerKind, 1]),
      "string offset 77 is outside the BTF string section of 2 bytes",
    ],
    [
      "the other byte order",
      split("a\0", [0, pointerKind, 1], false),
      "BTF is big-endian, but the one that it goes on from is not",
    ],
    ["strings without an end", split("a", []), "BTF string section must start and end with a NUL"],
  ])("%s is refused", (_, bytes, message) => {
    expect(() => parseSplitBtf(bytes, parseBtf(base))).toThrow(message);
  });
});
