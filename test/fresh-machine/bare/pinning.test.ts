import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSpec, PinError, type UntypedApp } from "@waggle/userspace";
import { beforeEach, describe, expect, it } from "vitest";
import * as f from "../../../packages/userspace/src/fixtures/specs.js";

const bpffs = "/sys/fs/bpf";
const isMounted = (): boolean => statfsSync(bpffs).type >>> 0 === 0xcafe_4a11;
/** What is pinned in a folder, without the kernel's own files (maps.debug, progs.debug). */
const pinned = (folder: string): string[] => readdirSync(folder).filter((name) => !name.endsWith(".debug"));
const program = f.program("count", "xdp", [f.move(0, 2), f.exit]);
const spec = f.spec([f.pairHash()], [program]);
const byName = { ...spec, maps: spec.maps.map((map) => ({ ...map, pinning: "by-name" as const })) };
const [mapName = ""] = spec.maps.map(({ name }) => name);

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function parts(app: UntypedApp) {
  const map = app.maps[mapName];
  const count = app.programs.count;
  if (map === undefined || !("pin" in map) || count === undefined) throw new Error("no such map or program");
  return { map, program: count };
}

describe("pinning where no BPF file system is mounted", () => {
  beforeEach(() => {
    while (isMounted()) execFileSync("umount", [bpffs]);
    expect(isMounted()).toBe(false);
  });

  it("mounts one for a map that is pinned by its name", () => {
    const app = loadSpec(byName);
    expect(isMounted()).toBe(true);
    expect(pinned(bpffs)).toEqual([mapName]);
    const mount = readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .filter((line) => line.split(" ")[1] === bpffs);
    expect(mount).toEqual([expect.stringMatching(/^bpf \S+ bpf rw,nosuid,nodev,noexec,\S*mode=700/)]);
    app.close();
    expect(pinned(bpffs)).toEqual([mapName]);
    loadSpec(byName).close();
  });

  it("mounts one, once, for pin() of a map and of a program, and creates folders on it", () => {
    using app = loadSpec(spec);
    expect(isMounted()).toBe(false);
    const { map, program } = parts(app);
    map.pin(`${bpffs}/one/two/map`);
    program.pin(`${bpffs}/one/program`);
    expect(readdirSync(`${bpffs}/one`).sort()).toEqual(["program", "two"]);
    expect(readdirSync(`${bpffs}/one/two`)).toEqual(["map"]);
    const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
    expect(mounts.filter((line) => line.split(" ")[1] === bpffs)).toHaveLength(1);
  });

  it("fails at once, with the cure, when mounting is turned off", () => {
    const expected = {
      name: "PinError",
      code: "no-bpf-file-system",
      message:
        "no BPF file system is mounted at /sys/fs/bpf, and mounting one was turned off (mountBpffs: false): " +
        "mount -t bpf bpf /sys/fs/bpf.",
    };
    expect(thrown(() => loadSpec(byName, { mountBpffs: false }))).toMatchObject(expected);
    expect(thrown(() => loadSpec(byName, { mountBpffs: false, pinPath: `${bpffs}/a/b` }))).toMatchObject(
      expected,
    );
    using app = loadSpec(spec);
    const { map, program } = parts(app);
    for (const one of [map, program]) {
      expect(thrown(() => one.pin(`${bpffs}/a/b`, { mountBpffs: false }))).toMatchObject(expected);
    }
    expect(isMounted()).toBe(false);
    expect(readdirSync(bpffs)).toEqual([]);
  });

  it("fails at once, with the cure, when mounting is not permitted", () => {
    using app = loadSpec(spec);
    const { map } = parts(app);
    process.seteuid?.(65534);
    try {
      expect(thrown(() => map.pin(`${bpffs}/map`))).toMatchObject({
        code: "no-bpf-file-system",
        message:
          "no BPF file system is mounted at /sys/fs/bpf, and mounting one failed with EPERM: mounting it needs CAP_SYS_ADMIN: " +
          "run as root, or have it mounted (mount -t bpf bpf /sys/fs/bpf).",
      });
    } finally {
      process.seteuid?.(0);
    }
    expect(isMounted()).toBe(false);
  });

  it("creates no folder on another file system", () => {
    const folder = mkdtempSync(join(tmpdir(), "waggle-pin-"));
    try {
      using app = loadSpec(spec);
      const { map } = parts(app);
      for (const path of [`${folder}/deep/map`, `${folder}/map`, "/sys/waggle/map", "/sys/fs/waggle/map"]) {
        const error = thrown(() => map.pin(path));
        expect(error).toBeInstanceOf(PinError);
        expect(String(error)).toMatch(
          /is not on a BPF file system: pin below \/sys\/fs\/bpf, or mount one \(mount -t bpf bpf FOLDER\)\.$/,
        );
      }
      expect(thrown(() => loadSpec(byName, { pinPath: `${folder}/deep` }))).toBeInstanceOf(PinError);
      expect(readdirSync(folder)).toEqual([]);
      expect(isMounted()).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("pins below a BPF file system that is mounted elsewhere", () => {
    const folder = mkdtempSync(join(tmpdir(), "waggle-bpffs-"));
    execFileSync("mount", ["-t", "bpf", "bpf", folder]);
    try {
      loadSpec(byName, { pinPath: `${folder}/deep/er` }).close();
      expect(readdirSync(`${folder}/deep/er`)).toEqual([mapName]);
      expect(isMounted()).toBe(false);
      using app = loadSpec(spec);
      const under = `${folder}/deep/er/${mapName}/no/map`;
      expect(thrown(() => parts(app).map.pin(under))).toMatchObject({ code: "cannot-create-folder" });
    } finally {
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true });
    }
  });
});
