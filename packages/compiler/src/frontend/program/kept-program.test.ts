import { resolve } from "node:path";
import { expect, test } from "vitest";
import { createKernelProgram } from "./program.js";

const file = resolve("kept.ts");
const check = (text: string) => createKernelProgram([file], process.cwd(), new Map([[file, text]]));

test("files that are the same are checked once, and changed ones again", () => {
  const first = check("export const a: number = 1;");
  expect(check("export const a: number = 1;")).toBe(first);
  const changed = check("export const a: string = 1;");
  expect(changed).not.toBe(first);
  expect(changed.diagnostics).toMatchObject([{ code: "TS2322" }]);
  expect(check("export const a: number = 1;").diagnostics).toEqual([]);
});
