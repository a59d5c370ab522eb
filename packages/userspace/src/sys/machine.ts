import { readFileSync } from "node:fs";
import { release } from "node:os";

/** What decides whether BPF calls can work here, apart from the kernel's own answer. */
export interface Machine {
  /** Kernel release as uname gives it, e.g. `6.1.0-18-amd64`. */
  readonly release: string;
  /** Effective user id. */
  readonly user: number;
  /** Effective capabilities, bit n for capability n of linux/capability.h. */
  readonly capabilities: bigint;
}

/** Capability numbers (linux/capability.h). */
export const Capability = { NetAdmin: 12n, SysAdmin: 21n, PerfMon: 38n, Bpf: 39n } as const;

/** Capabilities that errors speak of, by their names. */
const capabilityNumbers: Readonly<Record<string, bigint>> = {
  CAP_NET_ADMIN: Capability.NetAdmin,
  CAP_IPC_LOCK: 14n,
  CAP_SYS_ADMIN: Capability.SysAdmin,
  CAP_PERFMON: Capability.PerfMon,
  CAP_BPF: Capability.Bpf,
};

/** The capabilities that a text names, each with whether the machine's process has it. */
export function namedCapabilities(
  machine: Machine,
  text: string,
): readonly { readonly name: string; readonly isHeld: boolean }[] {
  return [...new Set(text.match(/CAP_[A-Z_]+/g))].map((name) => {
    const number = capabilityNumbers[name];
    return { name, isHeld: number !== undefined && hasCapability(machine, number) };
  });
}

/** Reads the machine and the privileges of this process as they are now. */
export function thisMachine(): Machine {
  let capabilities = 0n;
  try {
    const match = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (match?.[1] !== undefined) capabilities = BigInt(`0x${match[1]}`);
  } catch {
    // Without /proc nothing is known about them; the kernel still decides.
  }
  return { release: release(), user: process.geteuid?.() ?? -1, capabilities };
}

/** Whether the machine's process has a capability; CAP_SYS_ADMIN stands for those split from it in 5.8. */
export function hasCapability(machine: Machine, capability: bigint): boolean {
  const has = (bit: bigint) => ((machine.capabilities >> bit) & 1n) === 1n;
  return has(capability) || (capability >= Capability.PerfMon && has(Capability.SysAdmin));
}

/** Whether a kernel release is `version` ("5.11") or newer. An unreadable release counts as newer. */
export function kernelAtLeast(kernelRelease: string, version: string): boolean {
  const parts = (text: string) => /^(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  const [major, minor] = parts(kernelRelease) ?? [Number.POSITIVE_INFINITY, 0];
  const [wantedMajor, wantedMinor] = parts(version) ?? [0, 0];
  if (major === undefined || minor === undefined || wantedMajor === undefined || wantedMinor === undefined) {
    return true;
  }
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
