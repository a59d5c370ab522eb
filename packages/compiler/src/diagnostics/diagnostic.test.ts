import { expect, test } from "vitest";
import { applyFix } from "./diagnostic.js";

test("edits are made against the text as it was, in any order, in their own file only", () => {
  const edits = [
    { file: "a.ts", start: 5, end: 5, text: ")" },
    { file: "a.ts", start: 0, end: 1, text: "u8(" },
    { file: "b.ts", start: 0, end: 4, text: "" },
  ];
  expect(applyFix("x + y;", "a.ts", { title: "Convert", edits })).toBe("u8( + y);");
});
