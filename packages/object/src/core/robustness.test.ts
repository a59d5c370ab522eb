import { expect, test } from "vitest";
import { encodeBtf } from "../btf/encode.js";
import { parseBtfExt } from "../btf/ext.js";
import { parseBtf } from "../btf/parse.js";
import { ObjectError } from "../errors.js";
import type { Instruction } from "../isa/instruction.js";
import { code, programWith, Types } from "./fixtures/types.js";
import { relocateProgram } from "./relocate.js";

/** A small generator of random numbers below a bound (xorshift32), so that a failure can be repeated. */
function randomBelow(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const relocations: readonly (readonly [access: string, kind: number, instruction: readonly Instruction[]])[] =
  [
    ["0:0", 0, [code.load(4, 0)]],
    ["0:1:0", 0, [code.load(8, 8)]],
    ["0:2:3", 1, [code.number(4)]],
    ["0:3", 4, [code.number(0)]],
    ["0:3", 5, code.wide(57n)],
    ["0:4", 3, [code.number(0)]],
    ["0", 8, [code.number(1)]],
    ["0", 9, [code.number(64)]],
    ["0", 12, [code.number(1)]],
    ["0", 6, code.wide(0n)],
    ["0", 7, code.wide(0n)],
  ];

/** Types with all that relocations look at, and records about them. */
function sample() {
  const t = new Types();
  const state = t.enumeration("state", 4, { A: 1n, B: 2n });
  const inner = t.union("", 8, [["a", t.u64, 0]]);
  const task = t.recursive("task", 64, (self) => [
    ["pid", t.u32, 0],
    ["", inner, 8],
    ["slots", t.array(t.u32, 4), 16],
    ["bits", t.u32, 32 * 8 + 3, 7],
    ["state", state, 40],
    ["next", t.pointer(self), 48],
    ["call", t.pointer(t.callback(0, [t.pointer(self), t.u32])), 56],
  ]);
  const instructions: Instruction[] = [];
  const records = relocations.map(([access, kind, list]) => {
    const record = { section: "xdp", offset: instructions.length * 8, type: task, access, kind };
    instructions.push(...list);
    return record;
  });
  records.push({ section: "xdp", offset: instructions.length * 8, type: state, access: "1", kind: 11 });
  instructions.push(...code.wide(2n));
  const encoded = encodeBtf(t.build(), { functions: [], lines: [], relocations: records }, "little");
  return { instructions, btf: encoded.btf, ext: encoded.ext ?? new Uint8Array(0) };
}

const { instructions, btf, ext } = sample();
const kernel = parseBtf(btf).btf;

/** Reads types and records and relocates with them; anything but an `ObjectError` fails the test. */
function relocate(types: Uint8Array, records: Uint8Array, target = kernel): "done" | "error" {
  try {
    const { btf: local, stringAt } = parseBtf(types);
    const questions = parseBtfExt(records, stringAt).relocations.map((record) => ({
      ...record,
      instruction: Math.floor(record.offset / 8),
    }));
    relocateProgram(programWith(instructions, questions), local, target, "little");
    return "done";
  } catch (error) {
    if (error instanceof ObjectError) return "error";
    throw error;
  }
}

test("what is whole is relocated", () => {
  expect(relocate(btf, ext)).toBe("done");
});

test.each([
  ["records", false],
  ["types", true],
] as const)("any bit of the %s flipped gives a result or an error, and soon", (_, ofTypes) => {
  const whole = ofTypes ? btf : ext;
  const copy = whole.slice();
  const started = process.cpuUsage();
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const at = bit >> 3;
    copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
    if (ofTypes) relocate(copy, ext);
    else relocate(btf, copy);
    copy[at] = whole[at] ?? 0;
  }
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000 / (whole.length * 8)).toBeLessThan(20);
});

test("random bytes in types, records and the kernel's types give a result or an error", () => {
  const random = randomBelow(0xc0de);
  const damage = (whole: Uint8Array): Uint8Array => {
    const copy = whole.slice();
    for (let change = random(6); change > 0; change--) copy[random(copy.length)] = random(256);
    return copy;
  };
  const outcomes = { done: 0, error: 0 };
  for (let round = 0; round < 4000; round++) {
    let target = kernel;
    try {
      target = parseBtf(damage(btf)).btf;
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error;
    }
    outcomes[relocate(damage(btf), damage(ext), target)]++;
  }
  expect(outcomes.error).toBeGreaterThan(1000);
  expect(outcomes.done).toBeGreaterThan(100);
});

test("long numbers in an access are no numbers of the machine", () => {
  const { btf: local, stringAt } = parseBtf(btf);
  const [first] = parseBtfExt(ext, stringAt).relocations;
  if (first === undefined) throw new Error("there is no record");
  for (const access of [
    "9".repeat(400),
    `0:${"9".repeat(400)}`,
    "0:2:99999999999999999999",
    "4294967295:2:3",
  ]) {
    const program = programWith(instructions, [{ ...first, access, instruction: 0 }]);
    expect(() => relocateProgram(program, local, kernel, "little")).toThrow(ObjectError);
  }
});

test("unions without a name within one another are searched once each", () => {
  const t = new Types();
  let inner = t.struct("", 4, [["a", t.u32, 0]]);
  for (let level = 0; level < 40; level++) {
    inner = t.union("", 4, [
      ["", inner, 0],
      ["", inner, 0],
    ]);
  }
  t.struct("task", 4, [["", inner, 0]]);
  const target = t.build();
  const { btf: local, stringAt } = parseBtf(btf);
  const [first] = parseBtfExt(ext, stringAt).relocations;
  if (first === undefined) throw new Error("there is no record");
  const program = programWith([code.number(1)], [{ ...first, kind: 2, instruction: 0 }]);
  expect(relocateProgram(program, local, target, "little")).toEqual([code.number(0)]);
});
