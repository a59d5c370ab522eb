/** Line records of the examples: their text is the source's, and their column is that of the expression. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "@waggle/compiler";
import { readObject } from "@waggle/object";
import { expect, test } from "vitest";

const linesOf = (example: string) => {
  const cwd = fileURLToPath(new URL(`../../examples/${example}`, import.meta.url));
  const file = `src/kernel/${example}.ts`;
  const text = readFileSync(`${cwd}/${file}`, "utf8").split("\n");
  const { classes } = compile({ files: [file], cwd });
  const lines = classes.flatMap((one) => readObject(one.object).programs.flatMap((program) => program.lines));
  return { file, text, lines };
};

test.each(["flows", "execsnoop"])(
  "%s: every record has its line's text and a column that begins a token",
  (example) => {
    const { file, text, lines } = linesOf(example);
    const own = lines.filter((line) => line.file === file);
    expect(own.length).toBeGreaterThan(10);
    for (const { line, column, source } of own) {
      expect(source).toBe(text[line - 1]);
      const at = `${line}:${column} ${source}`;
      expect(source[column - 1], at).toMatch(/\S/);
      expect(source.slice(Math.max(0, column - 2), column), at).not.toMatch(/^(\w\w|[=!<>&|*?]{2})$/);
    }
  },
);

test("instructions of inlined functions point into them, those of one-line functions of @waggle/kernel to their call", () => {
  const inside = linesOf("flows").lines.map(({ source }) => source);
  for (const expected of ["isLaterFragment(ip)", "ipHeaderLength(ip)", "key.sourcePort = ports.source"]) {
    expect(
      inside.some((line) => line.includes(expected)),
      expected,
    ).toBe(true);
  }
  expect(inside.filter((line) => line.includes("ip.fragmentOffset"))).toEqual([]);
});
