/** Probes: on functions of the kernel and of programs, through performance events. */
import { readFileSync } from "node:fs";
import { nearest } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import type { CallContext } from "../errors/system-call-failure.js";
import { thisMachine } from "../sys/machine.js";
import { textMemory } from "../sys/memory.js";
import type { Link } from "./link.js";
import { attachToPerfEvent, openPerfEvent, type PerfEventMechanism } from "./perf-event.js";
import type { ProgramHandle } from "./program-handle.js";
import { withTracefs } from "./tracefs.js";
import { type FunctionPlace, placeInFile } from "./user-functions.js";

/** Where to attach a probe of the kernel; by default where its decorator says. */
export interface KprobeAttachOptions {
  /** A function of the kernel, or `function+offset`. */
  readonly function?: string;
  /** A number that the program asks for with `getAttachCookie`; kernel 5.15. */
  readonly cookie?: bigint;
  /** "auto" when not given: a BPF link (Linux 5.15), else the perf event's own calls. */
  readonly mechanism?: PerfEventMechanism;
}

/** Where to attach a probe of a program; by default where its decorator says. */
export interface UprobeAttachOptions {
  /** The program or library: a path, or a library's name as the dynamic linker finds it, e.g. "libc.so.6". */
  readonly path?: string;
  /** A function of it, or `function+offset`. */
  readonly function?: string;
  /** In place of a function: where in the file, in bytes. */
  readonly offset?: number;
  /** This process only; every one when not given. */
  readonly pid?: number;
  /** A number that the program asks for with `getAttachCookie`; kernel 5.15. */
  readonly cookie?: bigint;
  /** "auto" when not given: a BPF link (Linux 5.15), else the perf event's own calls. */
  readonly mechanism?: PerfEventMechanism;
}

const SOURCES = "/sys/bus/event_source/devices";

/** The number of an event source, and which bit of its configuration asks for returns. */
function eventSource(name: "kprobe" | "uprobe"): { readonly type: number; readonly returns: bigint } {
  try {
    const type = Number(readFileSync(`${SOURCES}/${name}/type`, "utf8"));
    const format = readFileSync(`${SOURCES}/${name}/format/retprobe`, "utf8");
    return { type, returns: 1n << BigInt(/config:(\d+)/.exec(format)?.[1] ?? 0) };
  } catch {
    const option = name === "kprobe" ? "CONFIG_KPROBE_EVENTS" : "CONFIG_UPROBE_EVENTS";
    throw new AttachError(
      "unsupported-attach",
      `this kernel has no ${name}s (${SOURCES}/${name} is not there): it is built without ${option}.`,
    );
  }
}

/** `do_sys+0x10` as its parts. */
function split(text: string): { readonly name: string; readonly offset: number } {
  const found = /^(?<name>.+?)\+(?<offset>0x[0-9a-f]+|\d+)$/i.exec(text)?.groups;
  return { name: found?.name ?? text, offset: Number(found?.offset ?? 0) };
}

/** The names of functions that can be probed; none where the kernel does not tell. */
export function probeNames(): readonly string[] {
  try {
    return withTracefs((path) => readFileSync(`${path}/available_filter_functions`, "utf8"))
      .split("\n")
      .flatMap((line) => (/^[\w.]+/.exec(line) ?? []) as string[]);
  } catch {
    return [];
  }
}

/** Attaches a kprobe or kretprobe. */
export function attachKprobe(program: ProgramHandle, options: KprobeAttachOptions = {}): Link {
  const { spec } = program;
  const given = options.function ?? spec.attachTarget ?? "";
  if (given === "")
    throw new AttachError(
      "unknown-function",
      `program ${spec.name} names no function: attach({ function: "do_unlinkat" }).`,
    );
  const { name, offset } = split(given);
  const isReturn = spec.kind.name === "kretprobe" || spec.kind.name === "kretsyscall";
  if (isReturn && offset !== 0)
    throw new AttachError("bad-option", `${given}: a return is of a whole function, without an offset.`);
  const source = eventSource("kprobe");
  const title = `${isReturn ? "kretprobe" : "kprobe"} ${given}`;
  const unknown = (): string => {
    const close = nearest(name, probeNames());
    return `There is no function ${name} in this kernel that can be probed.${close === null ? "" : ` Did you mean ${close}?`}`;
  };
  const event = openEvent(title, unknown, (cures) =>
    openPerfEvent(
      title,
      {
        type: source.type,
        config: isReturn ? source.returns : 0n,
        config1: textMemory(name),
        config2: BigInt(offset),
      },
      { cures },
    ),
  );
  return attachToPerfEvent(program, event, options);
}

