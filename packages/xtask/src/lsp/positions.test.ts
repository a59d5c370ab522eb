import { expect, test } from "vitest";
import { offsetAt, offsetOfPlace, positionAt } from "./positions.js";

test("every way to end a line, and back", () => {
  const text = "a\nbc\r\nd\re";
  const places = [...text, ""].map((_, offset) => positionAt(text, offset));
  expect(places.map(({ line, character }) => `${line}:${character}`)).toEqual([
    "0:0",
    "0:1",
    "1:0",
    "1:1",
    "1:2",
    "1:3",
    "2:0",
    "2:1",
    "3:0",
    "3:1",
  ]);
  for (const offset of [0, 1, 2, 3, 4, 6, 7, 8, 9])
    expect(offsetAt(text, positionAt(text, offset))).toBe(offset);
});

test("characters count in UTF-16 units: one beyond the basic plane is two", () => {
  const text = 'const a = "🐝🐝"; x';
  expect(positionAt(text, text.indexOf("x"))).toEqual({ line: 0, character: 18 });
  expect(offsetAt(text, { line: 0, character: 18 })).toBe(text.indexOf("x"));
});

test("a Unicode line separator ends a line for TypeScript only", () => {
  const text = "// a\u2028b\nc";
  expect(offsetOfPlace(text, 2, 1)).toBe(5);
  expect(offsetOfPlace(text, 3, 1)).toBe(7);
  expect(positionAt(text, 5)).toEqual({ line: 0, character: 5 });
});

test("places outside the text are moved into it", () => {
  expect(offsetAt("ab\ncd", { line: 0, character: 9 })).toBe(2);
  expect(offsetAt("ab\ncd", { line: 9, character: 0 })).toBe(5);
  expect(offsetOfPlace("ab\ncd", 9, 1)).toBe(5);
  expect(offsetOfPlace("ab\ncd", 0, 0)).toBe(0);
  expect(positionAt("", 0)).toEqual({ line: 0, character: 0 });
});
