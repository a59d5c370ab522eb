import { describe, expect, it, vi } from "vitest";
import { withTracefs } from "../attach/tracefs.js";
import { canLoad } from "../can-load.js";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import * as f from "../fixtures/specs.js";
import { kernelName, mapKernelName, ringBufferSize } from "../load/create-map.js";
import { loadSpec } from "../load/load.js";
import { countCpus } from "../sys/cpus.js";
import { hasCapability, kernelAtLeast, type Machine } from "../sys/machine.js";
import { Errno, errnoName } from "./errno.js";
import { BpfError, ClosedError, NotSupportedError, PermissionError, SystemCallError } from "./errors.js";
import { check, explainFailure } from "./system-call-failure.js";

const user: Machine = { release: "6.1.0-18-amd64", user: 1000, capabilities: 0n };
const root: Machine = { release: "6.1.0-18-amd64", user: 0, capabilities: (1n << 41n) - 1n };
const create = { call: "BPF_MAP_CREATE of map stats", capability: "CAP_BPF", chargesMemory: true };
const cure = (errno: number, machine: Machine, more: object = {}) =>
  explainFailure({ ...create, ...more }, errno, machine).cure;

describe("what a failed call says", () => {
  it("names the capability that a user lacks", () => {
    expect(cure(Errno.EPERM, user)).toBe("Needs CAP_BPF, or root: this process runs as user 1000.");
    expect(cure(Errno.EPERM, root)).toMatch(
      /^This process has CAP_BPF: a security module or a container's seccomp profile refuses it, or .* user namespace/,
    );
  });

  const bits = (...numbers: bigint[]): bigint => numbers.reduce((all, number) => all | (1n << number), 0n);
  const tracing = "CAP_BPF and CAP_PERFMON (tracing) or CAP_NET_ADMIN (networking)";
  it.each([
    [
      "a user with the other one",
      tracing,
      1000,
      bits(39n),
      `Needs ${tracing}, or root: this process runs as user 1000 without CAP_PERFMON and CAP_NET_ADMIN.`,
    ],
    [
      "a user who has it",
      "CAP_PERFMON",
      65_534,
      bits(12n, 38n, 39n),
      "This process has CAP_PERFMON: this kernel asks for CAP_SYS_ADMIN here, as Linux does for uprobes from 6.18 on, or a security module or a seccomp profile refuses it.",
    ],
    [
      "root without it",
      "CAP_BPF",
      0,
      bits(12n),
      "Needs CAP_BPF: this process is root without CAP_BPF. In a container, add the capabilities (--cap-add).",
    ],
    [
      "root without any",
      "CAP_PERFMON",
      0,
      0n,
      "Needs CAP_PERFMON: this process is root without CAP_PERFMON. In a container, add the capabilities (--cap-add).",
    ],
    [
      "CAP_SYS_ADMIN in its place",
      "CAP_PERFMON",
      1000,
      bits(21n),
      "This process has CAP_PERFMON: a security module or a container's seccomp profile refuses it, or it has the capabilities in a user namespace only, where they do not count.",
    ],
  ])("says what %s lacks", (_, capability, user, capabilities, text) => {
    const machine = { release: "6.18.0", user, capabilities };
    for (const errno of [Errno.EPERM, Errno.EACCES])
      expect(explainFailure({ call: "X", capability }, errno, machine).cure).toBe(text);
  });

  it("names locked memory on kernels that count it", () => {
    expect(cure(Errno.EPERM, { ...root, release: "5.10.0" })).toMatch(/RLIMIT_MEMLOCK.*ulimit -l unlimited/);
    expect(cure(Errno.EPERM, { ...user, release: "5.10.0" })).toMatch(/CAP_BPF/);
  });

  it("names the kernel that has what this one lacks", () => {
    const needs = { needs: [["ring-buffer maps", "5.8"]] as const };
    const old = explainFailure({ ...create, ...needs }, Errno.EINVAL, { ...root, release: "5.4.0" });
    expect(old).toMatchObject({
      code: "not-supported",
      cure: "Needs kernel 5.8 or newer for ring-buffer maps; this is 5.4.0.",
    });
    expect(explainFailure({ ...create, ...needs }, Errno.EINVAL, root)).toMatchObject({
      code: "invalid-argument",
      cure: null,
    });
  });

  it.each([
    [Errno.ENOSYS, "not-supported", "CONFIG_BPF_SYSCALL"],
    [Errno.E2BIG, "too-large", "lower maxEntries"],
    [Errno.ENOMEM, "no-memory", "memory cgroup"],
    [Errno.EMFILE, "too-many-files", "ulimit -n"],
    [Errno.ENFILE, "too-many-files", "fs.file-max"],
  ])("has a cure for errno %i", (errno, code, text) => {
    const failure = explainFailure(create, errno, root);
    expect(failure.code).toBe(code);
    expect(failure.cure).toContain(text);
  });

  it("throws the class that callers tell apart, with the whole sentence", () => {
    expect(() => check(-Errno.EBUSY, { call: "X", cures: { [Errno.EBUSY]: "Wait." } })).toThrow(
      "X failed: EBUSY (resource busy or locked). Wait.",
    );
    expect(() => check(-Errno.ENOTSUPP, { call: "X" })).toThrow(NotSupportedError);
    expect(() => check(-Errno.EACCES, { call: "X" })).toThrow(PermissionError);
    expect(() => check(-Errno.EACCES, { call: "X" })).toThrow(SystemCallError);
    expect(check(7, { call: "X" })).toBe(7);
    expect(new ClosedError("map stats")).toBeInstanceOf(BpfError);
    expect(errnoName(99999)).toBe("errno 99999");
  });

  const asNobody = <T>(run: () => T): T => {
    process.seteuid?.(65534);
    try {
      return run();
    } finally {
      process.seteuid?.(0);
    }
  };

  it.skipIf(whyNot !== "" || process.getuid?.() !== 0)(
    kernelTitle("tells an unprivileged user what is missing"),
    () => {
      const xdp = f.spec([f.pairHash()], [f.program("count", "xdp", [f.move(0, 2), f.exit])]);
      const error = asNobody(() => {
        try {
          return loadSpec(xdp);
        } catch (thrown) {
          return thrown;
        }
      });
      expect(error).toBeInstanceOf(PermissionError);
      expect(String(error)).toMatch(
        /BPF_\w+ of \w+ \w+ failed: EPERM .* Needs CAP_BPF.*, or root: this process runs as user 65534\./,
      );
      expect(canLoad()).toEqual({ ok: true });
      expect(() => asNobody(() => withTracefs((path) => path, []))).toThrow(
        /tracefs is not mounted on .* a private mount failed with EPERM: mounting it needs CAP_SYS_ADMIN/,
      );
      const probe = asNobody(canLoad);
      expect(probe.ok || probe.reason?.includes("Needs CAP_BPF")).toBe(true);
    },
  );
});

