import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import type { TestProject } from "../testing/project.js";
import { counterSource, testProject } from "../testing/project.js";
import { buildEbpf } from "./build.js";
import type { BuildOptions, BuildResult } from "./result.js";

let project: TestProject;
afterEach(() => project.remove());

const build = (options: BuildOptions = {}): Promise<BuildResult> =>
  buildEbpf({ cwd: project.folder, ...options });
/** Class names, each with whether it was fresh. */
const freshness = (result: BuildResult) =>
  Object.fromEntries(result.classes.map(({ name, fresh }) => [name, fresh]));
const codes = (result: BuildResult) => result.diagnostics.map((diagnostic) => diagnostic.code);

describe("a build", () => {
  test("writes an object and a typed module for each class", async () => {
    project = testProject({
      "src/kernel/one.ts": counterSource("One"),
      "src/kernel/deep/two-words.ts": counterSource("TwoWords"),
      "src/kernel/shared.ts": "export const answer = 42;\n",
    });
    const result = await build();
    expect(result.diagnostics).toEqual([]);
    expect(result.ok).toBe(true);
    expect(result.classes).toMatchObject([
      {
        name: "TwoWords",
        file: project.path("src/kernel/deep/two-words.ts"),
        module: project.path("src/ebpf/two-words.ts"),
      },
      {
        name: "One",
        object: project.path("src/ebpf/one.o"),
        maps: ["packets"],
        programs: [{ name: "count", section: "xdp" }],
      },
    ]);
    expect(readdirSync(project.path("src/ebpf")).sort()).toEqual([
      "one.o",
      "one.ts",
      "two-words.o",
      "two-words.ts",
    ]);
    const object = readFileSync(project.path("src/ebpf/one.o"));
    expect(object.length).toBe(result.classes[1]?.bytes);
    expect(readFileSync(project.path("src/ebpf/one.ts"), "utf8")).toContain(object.toString("base64"));
  });

  test("takes files, a target, a cpu and an output folder", async () => {
    project = testProject({ "lib/a.ts": counterSource("One"), "lib/b.ts": counterSource("Two") });
    const result = await build({ files: ["lib/a*.ts"], target: "bpfeb", cpu: 1, out: "out/be" });
    expect(result).toMatchObject({
      ok: true,
      classes: [{ name: "One", object: project.path("out/be/one.o") }],
    });
    // EI_DATA of the ELF header: 2 is big-endian.
    expect(readFileSync(project.path("out/be/one.o"))[5]).toBe(2);
  });
});

describe("only what changed is built again", () => {
  test("nothing has changed: all is fresh and no file is touched", async () => {
    project = testProject({ "src/kernel/one.ts": counterSource("One") });
    await build();
    for (const name of ["one.o", "one.ts"]) utimesSync(project.path(`src/ebpf/${name}`), 1000, 1000);
    const result = await build();
    expect(freshness(result)).toEqual({ One: true });
    expect(result.classes[0]?.programs[0]?.instructions).toBeGreaterThan(0);
    for (const name of ["one.o", "one.ts"]) {
      expect(statSync(project.path(`src/ebpf/${name}`)).mtimeMs).toBe(1_000_000);
    }
  });

  test("one class, and what both import", async () => {
    const importing = 'import { step } from "../shared/step.js";\nexport const used = step;\n';
    project = testProject({
      "src/shared/step.ts": "export const step = 1n;\n",
      "src/kernel/one.ts": counterSource("One", importing),
      "src/kernel/two.ts": counterSource("Two", importing),
    });
    expect((await build()).diagnostics).toEqual([]);
    project.write("src/kernel/one.ts", `${counterSource("One", importing)}\n// changed\n`);
    expect(freshness(await build())).toEqual({ One: false, Two: true });
    project.write("src/shared/step.ts", "export const step = 2n;\n");
    expect(freshness(await build())).toEqual({ One: false, Two: false });
  });

  test("other options, --force, a missing output, an edited output, a torn cache: all build", async () => {
    project = testProject({ "src/kernel/one.ts": counterSource("One") });
    await build();
    expect(freshness(await build({ cpu: 2 }))).toEqual({ One: false });
    expect(freshness(await build())).toEqual({ One: false });
    expect(freshness(await build({ force: true }))).toEqual({ One: false });
    rmSync(project.path("src/ebpf/one.o"));
    expect(freshness(await build())).toEqual({ One: false });
    writeFileSync(project.path("src/ebpf/one.ts"), "// edited\n");
    expect(freshness(await build())).toEqual({ One: false });
    expect(readFileSync(project.path("src/ebpf/one.ts"), "utf8")).not.toContain("// edited");
    for (const torn of ["{", '{"version":1,"outputs":{"src/ebpf":{"key":1}}}', "[]"]) {
      project.write(".waggle/build.json", torn);
      expect(freshness(await build())).toEqual({ One: false });
    }
    expect(freshness(await build())).toEqual({ One: true });
  });

  test("a part of the project leaves the rest fresh", async () => {
    project = testProject({
      "src/kernel/one.ts": counterSource("One"),
      "src/kernel/two.ts": counterSource("Two"),
    });
    await build();
    expect(freshness(await build({ files: ["src/kernel/one.ts"], force: true }))).toEqual({ One: false });
    expect(freshness(await build())).toEqual({ One: true, Two: true });
  });
});

