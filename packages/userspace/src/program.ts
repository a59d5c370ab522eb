import type { ProgramSpec } from "@waggle/object";
import type { Link } from "./attach/link.js";
import { attachTracepoint, type TracepointMechanism } from "./attach/tracepoint.js";
import { attachXdp, type XdpMechanism, type XdpMode } from "./attach/xdp.js";
import { Errno } from "./errors/errno.js";
import { AttachError, LoadError } from "./errors/errors.js";
import { check } from "./errors/system-call-failure.js";
import { bpfContext, tryBpf } from "./sys/bpf.js";
import type { Descriptor } from "./sys/descriptor.js";
import { NativeMemory } from "./sys/memory.js";
import { BpfCommand } from "./sys/uapi.js";

/** Input of a test run. */
export interface TestRunOptions {
  /** A packet, for network programs: at least 14 bytes, an Ethernet header. */
  readonly data?: Uint8Array;
  /** The program's context struct, for the program types that take one. */
  readonly context?: Uint8Array;
  /** How often it runs; 1 when not given. */
  readonly repeat?: number;
}

/** What a test run gave. */
export interface TestRunResult {
  /** The program's return value, as u32. */
  readonly result: number;
  /** The packet as the program left it. */
  readonly data: Uint8Array;
  /** Time of one run in nanoseconds, an average over `repeat`. */
  readonly durationNs: number;
}

/** A program in the kernel. It runs while it is attached somewhere; it is unloaded with the app. */
export interface Program {
  readonly name: string;
  /** Waggle's name of the program type, e.g. "xdp". */
  readonly kind: string;
  /** The verifier's log, when `logLevel` asked for one; else "". */
  readonly log: string;
  /**
   * Runs it once or more in the kernel without attaching it (BPF_PROG_TEST_RUN, Linux 4.12).
   *
   * @throws NotSupportedError for program types that cannot: tracepoints are among them
   */
  testRun(options?: TestRunOptions): TestRunResult;
}

/** Where to attach an XDP program. */
export interface XdpAttachOptions {
  /** Name or index of the network interface. */
  readonly interface: string | number;
  /** "auto" when not given. */
  readonly mode?: XdpMode;
  /** "auto" when not given: a BPF link (Linux 5.9), else netlink. */
  readonly mechanism?: XdpMechanism;
}

export interface XdpProgram extends Program {
  readonly kind: "xdp";
  /** Attaches it to a network interface. The link ends with `detach`, and with the app. */
  attach(options: XdpAttachOptions): Link;
}

/** Where to attach a tracepoint program; by default where its decorator says. */
export interface TracepointAttachOptions {
  readonly category?: string;
  readonly name?: string;
  /** "auto" when not given: a BPF link (Linux 5.15), else the perf event's own calls. */
  readonly mechanism?: TracepointMechanism;
}

export interface TracepointProgram extends Program {
  readonly kind: "tracepoint";
  /** Attaches it to a tracepoint. The link ends with `detach`, and with the app. */
  attach(options?: TracepointAttachOptions): Link;
}

/** A program of a type that cannot be attached yet: it loads, and can be test-run where its type allows. */
export interface OtherProgram extends Program {
  /** @throws AttachError "unsupported-attach" */
  attach(): never;
}

/** The program that a kind makes. */
export type ProgramOf<Kind> = Kind extends "xdp"
  ? XdpProgram
  : Kind extends "tracepoint"
    ? TracepointProgram
    : OtherProgram;

/** Any of them, as untyped objects have it. */
export type AnyProgram = XdpProgram | TracepointProgram;

const TEST_SIZE = 80;
const OUTPUT_ROOM = 512;
/** The kernel counts in a u32, and a run blocks Node until it ends. */
const mostRepeats = 1_000_000_000;