describe("elsewhere than on Linux", () => {
  it("says what works there, and canLoad does not throw", async () => {
    const real = Object.getOwnPropertyDescriptor(process, "platform");
    vi.resetModules();
    Object.defineProperty(process, "platform", { value: "darwin", configurable: true });
    try {
      const fresh = await import("../index.js");
      expect(() => fresh.interfaces()).toThrow(/BPF programs load on Linux on x64 and arm64; this is darwin/);
      expect(fresh.canLoad()).toMatchObject({ ok: false, reason: expect.stringContaining("simulate()") });
      expect(fresh.bpfModule("AAAA").object).toEqual(new Uint8Array(3));
    } finally {
      if (real !== undefined) Object.defineProperty(process, "platform", real);
    }
  });
});

describe("small facts", () => {
  it("compares kernel releases", () => {
    expect(kernelAtLeast("5.11.0-rc1", "5.11")).toBe(true);
    expect(kernelAtLeast("5.9.1", "5.11")).toBe(false);
    expect(kernelAtLeast("what", "5.11")).toBe(true);
  });
  it("counts CPUs, rounds rings and cuts names", () => {
    expect(countCpus("0-3,8-9\n")).toBe(6);
    expect(countCpus("0")).toBe(1);
    expect(ringBufferSize(4097, 4096)).toBe(8192);
    expect(ringBufferSize(1, 65536)).toBe(65536);
    expect(kernelName("a-very-long-name-of-a-map")).toBe("a_very_long_nam");
    expect(mapKernelName("flowsobject", f.rodataMap())).toBe("flowsobj.rodata");
  });
  it("lets CAP_SYS_ADMIN stand for the capabilities split from it", () => {
    expect(hasCapability({ ...user, capabilities: 1n << 21n }, 39n)).toBe(true);
    expect(hasCapability({ ...user, capabilities: 1n << 21n }, 12n)).toBe(false);
  });
});
