import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createColors } from "picocolors";
import { afterEach, expect, test } from "vitest";
import { run } from "./main.js";
import type { TestProject } from "./testing/project.js";
import { testProject } from "./testing/project.js";

let project: TestProject;
afterEach(() => project?.remove());

test("help: of the whole and of each command, with examples", async () => {
  project = testProject({});
  for (const [args, text] of [
    [["--help"], "Exit codes: 0 done, 1 the build failed, 2 wrong command line, 70 a bug of xtask"],
    [["build-ebpf", "--help"], "$ xtask build-ebpf --json | jq .classes"],
    [["disasm", "--help"], "$ xtask disasm src/kernel/flows.ts --program count"],
  ] as const) {
    const { code, out, err } = await project.xtask(...args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(text);
  }
  expect((await project.xtask("--version")).out).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
});

test.each([
  [["build"], "unknown command 'build'"],
  [["build-ebpf", "--watc"], "unknown option '--watc'\n(Did you mean --watch?)"],
  [["build-ebpf", "--target", "x86"], "argument 'x86' is invalid. Allowed choices are bpfel, bpfeb."],
  [["build-ebpf", "--cpu", "v9"], "argument 'v9' is invalid. Allowed choices are v1, v2, v3, v4."],
  [
    ["build-ebpf", "--kernel", "new"],
    "argument 'new' is invalid. It is not a kernel's version, such as \"5.15\".",
  ],
  [["build-ebpf", "nowhere.ts"], "no such file: nowhere.ts"],
  [["build-ebpf", "src/*.mts"], "no file matches src/*.mts"],
  [
    ["build-ebpf", "node_modules"],
    'node_modules is a folder: name files or a pattern, such as "node_modules/**/*.ts"',
  ],
  [["build-ebpf", "a/x.ts", "b/y.ts"], "the files belong to different projects: a and b."],
  [["build-ebpf", "nowhere.ts", "--json"], "no such file"],
  [["disasm"], "missing required argument 'file'"],
  [["disasm", "nowhere.o"], "no such file: nowhere.o"],
])("wrong command line %j: exit code 2, nothing on standard output", async (args, message) => {
  project = testProject({ "a/package.json": "{}", "a/x.ts": "", "b/package.json": "{}", "b/y.ts": "" });
  const { code, out, err } = await project.xtask(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
});

test("no command: help on standard error, exit code 2", async () => {
  project = testProject({});
  const { code, err } = await project.xtask();
  expect(code).toBe(2);
  expect(err).toContain("Usage: xtask");
});

test("no kernel classes: says what was searched and what one is", async () => {
  project = testProject({ "src/kernel/a.test.ts": "", "src/kernel/types.d.ts": "" });
  const { code, err, out } = await project.xtask("build-ebpf");
  expect(code).toBe(1);
  expect(out).toContain("0 classes: 0 built, 0 fresh, 1 error");
  expect(err).toContain(
    `error[WG4001]: no kernel classes: no file matches src/kernel/**/*.ts in ${project.folder} (tests and .d.ts files do not count)`,
  );
  expect(err).toContain(
    "a kernel class is an exported class with a static method that has a program's decorator",
  );
});

test("no project", async () => {
  const folder = mkdtempSync(join(tmpdir(), "waggle-none-"));
  mkdirSync(join(folder, "deep"));
  let err = "";
  const terminal = {
    cwd: join(folder, "deep"),
    interactive: false,
    out: createColors(false),
    err: createColors(false),
    write: () => {},
    writeError: (text: string) => {
      err += text;
    },
    interrupted: () => AbortSignal.abort(),
  };
  try {
    expect(await run(["build-ebpf"], terminal)).toBe(1);
    expect(err).toContain(
      `no project: neither ${join(folder, "deep")} nor a folder above it has a package.json`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an internal error asks for a report and exits with 70", async () => {
  project = testProject({});
  let err = "";
  const code = await run(["--version"], {
    cwd: project.folder,
    interactive: false,
    out: createColors(false),
    err: createColors(false),
    write: () => {
      throw new RangeError("broken");
    },
    writeError: (text) => {
      err += text;
    },
    interrupted: () => AbortSignal.abort(),
  });
  expect(code).toBe(70);
  expect(err).toContain("internal error: this is a bug in Waggle, not in your code.\nRangeError: broken");
  expect(err).toContain("Please report it with this text");
});
