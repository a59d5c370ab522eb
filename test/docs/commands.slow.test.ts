/** The examples of errors around the compiler (WG4…): commands, each run in a new project. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codes } from "@waggle/compiler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headingOf, root } from "./blocks.js";
import { kernelFile } from "./snippet.js";

const good = kernelFile(
  "export class Count {\n  @xdp()\n  static run(ctx: XdpContext): XdpAction {\n    return XdpAction.Pass;\n  }\n}\n",
);
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(root, "test/docs/.blocks-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a shell and xtask write for the commands. */
function run(commands: string, name: string): { readonly status: number | null; readonly output: string } {
  const project = join(folder, name);
  mkdirSync(join(project, "src/kernel"), { recursive: true });
  writeFileSync(join(project, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(project, "src/kernel/count.ts"), good);
  const xtask = `xtask() { "${process.execPath}" "${root}packages/xtask/bin/xtask.js" "$@"; }`;
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", `${xtask}\n${commands}`], {
    cwd: project,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

describe.each(Object.entries(codes).filter(([code]) => code.startsWith("WG4")))("%s", (code, { title }) => {
  const page = `docs/errors/${code}.md`;
  const text = readFileSync(`${root}${page}`, "utf8");
  const commandsOf = (fence: string): string[] =>
    [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, said, body = ""]) =>
      said === fence ? [body] : [],
    );

  test("has a page with a wrong and a right example", () => {
    expect(headingOf(page)).toBe(`# ${code}: ${title}`);
    expect([commandsOf("sh wrong").length, commandsOf("sh").length]).toEqual([1, 1]);
  });

  test("the wrong example gives it", () => {
    for (const commands of commandsOf("sh wrong")) {
      const { output } = run(commands, `${code}-wrong`);
      expect(output.match(/\[(?:WG|TS)\d+\]/g)).toEqual([`[${code}]`]);
    }
  });

  test("the right example does not", () => {
    for (const commands of commandsOf("sh")) {
      const { status, output } = run(commands, `${code}-right`);
      expect([status, output.match(/\[(?:WG|TS)\d+\]/g)]).toEqual([0, null]);
    }
  });
});
