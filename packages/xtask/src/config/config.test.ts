import { rmSync } from "node:fs";
import { parseKernelVersion } from "@waggle/object";
import { afterEach, describe, expect, expectTypeOf, test } from "vitest";
import { resolveSettings } from "../build/settings.js";
import type { TestProject } from "../testing/project.js";
import { counterSource, testProject } from "../testing/project.js";
import type { XtaskConfig } from "./config.js";
import { defineConfig } from "./config.js";
import { loadConfig } from "./load.js";
import { wrongKernel } from "./rules.js";

let project: TestProject;
afterEach(() => project?.remove());

const imported = 'import { defineConfig } from "@waggle/xtask";\n';

describe("loading", () => {
  test("a project without one has the empty configuration", async () => {
    project = testProject({});
    expect(await loadConfig(project.folder)).toEqual({ file: null, config: {} });
  });

  test.each([
    [
      "xtask.config.ts",
      `${imported}const kernel: string = "5.15";\nexport default defineConfig({ target: { kernel } });\n`,
    ],
    ["xtask.config.mts", `${imported}export default defineConfig({ target: { kernel: "5.15" } });\n`],
    ["xtask.config.js", `${imported}export default defineConfig({ target: { kernel: "5.15" } });\n`],
    ["xtask.config.mjs", 'export default { target: { kernel: "5.15" } };\n'],
  ])("%s", async (name, text) => {
    project = testProject({ [name]: text });
    expect(await loadConfig(project.folder)).toEqual({
      file: project.path(name),
      config: { target: { kernel: "5.15" } },
    });
  });

  test("it may import other files, and is read anew each time", async () => {
    const config = `import { kernel } from "./kernel.ts";\nexport default { target: { kernel } };\n`;
    project = testProject({ "xtask.config.ts": config, "kernel.ts": 'export const kernel = "5.15";\n' });
    expect((await loadConfig(project.folder)).config).toEqual({ target: { kernel: "5.15" } });
    project.write("kernel.ts", 'export const kernel = "6.1";\n');
    expect((await loadConfig(project.folder)).config).toEqual({ target: { kernel: "6.1" } });
  });
});

describe("mistakes", () => {
  test.each([
    [
      'export default {\n  target: { kernal: "5.15" },\n};\n',
      "there is no setting target.kernal",
      " --> xtask.config.ts:2:13",
      "did you mean kernel?",
    ],
    [
      "export default { target: { kernel: 5.15 } };",
      "target.kernel is 5.15; it must be text",
      ":1:28",
      'write it in quotes: "5.15"',
    ],
    [
      'export default { target: { kernel: "new" } };',
      'target.kernel is not a kernel\'s version, such as "5.15": "new"',
      ":1:28",
      null,
    ],
    [
      "export default { target: { cpu: 'v33' } };",
      'target.cpu is "v33"; it must be one of "v1", "v2", "v3", "v4"',
      ":1:28",
      'did you mean "v3"?',
    ],
    [
      "export default { target: { byteOrder: 'bigg' } };",
      'target.byteOrder is "bigg"; it must be one of "little", "big"',
      ":1:28",
      'did you mean "big"?',
    ],
    ["// out: 1\nexport default { files: ['a', 2] };", "files[1] is 2; it must be text", ":2:31", null],
    ["export default { out: '' };", 'out is empty: ""', ":1:18", null],
    ["export default { codegen: [{ types: [] }] };", "codegen[0] has no out", ":1:28", null],
    [
      "export default { codegen: [{ out: 'a.ts', builtin: 'yes' }] };",
      'codegen[0].builtin is "yes"; it must be true or false',
      ":1:43",
      null,
    ],
    ["export default { codegen: {} };", "codegen is an object; it must be a list", ":1:18", null],
    [
      "export default { watch: true };",
      "there is no setting watch",
      ":1:18",
      "there are target, files, out, codegen",
    ],
    ["export default () => ({});", "the configuration is a function; it must be an object", ":1:1", null],
    [
      "export const target = {};",
      "xtask.config.ts has no default export",
      "",
      "write export default defineConfig({ … })",
    ],
    ["export default {\n  target: ,\n};", "cannot be run: ParseError: Unexpected token", ":2:", null],
    ["export default { out: nothing };", "cannot be run: nothing is not defined", ":1:23", null],
    ['import x from "./x.js";\nexport default x;', "cannot be run: Cannot find module './x.js'", "", null],
  ])("%j", async (text, message, place, help) => {
    project = testProject({ "xtask.config.ts": text, "src/kernel/one.ts": counterSource("One") });
    const { code, err } = await project.xtask("build-ebpf");
    expect(code).toBe(1);
    expect(err).toMatch(/^error\[WG4007\]: /);
    expect(err.replaceAll(`${project.folder}/`, "")).toContain(message);
    expect(err).toContain(place);
    if (help !== null) expect(err).toContain(`= help: ${help}`);
  });

  test("all of them are told", async () => {
    project = testProject({ "xtask.config.ts": "export default { out: 1, flies: 'a', target: [] };" });
    await expect(loadConfig(project.folder)).rejects.toMatchObject({
      diagnostics: [
        { message: "out is 1; it must be text", column: 18, endColumn: 21 },
        { message: "there is no setting flies", help: "did you mean files?", column: 26 },
        { message: "target is a list; it must be an object", column: 38 },
      ],
    });
  });

  test("two files", async () => {
    project = testProject({
      "xtask.config.ts": "export default {};",
      "xtask.config.js": "export default {};",
    });
    await expect(loadConfig(project.folder)).rejects.toThrow(/two configurations: .+\.ts and .+\.js$/);
  });
});

