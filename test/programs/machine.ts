/** What the machine lacks for a check. */
import { existsSync, readFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { kernelHas, parseKernelVersion } from "@waggle/object";
import { programSupport } from "@waggle/userspace";
import type { Check, Need, Suite } from "./check.js";

const sources = "/sys/bus/event_source/devices";
/** The functions that this kernel has. */
const symbols = (): string => readFileSync("/proc/kallsyms", "utf8");

const lacks: Readonly<Record<Need, () => string | null>> = {
  veth: () => (existsSync("/sbin/ip") || existsSync("/usr/sbin/ip") || existsSync("/bin/ip") ? null : "ip"),
  kprobe: () => (existsSync(`${sources}/kprobe`) ? null : "CONFIG_KPROBE_EVENTS"),
  uprobe: () => (existsSync(`${sources}/uprobe`) ? null : "CONFIG_UPROBE_EVENTS"),
  // Some kernels have all that trampolines need, and take none.
  trampoline: () => (programSupport("fentry").supported === true ? null : "a kernel with BPF trampolines"),
  "tc-action": () => (/ tcf_bpf_init\b/m.test(symbols()) ? null : "CONFIG_NET_ACT_BPF"),
  lsm: () => (/ bpf_lsm_file_open\b/m.test(symbols()) ? null : "CONFIG_BPF_LSM"),
  disk: () => (diskOf() === null ? "a disk" : null),
  "kernel-config": () =>
    existsSync("/proc/config.gz") || existsSync(`/boot/config-${release()}`)
      ? null
      : "CONFIG_IKCONFIG_PROC, or the kernel's configuration in /boot",
  fprobe: () => (/ register_fprobe_ips\b/m.test(symbols()) ? null : "CONFIG_FPROBE"),
};

/** A file whose writes go to a disk: one on the disk that this machine runs from, or a disk of the virtual machine. */
export function diskOf(): { readonly file: string; readonly isTemporary: boolean } | null {
  if (existsSync("/dev/loop0") && hasSize("loop0")) return { file: "/dev/loop0", isTemporary: false };
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const root = mounts.find((line) => line.startsWith("/dev/") && line.split(" ")[1] === "/");
  return root === undefined
    ? null
    : { file: join(tmpdir(), `waggle-disk-${process.pid}`), isTemporary: true };
}

const hasSize = (name: string): boolean =>
  existsSync(`/sys/block/${name}/size`) && readFileSync(`/sys/block/${name}/size`, "utf8").trim() !== "0";

/** Why a check cannot run here; null when it can. */
export function lackOf(
  suite: Suite<never>,
  { since = suite.kernel, needs = [] }: Check<never>,
): string | null {
  const running = parseKernelVersion(release());
  if (running !== null && !kernelHas(running, since)) return `Linux ${since}`;
  return needs.map((need) => lacks[need]()).find((lack) => lack !== null) ?? null;
}

const callNumbers = {
  getpriority: { x64: 140n, arm64: 141n },
  openat: { x64: 257n, arm64: 56n },
} as const;

/** The number of a system call on this machine. */
export function callNumber(name: keyof typeof callNumbers): bigint {
  const byArchitecture: Readonly<Record<string, bigint>> = callNumbers[name];
  return byArchitecture[process.arch] ?? 0n;
}
