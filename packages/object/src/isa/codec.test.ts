import { describe, expect, test } from "vitest";
import { ObjectError } from "../errors.js";
import { decodeInstructions, encodeInstructions, isWide } from "./codec.js";
import type { Instruction } from "./instruction.js";

const store: Instruction = { opcode: 0x7b, dst: 10, src: 1, offset: -8, imm: 0 };
const load: readonly Instruction[] = [
  { opcode: 0x18, dst: 2, src: 1, offset: 0, imm: 0x11223344 },
  { opcode: 0, dst: 0, src: 0, offset: 0, imm: -1 },
];

describe("encoding", () => {
  test("little endian keeps dst in the low nibble", () => {
    expect([...encodeInstructions([store], "little")]).toEqual([0x7b, 0x1a, 0xf8, 0xff, 0, 0, 0, 0]);
  });
  test("big endian swaps the register nibbles", () => {
    expect([...encodeInstructions([store], "big")]).toEqual([0x7b, 0xa1, 0xff, 0xf8, 0, 0, 0, 0]);
  });
  test.each(["little", "big"] as const)("decoding gives back what was encoded, %s endian", (order) => {
    const list = [store, ...load];
    expect(decodeInstructions(encodeInstructions(list, order), order)).toEqual(list);
  });
  test.each([
    [{ offset: 0x8000 }, "instruction 0: offset is 32768, but must be an integer from -32768 to 32767"],
    [{ imm: 0xffffffff }, "instruction 0: imm is 4294967295"],
    [{ dst: 16 }, "instruction 0: dst is 16"],
    [{ imm: 0.5 }, "instruction 0: imm is 0.5"],
  ])("refuses %j", (change, message) => {
    expect(() => encodeInstructions([{ ...store, ...change }], "little")).toThrow(message);
  });
});

test("decoding reads a view in the middle of a buffer", () => {
  const bytes = new Uint8Array(24);
  bytes.set(encodeInstructions([store], "little"), 8);
  expect(decodeInstructions(bytes.subarray(8, 16), "little")).toEqual([store]);
});

test.each([
  [new Uint8Array(7), "code is 7 bytes long, which is not a multiple of 8"],
  [encodeInstructions(load.slice(0, 1), "little"), "at byte 0 lacks its second half"],
  [
    encodeInstructions([...load.slice(0, 1), store], "little"),
    "followed by opcode 0x7b instead of its second half",
  ],
])("broken code %#", (bytes, message) => {
  expect(() => decodeInstructions(bytes, "little")).toThrow(ObjectError);
  expect(() => decodeInstructions(bytes, "little")).toThrow(message);
});

test("only the 64-bit immediate load is wide", () => {
  expect([...load, store].map(isWide)).toEqual([true, false, false]);
});
