import { expect, test } from "vitest";
import { extentAt } from "./extent.js";

const text = [
  "function run(a) {",
  "  if (a.b.c(1) !== 3) return f(a,",
  "    2);",
  "  a.x = a.y + 1;",
  "}",
].join("\n");

test.each([
  ["a name that is declared", 1, 10, 1, 13],
  ["the widest expression that begins there", 2, 7, 2, 21],
  ["a keyword", 2, 23, 2, 29],
  ["an expression of two lines", 2, 30, 3, 7],
  ["an assignment", 4, 3, 4, 16],
  ["an operand", 4, 9, 4, 16],
  ["a brace", 5, 1, 5, 2],
  ["past the end", 9, 4, 9, 5],
])("%s", (_, line, column, endLine, endColumn) => {
  expect(extentAt(text, line, column)).toEqual({ endLine, endColumn });
});
