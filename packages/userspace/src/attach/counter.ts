/** Programs on performance counters: they run at every sample (linux/perf_event.h). */
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { onlineCpus } from "../sys/cpus.js";
import { Perf } from "../sys/uapi.js";
import type { Link } from "./link.js";
import { attachToPerfEvent, joinLinks, openPerfEvent, type PerfEventMechanism } from "./perf-event.js";
import type { ProgramHandle } from "./program-handle.js";

/** Counters of the kernel; `PERF_COUNT_SW_*`. */
const software = {
  "cpu-clock": 0,
  "task-clock": 1,
  "page-faults": 2,
  "context-switches": 3,
  "cpu-migrations": 4,
  "minor-faults": 5,
  "major-faults": 6,
  "alignment-faults": 7,
  "emulation-faults": 8,
  "cgroup-switches": 11,
} as const;
/** Counters of the processor; `PERF_COUNT_HW_*`. */
const hardware = {
  cycles: 0,
  instructions: 1,
  "cache-references": 2,
  "cache-misses": 3,
  branches: 4,
  "branch-misses": 5,
  "bus-cycles": 6,
  "stalled-cycles-frontend": 7,
  "stalled-cycles-backend": 8,
  "ref-cycles": 9,
} as const;
/** `HW_BREAKPOINT_*` of linux/hw_breakpoint.h. */
const accesses = { read: 1, write: 2, "read-write": 3, execute: 4 } as const;

/** A counter by its name as `perf list` has it. */
export type CounterName = keyof typeof software | keyof typeof hardware;

/** Which counter, and how often. */
export interface PerfEventAttachOptions {
  /** A counter by name; a raw one of the processor by its number; or an address that is watched. */
  readonly event:
    | CounterName
    | { readonly raw: bigint }
    | { readonly address: bigint; readonly access: keyof typeof accesses; readonly length?: 1 | 2 | 4 | 8 };
  /** Samples in a second. */
  readonly frequency?: number;
  /** Events from one sample to the next, in place of a frequency; 1 when neither is given. */
  readonly period?: number;
  /** This process only; every one when not given. */
  readonly pid?: number;
  /** This CPU only; every one when not given. */
  readonly cpu?: number;
  /** A number that the program asks for with `getAttachCookie`; kernel 5.15. */
  readonly cookie?: bigint;
  /** "auto" when not given: a BPF link (Linux 5.15), else the perf event's own calls. */
  readonly mechanism?: PerfEventMechanism;
}

interface Counter {
  readonly title: string;
  readonly type: number;
  readonly config: bigint;
  readonly config1?: bigint;
  readonly config2?: bigint;
  readonly breakpoint?: number;
}

function counterOf(event: PerfEventAttachOptions["event"] | undefined): Counter {
  if (typeof event === "string") {
    for (const [type, table] of [
      [Perf.typeSoftware, software],
      [Perf.typeHardware, hardware],
    ] as const) {
      const config = Object.hasOwn(table, event) ? Reflect.get(table, event) : undefined;
      if (typeof config === "number") return { title: event, type, config: BigInt(config) };
    }
  }
  if (typeof event === "object" && event !== null && "raw" in event)
    return { title: `raw counter ${event.raw}`, type: Perf.typeRaw, config: event.raw };
  if (typeof event === "object" && event !== null && "address" in event)
    return {
      title: `breakpoint at 0x${event.address.toString(16)}`,
      type: Perf.typeBreakpoint,
      config: 0n,
      config1: event.address,
      config2: BigInt(event.length ?? (event.access === "execute" ? 8 : 4)),
      breakpoint: accesses[event.access],
    };
  const known = [...Object.keys(software), ...Object.keys(hardware)].join(", ");
  throw new AttachError(
    "bad-option",
    `name a counter: attach({ event: "cpu-clock", frequency: 99 }). There are: ${known}.`,
  );
}

/** Attaches to a counter on each CPU, or of a process. */
export function attachCounter(program: ProgramHandle, options: Partial<PerfEventAttachOptions> = {}): Link {
  const counter = counterOf(options.event);
  const { frequency, period, pid } = options;
  if (frequency !== undefined && period !== undefined)
    throw new AttachError("bad-option", "give a frequency or a period, not both.");
  const cpus = options.cpu !== undefined ? [options.cpu] : pid !== undefined ? [-1] : onlineCpus();
  const { title, ...request } = counter;
  const links: Link[] = [];
  try {
    for (const cpu of cpus) {
      const event = openPerfEvent(
        title,
        {
          ...request,
          samplePeriod: BigInt(frequency ?? period ?? 1),
          isFrequency: frequency !== undefined,
          pid: pid ?? -1,
          cpu,
        },
        {
          cures: {
            [Errno.ENOENT]:
              "This processor, or the machine that it is a guest of, does not have the counter: software counters are everywhere.",
            [Errno.EINVAL]:
              "The frequency is above /proc/sys/kernel/perf_event_max_sample_rate, or the counter takes no such options.",
            [Errno.ESRCH]: `There is no process ${pid}.`,
            [Errno.ENODEV]: `There is no CPU ${cpu}, or it is off.`,
          },
        },
      );
      links.push(attachToPerfEvent(program, event, options));
    }
  } catch (error) {
    for (const link of links) link.detach();
    throw error;
  }
  return joinLinks(title, links);
}
