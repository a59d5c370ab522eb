import { existsSync } from "node:fs";
import { createColors } from "picocolors";
import { afterEach, expect, test } from "vitest";
import { run } from "../main.js";
import type { TestProject } from "../testing/project.js";
import { counterSource, testProject } from "../testing/project.js";
import { createChecker } from "./checker.js";

let project: TestProject;
afterEach(() => project.remove());

test("a project without errors: one line, nothing written", async () => {
  project = testProject({
    "src/kernel/one.ts": counterSource("One"),
    "src/kernel/two.ts": counterSource("Two"),
  });
  const { code, out, err } = await project.xtask("check");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^2 classes: no errors in [\d.]+ m?s\n$/);
  expect([existsSync(project.path("src/ebpf")), existsSync(project.path(".waggle"))]).toEqual([false, false]);
});

test("errors in files and between them; exit code 1", async () => {
  project = testProject({
    "src/kernel/narrow.ts": counterSource("Narrow")
      .replace("= 0;", "= 0;\n    const low: u8 = key + ctx.length;")
      .replace("{ u32,", "{ u8, u32,"),
    "src/kernel/same.ts": counterSource("One"),
    "src/kernel/one.ts": counterSource("One"),
  });
  const { code, out, err } = await project.xtask("check");
  expect(code).toBe(1);
  expect(out).toMatch(/^2 errors in [\d.]+ m?s\n$/);
  expect(err).toContain("error[WG2002]: u32 may not fit u8\n  --> src/kernel/narrow.ts:11:");
  expect(err).toContain("error[WG4002]: two classes would be written to");
});

test("--json prints one document; named files only", async () => {
  project = testProject({
    "src/kernel/one.ts": counterSource("One"),
    "src/kernel/bad.ts": "export const x: number = '';\n",
  });
  const good = await project.xtask("check", "src/kernel/one.ts", "--json");
  expect(good).toMatchObject({ code: 0, err: "" });
  const { ok, classes, diagnostics } = JSON.parse(good.out);
  expect({ ok, diagnostics }).toEqual({ ok: true, diagnostics: [] });
  expect(classes).toEqual([
    {
      name: "One",
      file: project.path("src/kernel/one.ts"),
      programs: [
        { name: "count", section: "xdp", instructions: expect.any(Number), stackBytes: expect.any(Number) },
      ],
    },
  ]);
  const bad = await project.xtask("check", "--json");
  expect(bad).toMatchObject({ code: 1, err: "" });
  expect(JSON.parse(bad.out)).toMatchObject({ ok: false, diagnostics: [{ code: "TS2322" }] });
});

test("a file without classes, a file that is not there, a configuration", async () => {
  project = testProject({
    "none.ts": "",
    "xtask.config.js": 'export default { files: "k/*.ts" };',
    "k/one.ts": counterSource("One"),
  });
  expect((await project.xtask("check", "none.ts")).err).toContain(
    "error[WG4001]: no kernel classes in none.ts",
  );
  expect(await project.xtask("check", "nowhere.ts")).toMatchObject({ code: 2, out: "" });
  expect((await project.xtask("check")).out).toMatch(/^1 class: no errors/);
});

test("--watch shows the state after each change, and nothing else", async () => {
  project = testProject({ "src/kernel/one.ts": counterSource("One") });
  let text = "";
  let arrived = () => {};
  const stop = new AbortController();
  const write = (more: string): void => {
    text += more;
    arrived();
  };
  const seen = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text)) await new Promise<void>((resolve) => (arrived = resolve));
    text = "";
  };
  const colors = createColors(false);
  const ended = run(["check", "--watch"], {
    cwd: project.folder,
    interactive: false,
    out: colors,
    err: colors,
    write,
    writeError: write,
    interrupted: () => stop.signal,
  });
  await seen(/^1 class: no errors in [\d.]+ m?s\nwatching for changes; Ctrl-C ends\n$/);
  project.write("src/kernel/one.ts", counterSource("One").replace("= 0;", '= "zero";'));
  await seen(/^error\[TS2322\]: [\s\S]+\n\n1 error in [\d.]+ m?s\n$/);
  project.write("src/kernel/one.ts", counterSource("One"));
  await seen(/^1 class: no errors in [\d.]+ m?s\n$/);
  stop.abort();
  expect(await ended).toBe(0);
}, 60_000);

test("a checker compiles again only when an input or the target has changed", async () => {
  project = testProject({
    "src/kernel/one.ts": counterSource(
      "One",
      'import { step } from "./step.js";\nexport const used = step;\n',
    ),
    "src/kernel/step.ts": "export const step = 1n;\n",
  });
  const checker = createChecker();
  const file = project.path("src/kernel/one.ts");
  const context = {
    project: project.folder,
    out: project.path("out"),
    target: { byteOrder: "little" },
  } as const;
  const first = await checker.check(file, context);
  expect(first.diagnostics).toEqual([]);
  expect(await checker.check(file, context)).toBe(first);
  const overlay = new Map([[project.path("src/kernel/step.ts"), "export const step: bigint = 'no';\n"]]);
  expect((await checker.check(file, { ...context, overlay })).diagnostics).toMatchObject([
    { code: "TS2322" },
  ]);
  expect((await checker.check(file, context)).diagnostics).toEqual([]);
  expect(await checker.check(file, { ...context, target: { byteOrder: "big" } })).not.toBe(first);
});
