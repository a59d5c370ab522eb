import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildEbpf } from "@waggle/xtask";
import { afterAll, describe, expect, test } from "vitest";
import { imports, makeProject, programOf, root } from "./project.js";

const good = programOf("if (ctx.length > Case.limit) return XdpAction.Drop;");
const project = makeProject({ "src/kernel/case.ts": good });
afterAll(() => project[Symbol.dispose]());

/** The command as a user runs it. */
function xtask(...args: string[]): { code: number | null; out: string; err: string } {
  const bin = join(root, "packages/xtask/bin/xtask.js");
  const env = { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: project.folder,
    encoding: "utf8",
    env,
  });
  return { code: status, out: stdout, err: stderr };
}
const outputs = (): string[] => readdirSync(join(project.folder, "src/ebpf")).sort();
const noStack = /^\s+at .*\(?(file:|node:|\/).*:\d+:\d+\)?$/m;

describe("the build command", () => {
  test("keeps the last good output when the next build fails, and says where and why", () => {
    expect(xtask("build-ebpf").code).toBe(0);
    expect(outputs()).toEqual(["case.o", "case.ts"]);
    const module = project.read("src/ebpf/case.ts");

    project.write("src/kernel/case.ts", good.replace("ctx.length > Case.limit", "ctx.length > 0.5"));
    const failed = xtask("build-ebpf");
    expect(failed.code).toBe(1);
    expect(failed.out + failed.err).toMatch(/WG1002.*0\.5 is a floating point number/s);
    expect(failed.out + failed.err).toContain("src/kernel/case.ts:");
    expect(failed.out + failed.err).not.toMatch(noStack);
    expect(outputs()).toEqual(["case.o", "case.ts"]);
    expect(project.read("src/ebpf/case.ts")).toBe(module);

    project.write("src/kernel/case.ts", good);
    expect(xtask("build-ebpf").code).toBe(0);
  });

  test.each([
    ["a syntax error", good.replace("return XdpAction.Pass", "return XdpAction."), 1, /TS1003/],
    ["a class that nobody can load", good.replace("export class", "class"), 1, /WG2008.*not exported/s],
    [
      "a handler without its decorator",
      `${imports}export class Case { static run(ctx: XdpContext): XdpAction { return XdpAction.Pass; } }\n`,
      1,
      /WG2008.*@xdp\(\)/s,
    ],
    ["an empty file", "", 1, /WG4001/],
    ["a file of zeroes", "\0\0\0\0", 1, /TS\d+/],
  ])("%s", (_name, text, code, says) => {
    project.write("src/kernel/case.ts", text);
    const result = xtask("build-ebpf");
    expect(result.code).toBe(code);
    expect(result.out + result.err).toMatch(says);
    expect(result.out + result.err).not.toMatch(noStack);
    expect(outputs()).toEqual(["case.o", "case.ts"]);
    const json = xtask("build-ebpf", "--json");
    expect(json.code).toBe(code);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false });
  });

  test.each([
    [["build-ebpff"], /build-ebpf/],
    [["build-ebpf", "--tarket", "bpfel"], /tarket/],
    [["build-ebpf", "--target", "x86"], /bpfel/],
    [["build-ebpf", "nope.ts"], /nope\.ts/],
    [["disasm", "nope.o"], /nope\.o/],
  ])("the wrong command line %j", (args, says) => {
    const result = xtask(...args);
    expect([1, 2]).toContain(result.code);
    expect(result.out + result.err).toMatch(says);
    expect(result.out + result.err).not.toMatch(noStack);
  });
});

const isRoot = process.getuid?.() === 0;
test.skipIf(!isRoot || process.platform !== "linux")(
  "a disk that is full leaves nothing half-written",
  async () => {
    using full = makeProject({ "src/kernel/case.ts": good });
    const out = join(full.folder, "out");
    mkdirSync(out);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", out]);
    expect(mounted.status).toBe(0);
    try {
      const first = await buildEbpf({ cwd: full.folder, out });
      expect(first).toMatchObject({ ok: true });
      const before = full.read("out/case.ts");
      // What is left of the disk goes to a file, until nothing more fits.
      for (const size of [4096, 4096, 4096, 4096]) {
        try {
          writeFileSync(join(out, "ballast"), new Uint8Array(size), { flag: "a" });
        } catch {
          break;
        }
      }
      full.write("src/kernel/case.ts", good.replace("> Case.limit", "> Case.limit + 1"));
      const second = await buildEbpf({ cwd: full.folder, out });
      expect(second.ok).toBe(false);
      expect(second.diagnostics).toMatchObject([
        { code: "WG4003", message: expect.stringMatching(/no space left|ENOSPC/i) },
      ]);
      expect(full.read("out/case.ts")).toBe(before);
      expect(readdirSync(out).sort()).toEqual(["ballast", "case.o", "case.ts"]);
    } finally {
      spawnSync("umount", [out]);
    }
  },
);
