import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** Pages that show a whole program. */
const pages = [
  { page: "README.md", built: { name: "Packets", programs: [{ name: "count" }] } },
  { page: "docs/first-program.md", built: { name: "Opens", programs: [{ name: "onOpen" }] } },
];

/** The code blocks of a page that say which file they are in their first line, by that file. */
function filesOf(page: string): Map<string, string> {
  const blocks = page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, path = "", text = ""]) => [path, text]));
}

describe.each(pages)("the program of $page", ({ page, built }) => {
  let project: string;

  beforeAll(async () => {
    // Inside the repository, so that packages resolve as they do for a user who has installed them.
    project = await mkdtemp(join(root, "test/docs/.page-"));
    const files = filesOf(await readFile(join(root, page), "utf8"));
    files.set("package.json", JSON.stringify({ name: "page", private: true, type: "module" }));
    files.set("tsconfig.json", await readFile(join(root, "templates/xdp/tsconfig.json"), "utf8"));
    files.set("vitest.config.js", "export default {};"); // not the repository's
    for (const [path, text] of files) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), text);
    }
  });
  afterAll(() => rm(project, { recursive: true }));

  test("builds, type-checks and passes its own test", async () => {
    const node = (...args: string[]) => run(process.execPath, args, { cwd: project });
    const { stdout } = await node(join(root, "packages/xtask/bin/xtask.js"), "build-ebpf", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, classes: [built] });
    await node(join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", ".");
    const tested = await node(join(root, "node_modules/vitest/vitest.mjs"), "run", "--root", ".");
    expect(tested.stdout).toMatch(/Tests .*1 passed/);
  }, 120_000);
});
