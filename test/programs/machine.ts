/** What the machine lacks for a check. */
import { existsSync, readFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import {
  attachTypeByName,
  hostByteOrder,
  type Instruction,
  kernelHas,
  type ObjectSpec,
  parseKernelVersion,
  programKindByName,
} from "@waggle/object";
import { loadSpec, SystemCallError } from "@waggle/userspace";
import type { Check, Need, Suite } from "./check.js";

const sources = "/sys/bus/event_source/devices";
/** The functions that this kernel has. */
const symbols = (): string => readFileSync("/proc/kallsyms", "utf8");

const lacks: Readonly<Record<Need, () => string | null>> = {
  veth: () => (existsSync("/sbin/ip") || existsSync("/usr/sbin/ip") || existsSync("/bin/ip") ? null : "ip"),
  kprobe: () => (existsSync(`${sources}/kprobe`) ? null : "CONFIG_KPROBE_EVENTS"),
  uprobe: () => (existsSync(`${sources}/uprobe`) ? null : "CONFIG_UPROBE_EVENTS"),
  trampoline: () => (takesTrampolines() ? null : "a kernel that takes programs on its functions"),
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

/** Some kernels have all that trampolines need, and take none. */
function takesTrampolines(): boolean {
  const kind = programKindByName("fentry");
  const attach = attachTypeByName("BPF_TRACE_FENTRY");
  if (kind === null || attach === null) throw new Error("no fentry");
  const code = (opcode: number): Instruction => ({ opcode, dst: 0, src: 0, offset: 0, imm: 0 });
  const spec: ObjectSpec = {
    byteOrder: hostByteOrder,
    license: "GPL",
    btf: null,
    maps: [],
    programs: [
      {
        name: "probe",
        section: "fentry/vfs_read",
        type: kind.type,
        kind,
        expectedAttachType: attach.value,
        attachTarget: "vfs_read",
        flags: 0,
        instructions: [code(0xb7), code(0x95)],
        references: [],
        coreRelocations: [],
        functions: [],
        lines: [],
      },
    ],
  };
  try {
    loadSpec(spec).close();
    return true;
  } catch (error) {
    if (error instanceof SystemCallError) return false;
    throw error;
  }
}

/** Why a check cannot run here; null when it can. */
export function lackOf(
  suite: Suite<never>,
  { since = suite.kernel, needs = [] }: Check<never>,
): string | null {
  const running = parseKernelVersion(release());
  if (running !== null && !kernelHas(running, since)) return `Linux ${since}`;
  return needs.map((need) => lacks[need]()).find((lack) => lack !== null) ?? null;
}
