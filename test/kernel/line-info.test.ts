/** Line records of the examples: their text is the source's, and their column is that of the expression. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { readObject } from "@waggle/object";
import { canLoad, loadObject } from "@waggle/userspace";
import { expect, test } from "vitest";

const linesOf = (example: string) => {
  const cwd = fileURLToPath(new URL(`../../examples/${example}`, import.meta.url));
  const file = `src/kernel/${example}.ts`;
  const text = readFileSync(`${cwd}/${file}`, "utf8").split("\n");
  const { classes } = compile({ files: [file], cwd });
  const lines = classes.flatMap((one) => readObject(one.object).programs.flatMap((program) => program.lines));
  return { file, text, lines, classes };
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

const kernel = canLoad();
const hasBpftool = spawnSync("bpftool", ["version"]).status === 0;
const lacks = kernel.ok ? (hasBpftool ? null : "bpftool is not installed") : kernel.reason;

test.skipIf(lacks !== null)(
  `the kernel keeps every record, and bpftool shows the TypeScript${lacks === null ? "" : ` (skipped: ${lacks})`}`,
  () => {
    const { classes, lines } = linesOf("flows");
    using app = loadObject(link(classes.map(({ name, object }) => ({ name, bytes: object }))).object);
    expect(Object.keys(app.programs)).toEqual(["count"]);
    const bpftool = (...args: string[]): string => {
      const { stdout, stderr, status } = spawnSync("bpftool", args, { encoding: "utf8" });
      expect([status, stderr]).toEqual([0, ""]);
      return stdout;
    };
    const shown: unknown = JSON.parse(bpftool("--json", "prog", "show", "name", "count"));
    const ids = (Array.isArray(shown) ? shown : [shown]).map(({ id }: { id: number }) => id);
    const dumps = ids.map((id) => bpftool("prog", "dump", "xlated", "id", `${id}`, "linum"));
    const places = dumps.map((dump) =>
      [...dump.matchAll(/^; ?(.*) \[file:(.+) line_num:(\d+) line_col:(\d+)\]$/gm)].map(
        ([, source = "", file, line, column]) => `${file}:${line}:${column} ${source.trim()}`,
      ),
    );
    const ours = lines.map(({ file, line, column, source }) => `${file}:${line}:${column} ${source.trim()}`);
    // The kernel removes what a constant of the configuration decides.
    const kept = (list: readonly string[]) => list.filter((place) => !place.includes("Flows.protocol !== 0"));
    expect(places.map(kept)).toContainEqual(kept(ours));
  },
);
