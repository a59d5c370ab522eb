import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { offsetOf, type SmallProgram, smallProgram } from "../fixtures/small-program.js";
import { elfFunctions } from "./elf-functions.js";
import { functionIn, functionsOf } from "./user-functions.js";

const folder = mkdtempSync(join(tmpdir(), "waggle-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "small");

const find = (symbols: NonNullable<SmallProgram["symbols"]>, name: string): number => {
  writeFileSync(path, smallProgram({ functions: ["one", "two"], calls: [], symbols }));
  return functionIn(path, functionsOf(path), name);
};
const [one, two] = [offsetOf(0), offsetOf(1)];

describe("which function a name stands for", () => {
  it.each([
    [
      "the exported one before a static one",
      [
        { name: "f", of: "one", table: "static" },
        { name: "f", of: "two" },
      ],
      "f",
      two,
    ],
    [
      "a static one where none is exported",
      [
        { name: "f", of: "one", table: "static" },
        { name: "g", of: "two" },
      ],
      "f",
      one,
    ],
    [
      "a global one before a weak one",
      [
        { name: "f", of: "one", binding: "weak" },
        { name: "f", of: "two" },
      ],
      "f",
      two,
    ],
    [
      "a weak one before a local one",
      [
        { name: "f", of: "one", table: "static", binding: "local" },
        { name: "f", of: "two", table: "static", binding: "weak" },
      ],
      "f",
      two,
    ],
    [
      "two symbols of one place",
      [
        { name: "f", of: "one", binding: "weak" },
        { name: "f", of: "one", binding: "weak" },
      ],
      "f",
      one,
    ],
    [
      "the default version",
      [
        { name: "f", of: "one", version: "V2" },
        { name: "f", of: "two", version: "V1", isOld: true },
      ],
      "f",
      one,
    ],
    [
      "the default version that comes first",
      [
        { name: "f", of: "two", version: "V1", isOld: true },
        { name: "f", of: "one", version: "V2" },
      ],
      "f",
      one,
    ],
    [
      "the version that is named",
      [
        { name: "f", of: "one", version: "V2" },
        { name: "f", of: "two", version: "V1", isOld: true },
      ],
      "f@V1",
      two,
    ],
    [
      "the default version that is named",
      [
        { name: "f", of: "one", version: "V2" },
        { name: "f", of: "two", version: "V1", isOld: true },
      ],
      "f@@V2",
      one,
    ],
    ["the only version, though it is old", [{ name: "f", of: "two", version: "V1", isOld: true }], "f", two],
    [
      "versions in the static table",
      [
        { name: "f", of: "two", table: "static", version: "V1", isOld: true },
        { name: "f", of: "one", table: "static", version: "V2" },
      ],
      "f",
      one,
    ],
  ] satisfies [string, NonNullable<SmallProgram["symbols"]>, string, number][])(
    "%s",
    (_, symbols, name, offset) => {
      expect(find(symbols, name)).toBe(offset);
    },
  );

  it.each([
    [[{ name: "f", of: "one" }], "g", "unknown-function", "has no function g: did you mean f?"],
    [[], "g", "unknown-function", "has no function g: its symbols are stripped: give an offset."],
    [
      [
        { name: "f", of: "one", version: "V2" },
        { name: "f", of: "two", version: "V1", isOld: true },
      ],
      "f@V3",
      "unknown-function",
      "has no version V3 of the function f: it has V2, V1.",
    ],
    [[{ name: "f", of: "one" }], "f@V3", "unknown-function", "it has none."],
    [
      [
        { name: "f", of: "one", table: "static", binding: "local" },
        { name: "f", of: "two", table: "static", binding: "local" },
      ],
      "f",
      "ambiguous-function",
      "has 2 functions f: give the offset of one: 0x1000, 0x1010.",
    ],
    [
      [
        { name: "f", of: "one", version: "V1", isOld: true },
        { name: "f", of: "two", version: "V2", isOld: true },
      ],
      "f",
      "ambiguous-function",
      "name a version: f@V1, f@V2.",
    ],
    [
      [{ name: "f", of: "one", isIndirect: true }],
      "f",
      "indirect-function",
      "which later calls do not go through. Instead give the offset of the implementation that this processor takes, which a debugger shows.",
    ],
    [
      [
        { name: "f", of: "one", isIndirect: true },
        { name: "__f_fast", of: "two", table: "static" },
      ],
      "f",
      "indirect-function",
      "Instead probe those that processors of this kind take: __f_fast.",
    ],
    [[{ name: "f", of: "one", isIndirect: true, version: "V2" }], "f@V2", "indirect-function", "f of "],
  ] satisfies [NonNullable<SmallProgram["symbols"]>, string, string, string][])(
    "refuses %j for %s: %s",
    (symbols, name, code, message) => {
      expect(() => find(symbols, name)).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(message) }),
      );
    },
  );

  it("says what is wrong with a damaged file", () => {
    const whole = smallProgram({
      functions: ["one"],
      calls: [],
      symbols: [{ name: "one", of: "one", version: "V" }],
    });
    for (let cut = 0; cut < whole.length; cut += 97) {
      writeFileSync(path, whole.subarray(0, cut));
      expect(() => elfFunctions(path)).toThrow(
        /^(it is no ELF file|the file ends too early|a symbol table has no names)$/,
      );
    }
    expect(() => functionsOf(folder)).toThrow(/is no program or library that can be read: EISDIR/);
  });
});
