import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createColors } from "picocolors";
import type { ExitCode } from "../exit-code.js";
import { run } from "../main.js";

const packages = fileURLToPath(new URL("../../..", import.meta.url));

/** A project in a temporary folder, for tests. */
export interface TestProject {
  readonly folder: string;
  /** Absolute path of a file in it. */
  path(name: string): string;
  write(name: string, text: string): void;
  /** Runs xtask in it, in this process and without a terminal. */
  xtask(...args: string[]): Promise<{ readonly code: ExitCode; readonly out: string; readonly err: string }>;
  remove(): void;
}

/** Makes a project with the @waggle packages of this workspace and the given files. */
export function testProject(files: Readonly<Record<string, string>>): TestProject {
  const folder = mkdtempSync(join(tmpdir(), "waggle-xtask-"));
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  mkdirSync(path("node_modules"));
  mkdirSync(path("node_modules/@waggle"));
  for (const name of ["kernel", "userspace", "vm"])
    symlinkSync(join(packages, name), path(`node_modules/@waggle/${name}`));
  write("package.json", '{ "name": "test", "private": true, "type": "module" }\n');
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    folder,
    path,
    write,
    async xtask(...args) {
      let out = "";
      let err = "";
      const code = await run(args, {
        cwd: folder,
        interactive: false,
        out: createColors(false),
        err: createColors(false),
        write: (text) => {
          out += text;
        },
        writeError: (text) => {
          err += text;
        },
        interrupted: () => AbortSignal.abort(),
      });
      return { code, out, err };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Source of a kernel class that counts packets: one map, one program `count`. `key` is on line 10, its use on 11. */
export function counterSource(name: string, head = ""): string {
  const kernel = "@waggle/kernel";
  return [
    head.trimEnd(),
    `import type { u32, u64, XdpContext } from "${kernel}";`,
    `import { ArrayMap, XdpAction, xdp } from "${kernel}";`,
    "",
    `export class ${name} {`,
    "  static readonly packets = new ArrayMap<u64>({ maxEntries: 1 });",
    "",
    "  @xdp()",
    "  static count(ctx: XdpContext): XdpAction {",
    "    const key: u32 = 0;",
    `    const seen = ${name}.packets.get(key);`,
    "    if (seen !== null) seen.value += 1n;",
    "    return XdpAction.Pass;",
    "  }",
    "}",
    "",
  ].join("\n");
}
