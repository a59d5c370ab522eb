/** Code that is too deep for the parser, the checker or lowering is refused at the place, also in a file that is imported. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { frontend } from "../frontend.js";

const main = fileURLToPath(new URL("deep.ts", import.meta.url));
const other = fileURLToPath(new URL("deep-other.ts", import.meta.url));

const check = (text: string, imported = "") =>
  frontend({
    files: [main],
    overlay: new Map([
      [main, text],
      [other, imported],
    ]),
  });

const chain = (count: number): string =>
  Array.from({ length: count }, (_, index) => `if (a === ${index}) a += 1;`).join("\nelse ");

test("a chain of else-if is refused at the branch that is too deep", () => {
  const { diagnostics } = check(`let a = 1;\n${chain(1200)}`);
  expect(diagnostics).toMatchObject([{ code: "WG9002", line: 999, endLine: 999 }]);
});

test("what the parser cannot follow is refused at the same place, however deep it goes on", () => {
  const places = [2000, 20_000].map((count) => {
    const { diagnostics } = check(`let a = ${"~".repeat(count)}1;`);
    expect(diagnostics.map(({ code }) => code)).toEqual(["WG9002"]);
    return diagnostics[0]?.column;
  });
  expect(new Set(places).size).toBe(1);
});

test("a file that is imported is refused, and is an input", () => {
  const { diagnostics, inputs } = check('import "./deep-other.js";', `\n${"{".repeat(5000)}`);
  expect(diagnostics).toMatchObject([{ code: "WG9002", file: other, line: 2 }]);
  expect(inputs).toContain(main);
  expect(inputs).toContain(other);
});

test("the next compile parses as if nothing had been", () => {
  check("((".repeat(20_000));
  expect(check("export const f = ((a: number) => a)(1);").diagnostics).toEqual([]);
});