function testRun(descriptor: Descriptor, kind: string, options: TestRunOptions = {}): TestRunResult {
  const { repeat } = options;
  if (repeat !== undefined && !(Number.isInteger(repeat) && repeat >= 0 && repeat <= mostRepeats))
    throw new LoadError(
      "bad-option",
      `repeat is ${String(repeat)}: it must be a whole number from 0 to ${mostRepeats}.`,
    );
  const input = options.data === undefined ? null : NativeMemory.from(options.data);
  const context = options.context === undefined ? null : NativeMemory.from(options.context);
  for (let room = (input?.size ?? 0) + OUTPUT_ROOM; ; ) {
    // XDP programs may have grown the packet; program types without packets refuse any output.
    const output = input === null ? null : new NativeMemory(room);
    const attribute = new NativeMemory(TEST_SIZE);
    attribute.setU32(0, descriptor.fd);
    attribute.setU32(8, input?.size ?? 0);
    attribute.setU32(12, output?.size ?? 0);
    attribute.setPointer(16, input);
    attribute.setPointer(24, output);
    attribute.setU32(32, options.repeat ?? (input === null ? 0 : 1));
    attribute.setU32(40, context?.size ?? 0);
    attribute.setPointer(48, context);
    const result = tryBpf(BpfCommand.ProgramTestRun, attribute);
    const produced = attribute.u32(12);
    if (result === -Errno.EINTR || result === -Errno.EAGAIN) continue;
    if (result === -Errno.ENOSPC && produced > room) {
      room = produced;
      continue;
    }
    const cures = {
      [Errno.ENOTSUPP]: `The kernel cannot test-run ${kind} programs: attach it instead.`,
      [Errno.ENOMEM]: `A packet must fit a page; this one has ${input?.size ?? 0}.`,
      [Errno.EINVAL]:
        input === null
          ? `Programs of type ${kind} may need a packet: pass data.`
          : `A packet must have at least 14 bytes and fit a page; this one has ${input.size}.`,
    };
    check(result, bpfContext(BpfCommand.ProgramTestRun, `of ${descriptor.what}`, { cures }));
    return {
      result: attribute.u32(4),
      data: output === null ? new Uint8Array() : output.bytes.slice(0, produced),
      durationNs: attribute.u32(36),
    };
  }
}

function defaultTracepoint(spec: ProgramSpec): { category: string; name: string } {
  const [category = "", name = ""] = (spec.attachTarget ?? "").split("/");
  return { category, name };
}

/**
 * Makes the user's side of a loaded program.
 *
 * @param keep is given each link, so that the app detaches it
 */
export function makeProgram(
  spec: ProgramSpec,
  descriptor: Descriptor,
  log: string,
  keep: (link: Link) => Link,
): Program {
  const program = makeKind(spec, descriptor, log, keep);
  descriptors.set(program, descriptor);
  return program;
}

/** What the programs of this process are to the kernel. */
const descriptors = new WeakMap<object, Descriptor>();

/** A program's descriptor; null for what is none. */
export const descriptorOf = (program: object): Descriptor | null => descriptors.get(program) ?? null;

function makeKind(
  spec: ProgramSpec,
  descriptor: Descriptor,
  log: string,
  keep: (link: Link) => Link,
): Program {
  const base = {
    name: spec.name,
    log,
    testRun: (options?: TestRunOptions) => testRun(descriptor, spec.type.name, options),
  };
  const makers: Readonly<Record<string, () => Program>> = {
    xdp: (): XdpProgram => ({
      ...base,
      kind: "xdp",
      attach: (options: Partial<XdpAttachOptions> = {}) => {
        // Programs in plain JavaScript come here without what the types demand.
        const target = options.interface;
        if (typeof target !== "string" && typeof target !== "number")
          throw new AttachError("bad-option", 'name an interface: attach({ interface: "eth0" }).');
        return keep(attachXdp(descriptor, target, options.mode, options.mechanism));
      },
    }),
    tracepoint: (): TracepointProgram => ({
      ...base,
      kind: "tracepoint",
      attach: (options = {}) => {
        const from = defaultTracepoint(spec);
        const point = { category: options.category ?? from.category, name: options.name ?? from.name };
        if (point.category === "" || point.name === "") {
          throw new AttachError(
            "unknown-tracepoint",
            `program ${spec.name} names no tracepoint: pass { category, name } to attach.`,
          );
        }
        return keep(attachTracepoint(descriptor, point, options.mechanism));
      },
    }),
  };
  const other = (): OtherProgram => ({
    ...base,
    kind: spec.type.name,
    attach: () => {
      throw new AttachError(
        "unsupported-attach",
        `programs of type ${spec.type.name} cannot be attached yet: xdp and tracepoint can.`,
      );
    },
  });
  return (makers[spec.type.name] ?? other)();
}
