import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { TestProject } from "./testing/project.js";
import { counterSource, testProject } from "./testing/project.js";

// The command as it is installed: bin/xtask.js on the built code. `npm test` builds it first.

const bin = fileURLToPath(new URL("../bin/xtask.js", import.meta.url));
const dist = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
/** Tells on exit whether TypeScript was loaded. */
const spy = `data:text/javascript,${encodeURIComponent(`
  import Module from "node:module";
  process.on("exit", () => {
    const loaded = Object.keys(Module._cache).some((path) => path.endsWith("typescript.js"));
    process.stderr.write(loaded ? "[typescript]" : "[no typescript]");
  });
`)}`;

let project: TestProject;
beforeAll(() => {
  if (!existsSync(dist))
    throw new Error("packages/xtask/dist is missing: run npm run build (npm test does it)");
});
afterEach(() => project.remove());

const xtask = (args: readonly string[], env: Record<string, string> = {}) =>
  execa(process.execPath, ["--import", spy, bin, ...args], { cwd: project.folder, reject: false, env });

test("exit codes reach the shell, and colours stay out of a pipe also in CI", async () => {
  project = testProject({});
  for (const [args, exitCode] of [
    [["--version"], 0],
    [["build-ebpf"], 1],
    [["nonsense"], 2],
  ] as const) {
    const result = await xtask(args, { CI: "true", GITHUB_ACTIONS: "true" });
    expect(result.exitCode).toBe(exitCode);
    expect(result.stdout + result.stderr).not.toContain("\u001b[");
  }
});

test("TypeScript is loaded to compile, and not for help or for a fresh build", async () => {
  project = testProject({ "src/kernel/one.ts": counterSource("One") });
  expect(await xtask(["build-ebpf", "--help"])).toMatchObject({ exitCode: 0, stderr: "[no typescript]" });
  expect(await xtask(["build-ebpf"])).toMatchObject({ exitCode: 0, stderr: "[typescript]" });
  expect(await xtask(["build-ebpf"])).toMatchObject({ exitCode: 0, stderr: "[no typescript]" });
});

test.skipIf(process.platform === "win32")(
  "--watch --json: a line a build; Ctrl-C ends it with 0",
  async () => {
    project = testProject({ "src/kernel/one.ts": counterSource("One") });
    const child = execa(process.execPath, [bin, "build-ebpf", "--watch", "--json"], {
      cwd: project.folder,
      reject: false,
    });
    const lines = child.iterable();
    const next = async () => JSON.parse(String((await lines.next()).value));
    expect(await next()).toMatchObject({ ok: true, classes: [{ name: "One", fresh: false }] });
    writeFileSync(project.path("src/kernel/one.ts"), "export const x: number = '';\n");
    expect(await next()).toMatchObject({ ok: false, diagnostics: [{ code: "TS2322" }] });
    child.kill("SIGINT");
    expect(await child).toMatchObject({ exitCode: 0, stderr: "" });
  },
);
