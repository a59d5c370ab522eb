import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRingBuffer, type UntypedApp } from "../app.js";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import { smallProgram } from "../fixtures/small-program.js";
import * as f from "../fixtures/specs.js";
import { loadSpec } from "../load/load.js";
import type { UprobeAttachOptions } from "./probe.js";
import { findFile } from "./user-files.js";

const folder = mkdtempSync(join(tmpdir(), "waggle-"));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (): UntypedApp =>
  loadSpec(f.spec([f.map("hits", "array")], [f.counting("tick", "uprobe", "hits", 0)]));
const hits = (app: UntypedApp): number => {
  const { hits: map } = app.maps;
  if (map === undefined || isRingBuffer(map)) throw new Error("no map");
  return Number(map.get(0));
};
const attach = (app: UntypedApp, options: UprobeAttachOptions) => {
  const program = app.programs.tick;
  if (program?.kind !== "uprobe") throw new Error("no uprobe");
  return program.attach(options);
};

/** A program that calls `target` this many times, at a path. */
function install(path: string, calls: number): string {
  writeFileSync(
    path,
    smallProgram({ functions: ["other", "target"], calls: new Array<string>(calls).fill("target") }),
  );
  chmodSync(path, 0o755);
  return path;
}

/** A shell in a mount namespace of its own, as a container is. */
class Container {
  readonly #shell: ChildProcess = spawn("unshare", ["-m", "sh"], { stdio: ["pipe", "pipe", "inherit"] });
  #output = "";