describe("a build that fails", () => {
  test("on a type error: place and message; the last good output stays, other classes are built", async () => {
    project = testProject({
      "src/kernel/one.ts": counterSource("One"),
      "src/kernel/two.ts": counterSource("Two"),
    });
    await build();
    const good = readFileSync(project.path("src/ebpf/one.o"));
    project.write("src/kernel/one.ts", counterSource("One").replace("= 0;", '= "zero";'));
    project.write("src/kernel/two.ts", `${counterSource("Two")}// changed\n`);
    const result = await build();
    expect(result).toMatchObject({ ok: false, classes: [{ name: "Two", fresh: false }] });
    expect(result.diagnostics).toMatchObject([
      { code: "TS2322", severity: "error", file: project.path("src/kernel/one.ts"), line: 10 },
    ]);
    expect(readFileSync(project.path("src/ebpf/one.o"))).toEqual(good);

    project.write("src/kernel/one.ts", counterSource("One"));
    expect(freshness(await build())).toEqual({ One: true, Two: true });
  });

  test("in a file that two classes import: told once", async () => {
    const importing = 'import { step } from "../shared/step.js";\nexport const used = step;\n';
    project = testProject({
      "src/shared/step.ts": "export const step: bigint = 1;\n",
      "src/kernel/one.ts": counterSource("One", importing),
      "src/kernel/two.ts": counterSource("Two", importing),
    });
    expect(codes(await build())).toEqual(["TS2322"]);
  });

  test("when no file has a class", async () => {
    project = testProject({ "src/kernel/empty.ts": "export const answer = 42;\n" });
    const result = await build();
    expect(codes(result)).toEqual(["WG4001"]);
    expect(result.diagnostics[0]?.message).toBe(
      `no kernel classes in src/kernel/**/*.ts in ${project.folder}: src/kernel/empty.ts`,
    );
  });

  test("when two classes would be written to one file, also when one of them is fresh", async () => {
    project = testProject({ "src/kernel/a.ts": counterSource("TcpFlows") });
    await build();
    project.write("src/kernel/b.ts", counterSource("TCPFlows"));
    const good = readFileSync(project.path("src/ebpf/tcp-flows.o"));
    for (const result of [
      await build(),
      await build({ force: true }),
      await build({ files: ["src/kernel/b.ts"] }),
    ]) {
      expect(codes(result)).toEqual(["WG4002"]);
      expect(result.diagnostics[0]).toMatchObject({
        message: `two classes would be written to ${project.path("src/ebpf/tcp-flows.ts")}`,
        notes: [
          `TcpFlows of ${project.path("src/kernel/a.ts")}`,
          `TCPFlows of ${project.path("src/kernel/b.ts")}`,
        ],
      });
      expect(readFileSync(project.path("src/ebpf/tcp-flows.o")).equals(good)).toBe(true);
    }
  });

  test("when the output folder is a file", async () => {
    project = testProject({ "src/kernel/one.ts": counterSource("One"), "src/ebpf": "" });
    const result = await build();
    expect(codes(result)).toEqual(["WG4003"]);
    expect(result.diagnostics[0]?.help).toBe("choose another folder with --out");
  });

  const root = process.platform === "linux" && process.geteuid?.() === 0;
  test.skipIf(!root)(
    "on a full disk: one error, the last good output stays (needs root, to mount one)",
    async () => {
      project = testProject({ "src/kernel/one.ts": counterSource("One") });
      const out = project.path("disk");
      mkdirSync(out);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", out]);
      try {
        expect(await build({ out })).toMatchObject({ ok: true });
        const good = readFileSync(project.path("disk/one.o"));
        const room =
          64 * 1024 -
          readdirSync(out).reduce(
            (sum, name) => sum + Math.ceil(statSync(`${out}/${name}`).size / 4096) * 4096,
            0,
          );
        writeFileSync(project.path("disk/filler"), Buffer.alloc(room));
        project.write("src/kernel/one.ts", counterSource("One").replace("1n", "2n"));
        const result = await build({ out });
        expect(codes(result)).toEqual(["WG4003"]);
        expect(result.diagnostics[0]?.message).toMatch(
          /^cannot write .+one\.o: no space left on the device \(ENOSPC\)$/,
        );
        expect(readFileSync(project.path("disk/one.o"))).toEqual(good);
        expect(readdirSync(out).sort()).toEqual(["filler", "one.o", "one.ts"]);
      } finally {
        execFileSync("umount", [out]);
      }
    },
  );
});

test("outputs of a class that is gone are removed, once the build is good", async () => {
  project = testProject({
    "src/kernel/one.ts": counterSource("One"),
    "src/kernel/two.ts": counterSource("Two"),
    "src/ebpf/notes.ts": "// mine\n",
  });
  await build();
  project.write("src/kernel/two.ts", counterSource("Renamed").replace("= 0;", '= "zero";'));
  expect((await build()).ok).toBe(false);
  expect(existsSync(project.path("src/ebpf/two.ts"))).toBe(true);
  project.write("src/kernel/two.ts", counterSource("Renamed"));
  expect((await build()).ok).toBe(true);
  expect(readdirSync(project.path("src/ebpf")).sort()).toEqual([
    "notes.ts",
    "one.o",
    "one.ts",
    "renamed.o",
    "renamed.ts",
  ]);
});

test("a cache that cannot be written is a warning", async () => {
  project = testProject({ "src/kernel/one.ts": counterSource("One"), ".waggle": "in the way" });
  const result = await build();
  expect(result).toMatchObject({ ok: true, diagnostics: [{ code: "WG4006", severity: "warning" }] });
});
