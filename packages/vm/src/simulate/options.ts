import {
  type KernelFactKind,
  type KernelFactType,
  LOG_LEVEL,
  logLevels,
  nearest,
  type ObjectSpec,
  withConfig,
  withKernelFacts,
} from "@waggle/object";
import { VmError } from "../errors.js";
import type { Task } from "../helpers/call.js";
import { isSimulated } from "../helpers/kernel-functions.js";
import { defaultMost } from "../machine/machine.js";
import type { SimulatedKernel } from "./kernel-types.js";
import type { CommonOptions, UntypedSimulateOptions } from "./types.js";

const defaultTask: Task = {
  pid: 1000,
  tgid: 1000,
  uid: 1000,
  gid: 1000,
  comm: "waggle",
  address: 0xffff_8880_0010_0000n,
  cgroupId: 1n,
  kernel: {},
};

/** A task with some of it changed. A process that is given alone is its first thread, and the other way round. */
export function taskOf(base: Task = defaultTask, changes: Partial<Task> = {}): Task {
  const pid = changes.pid ?? changes.tgid ?? base.pid;
  return { ...base, ...changes, pid, tgid: changes.tgid ?? changes.pid ?? base.tgid };
}

/** The clock that options ask for. */
export function clockOf({ clock }: CommonOptions): () => bigint {
  if (typeof clock === "function") return clock;
  if (clock !== undefined) return () => clock;
  let now = 1_000_000_000n;
  return () => {
    const read = now;
    now += 1000n;
    return read;
  };
}

/** The random numbers that options ask for; by default Marsaglia's xorshift32 from a fixed seed. */
export function randomOf({ random }: CommonOptions): () => number {
  if (random !== undefined) return random;
  let state = 0x9e37_79b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** How many CPUs options ask for. Throws a `VmError` for a number that is not 1 to 1024. */
export function cpusOf({ cpus = 1 }: CommonOptions): number {
  if (Number.isInteger(cpus) && cpus >= 1 && cpus <= 1024) return cpus;
  throw new VmError("bad-option", `cpus is ${cpus}`, "give a whole number from 1 to 1024");
}

/** How many instructions options allow a run. Throws a `VmError` for what is no number of at least 1. */
export function maxInstructionsOf({ maxInstructions = defaultMost }: CommonOptions): number {
  if (maxInstructions >= 1) return maxInstructions;
  throw new VmError("bad-option", `maxInstructions is ${maxInstructions}`, "give a whole number from 1 on");
}

function levelNumber(level: CommonOptions["log"] = "info"): number {
  if (level === "off") return 255;
  const found = logLevels.indexOf(level);
  if (found >= 0) return found;
  throw new VmError(
    "bad-option",
    `there is no log level ${String(level)}`,
    `it is one of ${logLevels.join(", ")}, off`,
  );
}

/** The object with config values and sizes of maps set. Throws for names that it does not have. */
export function configured(spec: ObjectSpec, options: UntypedSimulateOptions): ObjectSpec {
  const sizes = options.maps ?? {};
  const names = spec.maps.map((map) => map.name);
  for (const [name, size] of Object.entries(sizes)) {
    if (!names.includes(name)) {
      const near = nearest(name, names);
      throw new VmError(
        "bad-option",
        `maps: the object has no map ${name}`,
        near === null ? `its maps are ${names.join(", ") || "none"}` : `did you mean ${near}?`,
      );
    }
    const entries = size?.maxEntries ?? 1;
    if (!Number.isInteger(entries) || entries < 1 || entries > 0xffff_ffff) {
      throw new VmError(
        "bad-option",
        `maps: maxEntries of ${name} is ${entries}`,
        "give a whole number from 1 to 4294967295",
      );
    }
  }
  const resized = {
    ...spec,
    maps: spec.maps.map((map) => ({ ...map, maxEntries: sizes[map.name]?.maxEntries ?? map.maxEntries })),
  };
  const level = levelNumber(options.log);
  const config = spec.logs === undefined ? options.config : { ...options.config, [LOG_LEVEL]: level };
  const complete = withKernelFacts(resized, (kind, about, type) =>
    kernelFact(options.kernel, kind, about, type),
  );
  return config === undefined ? complete : withConfig(complete, config);
}

const nothing = { boolean: false, number: 0, bigint: 0n, text: "" } as const;

/** What the simulated kernel has: functions that are simulated, options that the test names, and no symbols. */
function kernelFact(
  kernel: SimulatedKernel | undefined,
  kind: KernelFactKind,
  about: string,
  type: KernelFactType,
): boolean | number | bigint | string {
  if (kind === "kfunc") return isSimulated(about);
  const given = kind === "kconfig" ? kernel?.config?.[about] : undefined;
  if (given === undefined) return nothing[type];
  if (type === "bigint" && typeof given === "number") return BigInt(given);
  return given;
}