/** The kernel says ENOENT, or EADDRNOTAVAIL, of a function that it does not have. */
function openEvent<T>(
  title: string,
  unknown: () => string,
  open: (cures: NonNullable<CallContext["cures"]>) => T,
): T {
  try {
    return open({
      [Errno.EINVAL]: `The kernel does not let ${title} be placed: at an instruction's start, and not in code that probes use.`,
      [Errno.EILSEQ]: `No instruction begins there.`,
      [Errno.EBUSY]: "A probe is there already that cannot be shared.",
    });
  } catch (error) {
    const missing: readonly number[] = [Errno.ENOENT, Errno.EADDRNOTAVAIL];
    if (error instanceof Error && "errnoNumber" in error && missing.includes(Number(error.errnoNumber)))
      throw new AttachError("unknown-function", unknown());
    throw error;
  }
}

/** What the kernel calls its functions for system calls. */
const systemCallPrefixes: Readonly<Record<string, string>> = { x64: "__x64_sys_", arm64: "__arm64_sys_" };

/** Attaches to a system call. */
export function attachSystemCall(program: ProgramHandle, options: KprobeAttachOptions = {}): Link {
  const prefix = systemCallPrefixes[process.arch];
  const call = options.function ?? program.spec.attachTarget ?? "";
  if (prefix === undefined || call === "")
    throw new AttachError(
      "unsupported-attach",
      prefix === undefined
        ? `what ${process.arch} calls its system calls is not known.`
        : `program ${program.spec.name} names no system call: attach({ function: "openat" }).`,
    );
  return attachKprobe(program, { ...options, function: `${prefix}${call}` });
}

/** The program and function of `/bin/sh:main`, changed by options. */
export function uprobePlace(program: ProgramHandle, options: UprobeAttachOptions): FunctionPlace {
  const target = program.spec.attachTarget ?? "";
  const colon = target.lastIndexOf(":");
  const [defaultPath, defaultFunction] =
    colon < 0 ? [target, ""] : [target.slice(0, colon), target.slice(colon + 1)];
  const path = options.path ?? defaultPath;
  const given = options.function ?? (options.offset === undefined ? defaultFunction : "");
  if (path === "" || (given === "" && options.offset === undefined))
    throw new AttachError(
      "unknown-function",
      `program ${program.spec.name} names no function: attach({ path: "/bin/bash", function: "readline" }).`,
    );
  const { name, offset } = given === "" ? { name: null, offset: 0 } : split(given);
  return placeInFile(path, name, offset + (options.offset ?? 0), options.pid);
}

/** Attaches a uprobe or uretprobe. */
export function attachUprobe(program: ProgramHandle, options: UprobeAttachOptions = {}): Link {
  const place = uprobePlace(program, options);
  const isReturn = program.spec.kind.name === "uretprobe";
  const source = eventSource("uprobe");
  const title = `${isReturn ? "uretprobe" : "uprobe"} ${place.title}`;
  const event = openPerfEvent(
    title,
    {
      type: source.type,
      config: isReturn ? source.returns : 0n,
      config1: textMemory(place.path),
      config2: BigInt(place.offset),
      ...(options.pid !== undefined && { pid: options.pid, cpu: -1 }),
    },
    {
      cures: {
        [Errno.EINVAL]: `The kernel does not let a probe be placed there on ${thisMachine().release}.`,
        [Errno.ESRCH]: `There is no process ${options.pid}.`,
      },
    },
  );
  return attachToPerfEvent(program, event, options);
}
