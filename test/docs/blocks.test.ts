import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CompileTarget, codes, compile, type Diagnostic, formatDiagnostics } from "@waggle/compiler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Block, blocksOf, headingOf, pages, root } from "./blocks.js";
import { kernelFile } from "./snippet.js";

let folder = "";
beforeAll(() => {
  // Inside the repository, so that @waggle/kernel resolves as it does for a user who has installed it.
  folder = mkdtempSync(join(root, "test/docs/.blocks-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function diagnosticsOf({ text, page, line }: Block): readonly Diagnostic[] {
  const file = join(folder, `${page.replace(/\W/g, "_")}_${line}.ts`);
  writeFileSync(file, kernelFile(text));
  return compile({ files: [file], cwd: folder, target: targetOf(text) }).diagnostics;
}

/** A block that is for another target than the default says so in its first line: `// kernel 5.17`, `// cpu v2`, `// kernel 6.6, cpu v4`. */
function targetOf(text: string): CompileTarget {
  const said = /^\/\/ ((?:kernel|cpu) .*)\n/.exec(text)?.[1] ?? "";
  const kernel = /\bkernel (\d+\.\d+)/.exec(said)?.[1];
  const cpu = ([1, 2, 3, 4] as const).find((version) => said.includes(`cpu v${version}`));
  return { ...(kernel === undefined ? {} : { kernel }), ...(cpu === undefined ? {} : { cpu }) };
}

const shown = (list: readonly Diagnostic[]): string => formatDiagnostics(list, { color: false, cwd: folder });
const blocks = pages().flatMap(blocksOf);
const isUser = ({ flags }: Block): boolean => flags.includes("user");

describe("kernel code on pages", () => {
  const snippets = blocks.filter((block) => block.path === null && !isUser(block));

  test.each(snippets.filter(({ flags }) => !flags.includes("wrong")))("$page:$line compiles", (block) => {
    expect(shown(diagnosticsOf(block))).toBe("");
  });

  test.each(snippets.filter(({ flags }) => flags.includes("wrong")))("$page:$line is refused", (block) => {
    const found = diagnosticsOf(block);
    const code = /^docs\/errors\/(\w+)\.md$/.exec(block.page)?.[1];
    expect([...new Set(found.map((item) => item.code))]).toEqual([code ?? expect.any(String)]);
  });
});

describe("pages of errors", () => {
  const rows = Object.entries(codes)
    .filter(([code]) => !/^WG[49]/.test(code))
    .map(([code, row]) => ({ code, ...row }));

  test.each(rows)("$code has a page with a wrong and a right example", ({ code, title }) => {
    const page = `docs/errors/${code}.md`;
    expect(pages()).toContain(page);
    const shapes = blocksOf(page).map(({ flags }) => flags.includes("wrong"));
    expect([shapes.includes(true), shapes.includes(false)]).toEqual([true, true]);
    expect(headingOf(page)).toBe(`# ${code}: ${title}`);
  });

  test.each(Object.entries(codes).filter(([code]) => code.startsWith("WG9")))(
    "$0, which no example shows, has a page",
    (code, { title }) => {
      expect(headingOf(`docs/errors/${code}.md`)).toBe(`# ${code}: ${title}`);
    },
  );

  test("no page is left of a code that is gone", () => {
    const known = Object.keys(codes).map((code) => `docs/errors/${code}.md`);
    const own = pages().filter((page) => /^docs\/errors\/WG/.test(page));
    expect(own.filter((page) => !known.includes(page))).toEqual([]);
  });
});
