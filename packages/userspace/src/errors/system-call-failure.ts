import {
  Capability,
  hasCapability,
  kernelAtLeast,
  type Machine,
  namedCapabilities,
  thisMachine,
} from "../sys/machine.js";
import { Errno, errnoDescription, errnoName } from "./errno.js";
import {
  BatchError,
  NotSupportedError,
  PermissionError,
  SystemCallError,
  type SystemCallErrorCode,
  type SystemCallFailure,
} from "./errors.js";

/** What was asked of the kernel, so that a refusal can be explained. */
export interface CallContext {
  /** The call and what it was for, e.g. `BPF_MAP_CREATE of map stats`. */
  readonly call: string;
  /** Capabilities that allow it, e.g. `CAP_BPF`. */
  readonly capability?: string;
  /** What is needed of the kernel besides the call, and its oldest kernel: `["ring buffers", "5.8"]`. */
  readonly needs?: readonly (readonly [what: string, since: string])[];
  /** The call charges locked memory on kernels before 5.11. */
  readonly chargesMemory?: boolean;
  /** Cures that only the caller knows, by errno. */
  readonly cures?: Readonly<Record<number, string>>;
}

const codes: Readonly<Record<number, SystemCallErrorCode>> = {
  [Errno.EPERM]: "not-permitted",
  [Errno.EACCES]: "not-permitted",
  [Errno.ENOSYS]: "not-supported",
  [Errno.EOPNOTSUPP]: "not-supported",
  [Errno.ENOTSUPP]: "not-supported",
  [Errno.EINVAL]: "invalid-argument",
  [Errno.E2BIG]: "too-large",
  [Errno.ENOMEM]: "no-memory",
  [Errno.ENOSPC]: "no-space",
  [Errno.EBUSY]: "busy",
  [Errno.EEXIST]: "exists",
  [Errno.ENOENT]: "not-found",
  [Errno.ENODEV]: "no-such-device",
  [Errno.EMFILE]: "too-many-files",
  [Errno.ENFILE]: "too-many-files",
};

function missing(context: CallContext, machine: Machine): string | null {
  const lacking = (context.needs ?? []).filter(([, since]) => !kernelAtLeast(machine.release, since));
  if (lacking.length === 0) return null;
  const list = lacking.map(([what, since]) => `kernel ${since} or newer for ${what}`).join(" and ");
  return `Needs ${list}; this is ${machine.release}.`;
}

function permissionCure(context: CallContext, machine: Machine): string {
  if (
    context.chargesMemory === true &&
    !kernelAtLeast(machine.release, "5.11") &&
    hasCapability(machine, Capability.Bpf)
  ) {
    return (
      "The limit on locked memory (RLIMIT_MEMLOCK) is too low and could not be raised: " +
      "run `ulimit -l unlimited` first, or set LimitMEMLOCK=infinity in the service."
    );
  }
  const capability = context.capability ?? "CAP_BPF";
  const named = namedCapabilities(machine, capability);
  const lacking = named.filter(({ isHeld }) => !isHeld).map(({ name }) => name);
  const held = named.filter(({ isHeld }) => isHeld).map(({ name }) => name);
  const isRoot = machine.user === 0;
  if (lacking.length > 0) {
    if (isRoot)
      return `Needs ${capability}: this process is root without ${lacking.join(" and ")}. In a container, add the capabilities (--cap-add).`;
    const without = held.length > 0 ? ` without ${lacking.join(" and ")}` : "";
    return `Needs ${capability}, or root: this process runs as user ${machine.user}${without}.`;
  }
  if (!hasCapability(machine, Capability.SysAdmin))
    return (
      `This process has ${held.join(" and ")}: this kernel asks for CAP_SYS_ADMIN here, as Linux does for uprobes from 6.18 on, ` +
      "or a security module or a seccomp profile refuses it."
    );
  return (
    `This process has ${held.join(" and ")}: a security module or a container's seccomp profile refuses it, ` +
    "or it has the capabilities in a user namespace only, where they do not count."
  );
}

const cures: Readonly<Record<number, (context: CallContext, machine: Machine) => string | null>> = {
  [Errno.EPERM]: permissionCure,
  [Errno.EACCES]: permissionCure,
  [Errno.ENOSYS]: () => "This kernel was built without it (CONFIG_BPF_SYSCALL), or a sandbox hides it.",
  [Errno.E2BIG]: () => "It is larger than the kernel allows: lower maxEntries.",
  [Errno.ENOMEM]: () =>
    "The kernel has not that much memory left: lower maxEntries, or raise the memory cgroup's limit.",
  [Errno.EMFILE]: () => "This process has too many files open: raise `ulimit -n`.",
  [Errno.ENFILE]: () => "The system has too many files open: raise fs.file-max.",
};

/** Why a call failed and what to do about it. Pure: the tests give it machines that they do not have. */
export function explainFailure(context: CallContext, errno: number, machine: Machine): SystemCallFailure {
  const number = Math.abs(errno);
  const lacking = missing(context, machine);
  const code = codes[number] ?? "failed";
  const tooOld = lacking !== null && (code === "invalid-argument" || code === "not-supported");
  return {
    code: tooOld ? "not-supported" : code,
    call: context.call,
    errno: errnoName(number),
    errnoNumber: number,
    description: errnoDescription(number),
    cure: context.cures?.[number] ?? (tooOld ? lacking : (cures[number]?.(context, machine) ?? lacking)),
  };
}

/** The error to throw for a failed call. @param errno as the call returned it; its sign does not matter */
export function systemCallError(context: CallContext, errno: number): SystemCallError {
  const failure = explainFailure(context, errno, thisMachine());
  if (failure.code === "not-permitted") return new PermissionError(failure);
  if (failure.code === "not-supported") return new NotSupportedError(failure);
  return new SystemCallError(failure);
}

/** The error of a batch that stopped after `done` entries. @param verb what was done to them: "set" */
export function batchError(context: CallContext, errno: number, done: number, verb: string): BatchError {
  const failure = explainFailure(context, errno, thisMachine());
  const told = `${done} entries before it were ${verb}.`;
  return new BatchError({ ...failure, cure: failure.cure === null ? told : `${failure.cure} ${told}` }, done);
}

/** Passes a call's result through, or throws its error when it is negative. */
export function check(result: number, context: CallContext): number {
  if (result < 0) throw systemCallError(context, result);
  return result;
}
