import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, pages, root } from "./blocks.js";

const run = promisify(execFile);

/** Pages whose blocks name files: together they are a project, which a reader would copy. */
const projects = pages()
  .map((page) => ({ page, files: blocksOf(page).filter(({ path }) => path !== null) }))
  .filter(({ files }) => files.length > 0);

describe.each(projects)("the program of $page", ({ files }) => {
  let project: string;

  beforeAll(async () => {
    // Inside the repository, so that packages resolve as they do for a user who has installed them.
    project = await mkdtemp(join(root, "test/docs/.page-"));
    const all = [
      ...files.map(({ path, text }) => [path ?? "", text] as const),
      ["package.json", JSON.stringify({ name: "page", private: true, type: "module" })],
      ["tsconfig.json", await readFile(join(root, "templates/xdp/tsconfig.json"), "utf8")],
      ["vitest.config.js", "export default {};"], // not the repository's
    ] as const;
    for (const [path, text] of all) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), text);
    }
  });
  afterAll(() => rm(project, { recursive: true }));

  test("builds, type-checks and passes its own tests", async () => {
    const node = (...args: string[]) => run(process.execPath, args, { cwd: project });
    const { stdout } = await node(join(root, "packages/xtask/bin/xtask.js"), "build-ebpf", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, diagnostics: [] });
    await node(join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", ".");
    const tests = files.filter(({ path }) => path?.endsWith(".test.ts") === true);
    if (tests.length === 0) return;
    const tested = await node(join(root, "node_modules/vitest/vitest.mjs"), "run", "--root", ".");
    expect(tested.stdout).toMatch(/Tests .*\d passed/);
  }, 120_000);
});
