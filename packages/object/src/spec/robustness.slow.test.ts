import { describe, expect, test } from "vitest";
import { ObjectError } from "../errors.js";
import { disassemble } from "../index.js";
import { littleClangObject } from "./fixtures/clang-objects.js";
import { sampleObject } from "./fixtures/sample-object.js";
import { readObject } from "./read-object.js";

/** The result is an object or an `ObjectError`; anything else that is thrown fails the test. */
function read(bytes: Uint8Array): "object" | "error" {
  try {
    const spec = readObject(bytes);
    for (const { instructions } of spec.programs) disassemble(instructions);
    return "object";
  } catch (error) {
    if (error instanceof ObjectError) return "error";
    throw error;
  }
}

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

const clang = new Uint8Array(Buffer.from(littleClangObject, "base64"));
const objects: [string, Uint8Array][] = [
  ["ours, little endian", sampleObject()],
  ["ours, big endian", sampleObject({ byteOrder: "big" })],
  ["clang's", clang],
];

describe.each(objects)("an object of %s", (_, bytes) => {
  test("is whole to start with", () => {
    expect(read(bytes)).toBe("object");
  });

  test("cut off at any length is an error", () => {
    // The section headers come last, so that no proper start of the file is a whole object.
    for (let length = 0; length < bytes.length; length++) {
      expect(read(bytes.subarray(0, length)), `at ${length} bytes`).toBe("error");
    }
  });

  test("with any bit flipped gives a result or an error, and quickly", () => {
    const copy = bytes.slice();
    // Three is prime to eight: also with that step every bit of a byte has its turn.
    const step = bytes.length > 4000 ? 3 : 1;
    const outcomes = { object: 0, error: 0 };
    const started = process.cpuUsage();
    for (let bit = 0; bit < bytes.length * 8; bit += step) {
      const at = bit >> 3;
      copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
      outcomes[read(copy)]++;
      copy[at] = bytes[at] ?? 0;
    }
    expect(outcomes.error).toBeGreaterThan(0);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000 / ((bytes.length * 8) / step)).toBeLessThan(20);
  });

  test("with random bytes overwritten gives a result or an error", () => {
    const random = randomBelow(0x5eed);
    for (let round = 0; round < 3000; round++) {
      const copy = bytes.slice();
      for (let change = 0; change <= random(8); change++) copy[random(copy.length)] = random(256);
      read(copy);
    }
  });
});

test("random bytes behind a valid header are an error", () => {
  const random = randomBelow(77);
  for (let round = 0; round < 500; round++) {
    const bytes = clang.slice();
    for (let at = 64; at < bytes.length; at++) bytes[at] = random(256);
    expect(read(bytes)).toBe("error");
  }
});
