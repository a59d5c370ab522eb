import type { ProgramSpec } from "@waggle/object";
import { type AttachableKind, type AttachByKind, attachProgram } from "./attach/kinds.js";
import type { Link } from "./attach/link.js";
import { rememberProgram } from "./attach/program-handle.js";
import { Errno } from "./errors/errno.js";
import { LoadError } from "./errors/errors.js";
import { check } from "./errors/system-call-failure.js";
import type { PinOptions } from "./pin/bpf-file-system.js";
import { pinAt } from "./pin/pin.js";
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
  /** The context struct as the program left it; empty when none was given. */
  readonly context: Uint8Array;
  /** Time of one run in nanoseconds, an average over `repeat`. */
  readonly durationNs: number;
}

/** A program in the kernel. It runs while it is attached somewhere; it is unloaded with the app. */
export interface Program {
  readonly name: string;
  /** What kind of program it is, e.g. "xdp", "fentry". */
  readonly kind: string;
  /** The verifier's log, when `logLevel` asked for one; else "". */
  readonly log: string;
  /**
   * Runs it once or more in the kernel without attaching it (BPF_PROG_TEST_RUN, Linux 4.12).
   *
   * @throws NotSupportedError for program types that cannot: tracepoints are among them
   */
  testRun(options?: TestRunOptions): TestRunResult;
  /**
   * Gives it a path on a BPF file system (`/sys/fs/bpf/…`), by which other tools find it. It is then not unloaded with the app, until
   * that file is removed. Folders that are missing are created there, and the file system is mounted at `/sys/fs/bpf` when it is not.
   * Kernel 4.4.
   *
   * @throws PinError when the path is not on a BPF file system; SystemCallError when there is something at the path
   */
  pin(path: string, options?: PinOptions): void;
}

/** A program of a kind that is attached somewhere. */
export interface AttachableProgram<Kind extends AttachableKind> extends Program {
  readonly kind: Kind;
  /**
   * Attaches it. The link ends with `detach`, and with the app.
   *
   * @throws AttachError for a place that is not there, SystemCallError when the kernel refuses
   */
  readonly attach: AttachByKind[Kind];
}

/** A program of a kind that is not attached like others: it loads, and can be test-run where its type allows. */
export interface OtherProgram extends Program {
  /** @throws AttachError "unsupported-attach" */
  attach(): never;
}

/** The program that a kind makes. */
export type ProgramOf<Kind> = Kind extends AttachableKind ? AttachableProgram<Kind> : OtherProgram;

/** Any of them, as untyped objects have it: `kind` tells which. */
export type AnyProgram = { [Kind in AttachableKind]: AttachableProgram<Kind> }[AttachableKind];

export type XdpProgram = AttachableProgram<"xdp">;
export type TracepointProgram = AttachableProgram<"tracepoint">;

const TEST_SIZE = 80;
const OUTPUT_ROOM = 512;
/** The kernel counts in a u32, and a run blocks Node until it ends. */
const mostRepeats = 1_000_000_000;

function testRun(descriptor: Descriptor, kind: string, options: TestRunOptions = {}): TestRunResult {
  // Each option is read once: reading one may run code of the caller's.
  const { data, context: given, repeat } = options;
  if (repeat !== undefined && !(Number.isInteger(repeat) && repeat >= 0 && repeat <= mostRepeats))
    throw new LoadError(
      "bad-option",
      `repeat is ${String(repeat)}: it must be a whole number from 0 to ${mostRepeats}.`,
    );
  const input = data === undefined ? null : NativeMemory.from(data);
  const context = given === undefined ? null : NativeMemory.from(given);
  // A syscall program's context is written back to where it came from, and nothing else may be asked for.
  const after = kind === "syscall" || context === null ? context : new NativeMemory(context.size);
  for (let room = (input?.size ?? 0) + OUTPUT_ROOM; ; ) {
    // XDP programs may have grown the packet; program types without packets refuse any output.
    const output = input === null ? null : new NativeMemory(room);
    const attribute = new NativeMemory(TEST_SIZE);
    attribute.setU32(0, descriptor.fd);
    attribute.setU32(8, input?.size ?? 0);
    attribute.setU32(12, output?.size ?? 0);
    attribute.setPointer(16, input);
    attribute.setPointer(24, output);
    attribute.setU32(32, repeat ?? (input === null ? 0 : 1));
    attribute.setU32(40, context?.size ?? 0);
    attribute.setPointer(48, context);
    if (after !== context) {
      attribute.setU32(44, after?.size ?? 0);
      attribute.setPointer(56, after);
    }
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
      context: after === null ? new Uint8Array() : after.bytes.slice(0, after.size),
      durationNs: attribute.u32(36),
    };
  }
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
  const program = {
    name: spec.name,
    kind: spec.kind.name,
    log,
    testRun: (options?: TestRunOptions) => testRun(descriptor, spec.type.name, options),
    pin: (path: string, options?: PinOptions) => pinAt(descriptor, path, options),
    attach: (options?: unknown) => keep(attachProgram({ spec, descriptor }, options)),
  };
  rememberProgram(program, descriptor);
  return program;
}
