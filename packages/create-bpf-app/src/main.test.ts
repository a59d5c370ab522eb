import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createColors } from "picocolors";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "./main.js";
import { ownVersion } from "./waggle-source.js";

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "create-bpf-app-"));
});
afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

/** Runs a command line as a script would: no terminal. */
async function create(...args: string[]) {
  let out = "";
  let err = "";
  const code = await run(args, {
    cwd,
    interactive: false,
    userAgent: undefined,
    waggle: undefined,
    out: createColors(false),
    err: createColors(false),
    write: (text) => {
      out += text;
    },
    writeError: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

const files = (folder: string) =>
  readdirSync(join(cwd, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => !path.endsWith("src") && !path.endsWith("kernel"))
    .sort();

describe("a project", () => {
  test("from flags: files, name, versions, and the next lines", async () => {
    const { code, out, err } = await create("My App", "--template", "xdp", "--no-install");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain('  cd "My App"\n  npm install\n  npm start\n');
    expect(files("My App")).toEqual([
      ".gitignore",
      "README.md",
      "package.json",
      "src/kernel/packet-counter.ts",
      "src/main.ts",
      "src/packet-counter.test.ts",
      "src/packets.ts",
      "tsconfig.json",
    ]);
    const manifest = JSON.parse(readFileSync(join(cwd, "My App", "package.json"), "utf8"));
    expect(manifest).toMatchObject({ name: "my-app", dependencies: { "@waggle/kernel": ownVersion() } });
    expect(manifest.description).toBeUndefined();
  });

  test("of defaults with --yes", async () => {
    const { code, out } = await create("--yes", "--no-install");
    expect(code).toBe(0);
    expect(out).toContain("my-bpf-app: 7 files from the template tracepoint in my-bpf-app");
  });

  test("in this folder, with a name and a package manager of one's own", async () => {
    mkdirSync(join(cwd, ".git"));
    const { code, out } = await create(".", "--name", "@me/app", "--package-manager", "pnpm", "--no-install");
    expect(code).toBe(0);
    expect(out).toContain("Next:\n\n  pnpm install\n  pnpm start\n");
    expect(readFileSync(join(cwd, "package.json"), "utf8")).toContain('"name": "@me/app"');
  });

  test("from packed tarballs: file specs, and overrides for what those ask for", async () => {
    mkdirSync(join(cwd, "packed"));
    for (const name of ["kernel", "userspace", "vm", "xtask", "object"]) {
      writeFileSync(join(cwd, "packed", `waggle-${name}-1.2.3.tgz`), "");
    }
    const { code } = await create("app", "--waggle", "packed", "--no-install");
    expect(code).toBe(0);
    const manifest = JSON.parse(readFileSync(join(cwd, "app", "package.json"), "utf8"));
    const spec = (name: string) => `file:${cwd}/packed/waggle-${name}-1.2.3.tgz`;
    expect(manifest.dependencies["@waggle/vm"]).toBe(spec("vm"));
    expect(manifest.overrides["@waggle/object"]).toBe(spec("object"));
  });

  test("of another version of Waggle", async () => {
    await create("app", "--waggle", "^9.8.7", "--no-install");
    expect(readFileSync(join(cwd, "app", "package.json"), "utf8")).toContain('"@waggle/xtask": "^9.8.7"');
  });
});

test("--list names the templates and what they are", async () => {
  const { out } = await create("--list");
  expect(out).toMatch(/^tracepoint {2}Prints .+\nxdp {9}Counts .+\n$/);
});

test("--version and --help", async () => {
  expect((await create("--version")).out).toBe(`${ownVersion()}\n`);
  const help = await create("--help");
  expect(help).toMatchObject({ code: 0, err: "" });
  expect(help.out).toContain("npm create bpf-app my-app -- --template xdp");
});

describe("refusals leave everything as it was", () => {
  test.each([
    [[], "which folder? For example: create-bpf-app my-app"],
    [["app", "--template", "tc"], "no template is called tc; there are tracepoint, xdp"],
    [
      ["app", "--name", "My App"],
      "--name My App is no package name: it has capital letters. Try --name my-app",
    ],
    [["app", "--package-manager", "cargo"], "no package manager cargo; there are npm, pnpm, yarn, bun"],
    [
      ["app", "--waggle", "./nowhere"],
      "--waggle takes a version or a folder with packed tarballs; ./nowhere is neither",
    ],
    [["app", "--waggle", "."], "no waggle-*.tgz in"],
    [["app", "--force"], "unknown option '--force'"],
    [["app", "two"], "too many arguments"],
  ])("%j", async (args, message) => {
    const { code, out, err } = await create(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("a folder with something in it", async () => {
    mkdirSync(join(cwd, "app"));
    writeFileSync(join(cwd, "app", "thesis.txt"), "mine");
    const { code, err } = await create("app", "--no-install");
    expect(code).toBe(1);
    expect(err).toContain(`${join(cwd, "app")} is not empty: thesis.txt. Nothing is overwritten`);
    expect(files("app")).toEqual(["thesis.txt"]);
  });

  test("a file of that name", async () => {
    writeFileSync(join(cwd, "app"), "mine");
    const { code, err } = await create("app", "--no-install");
    expect(code).toBe(1);
    expect(err).toContain("is a file; choose another folder");
    expect(readFileSync(join(cwd, "app"), "utf8")).toBe("mine");
  });

  test("a tarball that is missing", async () => {
    mkdirSync(join(cwd, "packed"));
    writeFileSync(join(cwd, "packed", "waggle-kernel-1.2.3.tgz"), "");
    const { code, err } = await create("app", "--waggle", "packed");
    expect(code).toBe(2);
    expect(err).toContain("--waggle: no tarball of @waggle/userspace");
    expect(existsSync(join(cwd, "app"))).toBe(false);
  });

  const root = process.platform === "linux" && process.geteuid?.() === 0;
  test.skipIf(!root)("a full disk (needs root, to mount a tiny one)", async () => {
    const disk = join(cwd, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k", "tmpfs", disk]);
    try {
      const { code, err } = await create("disk/deep/app", "--no-install");
      expect(code).toBe(1);
      expect(err).toMatch(/cannot write the project: ENOSPC.+What was written is removed again/);
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

test("an install that fails leaves the project and says what to do", async () => {
  const path = process.env.PATH;
  process.env.PATH = cwd;
  try {
    const { code, out, err } = await create("app");
    expect(code).toBe(1);
    expect(err).toContain("npm install failed; the project is there without its packages");
    expect(out).toContain("  cd app\n  npm install\n  npm start\n");
  } finally {
    process.env.PATH = path;
  }
});
