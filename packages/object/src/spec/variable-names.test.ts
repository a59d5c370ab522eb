import { expect, test } from "vitest";
import { encodeNames, joinReads, parseNames } from "./variable-names.js";

const names = {
  registers: [
    { first: 0, last: 2, register: 1, name: "ctx" },
    { first: 4, last: 4, register: 0, name: "seen" },
  ],
  frame: [{ offset: -8, size: 8, name: "key" }],
};

test("names read back as they were written, also of objects joined", () => {
  const one = encodeNames(new Map([["count", names]]));
  const two = encodeNames(new Map([["emit", { ...names, frame: [] }]]));
  expect(new TextDecoder().decode(one)).toBe("F count\nR 0 2 1 ctx\nR 4 4 0 seen\nS -8 8 key\n");
  expect(parseNames(new Uint8Array([...one, ...two]))).toEqual(
    new Map([
      ["count", names],
      ["emit", { ...names, frame: [] }],
    ]),
  );
});

test("two functions of one name have no names, and damage is skipped", () => {
  const one = encodeNames(new Map([["helper", names]]));
  expect(parseNames(new Uint8Array([...one, ...one])).get("helper")).toEqual({ registers: [], frame: [] });
  const damaged = new TextEncoder().encode(
    "R 1 2 3 lost\nF f\nR x 2 3 a\nR 1 2\nS 1 y z\n\u0000Q\nR 1 2 3 kept",
  );
  expect(parseNames(damaged).get("f")).toEqual({
    registers: [{ first: 1, last: 2, register: 3, name: "kept" }],
    frame: [],
  });
});

test("neighbouring reads are one range until the register is written", () => {
  const at = (dst: number) => ({ opcode: 0xb7, dst, src: 0, offset: 0, imm: 0 });
  const read = (instruction: number, name: string) => ({ instruction, register: 1, name });
  const code = [at(5), at(5), at(1), at(5)];
  expect(joinReads([read(0, "a"), read(1, "a"), read(2, "a"), read(3, "a")], code)).toEqual([
    { first: 0, last: 2, register: 1, name: "a" },
    { first: 3, last: 3, register: 1, name: "a" },
  ]);
});