describe("what it does", () => {
  test("files and out of a build", async () => {
    project = testProject({
      "xtask.config.ts": `${imported}export default defineConfig({ files: ["bpf/*.ts", "more.ts"], out: "gen" });`,
      "bpf/one.ts": counterSource("One"),
      "more.ts": counterSource("Two"),
      "src/kernel/three.ts": counterSource("Three"),
    });
    const { code, out } = await project.xtask("build-ebpf");
    expect(code).toBe(0);
    expect(out).toMatch(
      /built {2}One → gen\/one\.ts: .+\nbuilt {2}Two → gen\/two\.ts: .+\n2 classes: 2 built/,
    );
    project.write("xtask.config.ts", 'export default { files: "none/*.ts" };');
    const none = await project.xtask("build-ebpf");
    expect(none.err).toContain(`no kernel classes: no file matches none/*.ts in ${project.folder}`);
    expect(none.err).toContain("files in");
  });

  test("a change of the target builds again, one of a comment does not; an option wins", async () => {
    const fresh = async (...args: string[]): Promise<boolean> => {
      const { out } = await project.xtask("build-ebpf", "--json", ...args);
      return JSON.parse(out).classes[0].fresh;
    };
    project = testProject({ "src/kernel/one.ts": counterSource("One") });
    expect(await fresh()).toBe(false);
    project.write("xtask.config.ts", 'export default { target: { kernel: "5.15" } };');
    expect(await fresh()).toBe(false);
    project.write("xtask.config.ts", '// oldest\nexport default { target: { kernel: "5.15" } };');
    expect(await fresh()).toBe(true);
    expect(await fresh("--kernel", "5.15")).toBe(true);
    expect(await fresh("--kernel", "6.1")).toBe(false);
    expect(await fresh("--cpu", "v2", "--kernel", "6.1")).toBe(false);
  });

  test("the kernel reaches the compiler: from check, build-ebpf and disasm alike", async () => {
    const source = counterSource("One")
      .replace("u32 = 0;", "u32 = currentPid();")
      .replace("{ ArrayMap,", "{ ArrayMap, currentPid,");
    project = testProject({ "src/kernel/one.ts": source });
    for (const command of [["check"], ["build-ebpf"], ["disasm", "src/kernel/one.ts"]]) {
      const old = await project.xtask(...command);
      expect(old.code).toBe(1);
      expect(old.err).toContain('say target: { kernel: "6.12" } in xtask.config.ts or --kernel 6.12');
      expect(await project.xtask(...command, "--kernel", "6.12")).toMatchObject({ code: 0 });
      project.write("xtask.config.ts", 'export default { target: { kernel: "6.12" } };');
      expect(await project.xtask(...command)).toMatchObject({ code: 0 });
      expect(await project.xtask(...command, "--kernel", "6.11")).toMatchObject({ code: 1 });
      rmSync(project.path("xtask.config.ts"));
    }
  }, 60_000);

  test("options, configuration, defaults, in this order", () => {
    const config: XtaskConfig = { out: "gen", target: { kernel: "5.15", cpu: "v2", byteOrder: "big" } };
    expect(resolveSettings("/w/p/src", "/w/p", {}, config)).toEqual({
      out: "/w/p/gen",
      target: { kernel: "5.15", cpu: 2, byteOrder: "big" },
    });
    const options = { out: "o", kernel: "6.1", cpu: 4, target: "bpfel" } as const;
    expect(resolveSettings("/w/p/src", "/w/p", options, config)).toEqual({
      out: "/w/p/src/o",
      target: { kernel: "6.1", cpu: 4, byteOrder: "little" },
    });
    expect(resolveSettings("/w/p", "/w/p", { target: "bpfel" }, {})).toEqual({
      out: "/w/p/src/ebpf",
      target: { byteOrder: "little" },
    });
  });
});

test("a version is one for the compiler when it is one for the configuration", () => {
  for (const text of ["5.15", "v6.1", "6.1.0-13-amd64", " 5.4", "6", "six", "5.x", "", "12345.1"])
    expect([text, wrongKernel(text) === null]).toEqual([text, parseKernelVersion(text) !== null]);
});

test("types", () => {
  expectTypeOf(defineConfig).parameter(0).toEqualTypeOf<XtaskConfig>();
  // @ts-expect-error: a number is no version
  defineConfig({ target: { kernel: 5.15 } });
  // @ts-expect-error: no such setting
  defineConfig({ flies: "x" });
});