  constructor() {
    this.#shell.stdout?.on("data", (bytes: Buffer) => {
      this.#output += bytes.toString();
    });
  }

  get pid(): number {
    return this.#shell.pid ?? 0;
  }

  /** What a command prints. */
  async run(command: string): Promise<string> {
    this.#output = "";
    this.#shell.stdin?.write(`${command}; echo "status $?"\n`);
    let status: RegExpExecArray | null = null;
    while (status === null) {
      await once(this.#shell.stdout ?? this.#shell, "data");
      status = /status (\d+)\n$/.exec(this.#output);
    }
    if (status[1] !== "0") throw new Error(`${command} failed`);
    return this.#output.slice(0, status.index);
  }

  async end(): Promise<void> {
    this.#shell.stdin?.end();
    if (this.#shell.exitCode === null) await once(this.#shell, "exit");
  }
}

describe.skipIf(whyNot !== "" || process.getuid?.() !== 0)(
  kernelTitle("probes of programs in containers"),
  () => {
    const host = join(folder, "program");
    const container = new Container();
    const inside = `/proc/${container.pid}/root`;
    beforeAll(async () => {
      install(host, 1);
      const source = install(join(folder, "source"), 3);
      // In the container another program has the host's path, and others are reached by links that mean the container's root.
      await container.run(`cp ${source} /dev/shm/waggle-${process.pid} && mount -t tmpfs waggle ${folder}`);
      await container.run(`cp /dev/shm/waggle-${process.pid} ${host}; rm /dev/shm/waggle-${process.pid}`);
      await container.run(
        `ln -s ${host} ${folder}/absolute; ln -s ../${folder.split("/").at(-1)}/program ${folder}/relative`,
      );
      await container.run(
        `ln -s ${folder} ${folder}/folder; ln -s ../../../../../../..${host} ${folder}/upwards; ln -s loop ${folder}/loop`,
      );
    });
    afterAll(() => container.end());

    it.each(["program", "absolute", "relative", "folder/absolute", "upwards"])(
      "%s is the container's",
      async (name) => {
        using app = load();
        attach(app, { path: `${inside}${folder}/${name}`, function: "target" });
        execFileSync(host);
        expect(hits(app)).toBe(0);
        await container.run(host);
        expect(hits(app)).toBe(3);
      },
    );

    it("a path without a root is the host's", async () => {
      using app = load();
      attach(app, { path: host, function: "target" });
      await container.run(host);
      expect(hits(app)).toBe(0);
      execFileSync(host);
      expect(hits(app)).toBe(1);
    });

    it("what the container does not have is missing, though the host has it", () => {
      using app = load();
      const missing = (path: string, message: RegExp) =>
        expect(() => attach(app, { path, function: "target" })).toThrow(
          expect.objectContaining({ code: "unknown-file", message: expect.stringMatching(message) }),
        );
      missing(`${inside}${folder}/source`, /^there is no file \/proc\/\d+\/root\/.*source\.$/);
      missing(`${inside}${folder}/loop`, /loop cannot be reached \(ELOOP\)/);
      missing(`/proc/4194305/root/bin/sh`, /no process 4194305 is running/);
      missing(`${host}/program`, /there is no file/);
    });
  },
);

describe.skipIf(whyNot !== "" || process.getuid?.() !== 0)(
  kernelTitle("probes of programs by other paths"),
  () => {
    it.each(["link", "perf-event"] as const)(
      "a symbolic link, and a program that was replaced, by a %s",
      (mechanism) => {
        const path = install(join(folder, "replaced"), 2);
        symlinkSync(path, `${path}-link-${mechanism}`);
        using app = load();
        attach(app, { path: `${path}-link-${mechanism}`, function: "target", mechanism });
        execFileSync(path);
        expect(hits(app)).toBe(2);
        // The probe is on the file that was there, and not on the one that took its name.
        renameSync(path, `${path}-old`);
        execFileSync(install(path, 5));
        expect(hits(app)).toBe(2);
        execFileSync(`${path}-old`);
        expect(hits(app)).toBe(4);
      },
    );

    it("a program that was deleted, by the process that runs it", async () => {
      const path = join(folder, "sleeper");
      execFileSync("cp", ["/bin/sleep", path]);
      const child = spawn(path, ["60"]);
      await once(child, "spawn");
      try {
        const link = `/proc/${child.pid}/exe`;
        using app = load();
        unlinkSync(path);
        expect(attach(app, { path: link, offset: 0x4000 }).attached).toBe(true);
        expect(findFile("sleeper", child.pid)).toMatch(/^\/proc\/\d+\/map_files\//);
        expect(attach(app, { path: "sleeper", offset: 0x4000, pid: child.pid ?? 0 }).attached).toBe(true);
        // Another program of that name is not the one that the process runs.
        install(path, 1);
        expect(findFile("sleeper", child.pid)).toMatch(/^\/proc\/\d+\/map_files\//);
      } finally {
        child.kill();
      }
    });

    it("a library by its name is the one that the process has mapped", async () => {
      const container = new Container();
      try {
        const library = findFile("libc.so.6");
        const inode = (path: string): bigint => statSync(path, { bigint: true }).ino;
        const copy = `${folder}/libc.so.6`;
        await container.run(
          `mount -t tmpfs waggle ${folder} && cp ${library} ${copy} && mount --bind ${copy} ${library}`,
        );
        const child = Number(await container.run("sleep 60 >/dev/null & echo $!"));
        try {
          await expect.poll(() => readFileSync(`/proc/${child}/comm`, "utf8")).toBe("sleep\n");
          const found = findFile("libc.so.6", child);
          expect(found).toMatch(new RegExp(`^/proc/${child}/root/.*libc`));
          expect(inode(found)).not.toBe(inode(library));
          // The shell began before the mount.
          expect(inode(findFile("libc.so.6", container.pid))).toBe(inode(library));
        } finally {
          process.kill(child);
        }
      } finally {
        await container.end();
      }
    });

    it("an indirect function is refused, and a pattern leaves it out", () => {
      const path = join(folder, "indirect");
      const symbols = [
        { name: "copy", of: "chooser", isIndirect: true },
        { name: "copy_fast", of: "target" },
      ];
      writeFileSync(path, smallProgram({ functions: ["chooser", "target"], calls: ["target"], symbols }));
      chmodSync(path, 0o755);
      using app = load();
      expect(() => attach(app, { path, function: "copy" })).toThrow(
        expect.objectContaining({ code: "indirect-function" }),
      );
      attach(app, { path, function: "copy_fast" });
      execFileSync(path);
      expect(hits(app)).toBe(1);
      const multi = f.program("tick", "uprobe-multi", [f.move(0, 0), f.exit], {
        expectedAttachType: 48,
        section: "uprobe.multi",
      });
      using many = loadSpec(f.spec([], [multi]));
      const program = many.programs.tick;
      if (program?.kind !== "uprobe-multi") throw new Error("no uprobe.multi");
      expect(program.attach({ path, pattern: "copy*" }).count).toBe(1);
      expect(() => program.attach({ path, pattern: "copy" })).toThrow(/no function of .* fits copy/);
      expect(() => program.attach({ path, functions: ["copy"] })).toThrow(
        expect.objectContaining({ code: "indirect-function" }),
      );
    });
  },
);
