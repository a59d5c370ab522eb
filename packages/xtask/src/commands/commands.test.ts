import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterEach, describe, expect, test } from "vitest";
import type { TestProject } from "../testing/project.js";
import { counterSource, testProject } from "../testing/project.js";

let project: TestProject;
afterEach(() => project.remove());

describe("build-ebpf", () => {
  test("prints plain lines, then a summary", async () => {
    project = testProject({ "src/kernel/one.ts": counterSource("One") });
    const first = await project.xtask("build-ebpf");
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toMatch(
      /^built {2}One → src\/ebpf\/one\.ts: \d+ instructions, \d+ bytes of stack, [\d.]+ k?B, [\d.]+ m?s\n1 class: 1 built, 0 fresh in [\d.]+ m?s\n$/,
    );
    expect((await project.xtask("build-ebpf")).out).toMatch(
      /^fresh {2}One → .+\n1 class: 0 built, 1 fresh in \d+ ms\n$/,
    );
  });

  test("shows a type error with its line and a caret", async () => {
    project = testProject({ "src/kernel/one.ts": counterSource("One").replace("= 0;", '= "zero";') });
    const { code, out, err } = await project.xtask("build-ebpf");
    expect(code).toBe(1);
    expect(out).toContain("failed src/kernel/one.ts: 1 error");
    expect(err).toContain("TS2322");
    expect(err).toContain("src/kernel/one.ts:10:11");
    expect(err).toContain('const key: u32 = "zero";');
    expect(err).toMatch(/\^/);
  });

  test("--json prints one document, good or bad, and nothing else", async () => {
    project = testProject({ "src/kernel/one.ts": counterSource("One") });
    const good = await project.xtask("build-ebpf", "--json");
    expect(good).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(good.out)).toMatchObject({
      ok: true,
      diagnostics: [],
      classes: [{ name: "One", fresh: false }],
    });
    project.write("src/kernel/one.ts", "export const x: number = '';\n");
    const bad = await project.xtask("build-ebpf", "--json");
    expect(bad).toMatchObject({ code: 1, err: "" });
    expect(JSON.parse(bad.out)).toMatchObject({ ok: false, classes: [], diagnostics: [{ code: "TS2322" }] });
  });

  test("the module passes TypeScript's strictest checks and gives the class's types", async () => {
    project = testProject({
      "src/kernel/one.ts": counterSource("One"),
      "src/user.ts": `import one from "./ebpf/one.js";
const count: bigint | undefined = one.simulate().maps.packets.get(0);
// @ts-expect-error: the key is a number
one.simulate().maps.packets.get("zero");
export const attach = () => one.load().programs.count.attach({ interface: "lo" });
export { count };
`,
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          target: "es2022",
          lib: ["esnext"],
          module: "nodenext",
          types: [],
          strict: true,
          noUncheckedIndexedAccess: true,
          exactOptionalPropertyTypes: true,
          noUnusedLocals: true,
          noImplicitReturns: true,
          verbatimModuleSyntax: true,
          isolatedModules: true,
          erasableSyntaxOnly: false,
          declaration: true,
          skipLibCheck: true,
          noEmit: true,
        },
        include: ["src"],
      }),
    });
    expect(await project.xtask("build-ebpf")).toMatchObject({ code: 0 });
    const tsc = fileURLToPath(new URL("../../../../node_modules/typescript/bin/tsc", import.meta.url));
    const { stdout } = await execa(process.execPath, [tsc, "-p", project.folder], { reject: false });
    expect(stdout).toBe("");
  });
});

describe("disasm", () => {
  test("an object and its source give the same: labels, source lines, maps by name", async () => {
    project = testProject({ "src/kernel/one.ts": counterSource("One") });
    await project.xtask("build-ebpf");
    const { code, out } = await project.xtask("disasm", "src/ebpf/one.o");
    expect(code).toBe(0);
    expect(out).toMatch(/^count: {2}; section xdp\n/);
    expect(out).toMatch(/^; src\/kernel\/one\.ts:11:\d+ {2}const seen = One\.packets\.get\(key\);$/m);
    expect(out).toContain("map[packets]");
    expect(out).toContain("call bpf_map_lookup_elem#1");
    expect((await project.xtask("disasm", "src/kernel/one.ts")).out).toBe(out);
  });

  test("--program and --json", async () => {
    project = testProject({ "src/kernel/one.ts": counterSource("One") });
    const { out } = await project.xtask("disasm", "src/kernel/one.ts", "--program", "count", "--json");
    const { programs } = JSON.parse(out);
    expect(programs).toMatchObject([{ program: "count", section: "xdp" }]);
    expect(programs[0].instructions.at(-1)).toMatchObject({ text: "exit" });
  });

  test("an unknown program, a broken source, a broken object", async () => {
    project = testProject({
      "src/kernel/one.ts": counterSource("One"),
      "bad.ts": "export const x: number = '';\n",
      "none.ts": '// types for "@waggle/kernel"\n',
    });
    const unknown = await project.xtask("disasm", "src/kernel/one.ts", "--program", "cuont");
    expect(unknown).toMatchObject({ code: 2, out: "" });
    expect(unknown.err).toContain("no program is called cuont; did you mean count?");
    const plain = await project.xtask("disasm", "bad.ts");
    expect(plain).toMatchObject({ code: 1, out: "" });
    expect(plain.err).toBe(
      `error[WG4001]: ${project.path("bad.ts")} is not a kernel file: it does not import @waggle/kernel
  = help: a kernel class is an exported class with a static method that has a program's decorator, such as @xdp()
`,
    );
    expect((await project.xtask("disasm", "none.ts")).err).toContain("no kernel classes in");

    await project.xtask("build-ebpf");
    const object = readFileSync(project.path("src/ebpf/one.o"));
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from("not an object"),
      object.subarray(0, object.length >> 1),
    ]) {
      writeFileSync(join(project.folder, "broken.o"), bytes);
      const { code, err, out } = await project.xtask("disasm", "broken.o");
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toMatch(/^error\[WG4005\]: .+broken\.o is not a BPF object that can be read: /);
    }
  });
});
