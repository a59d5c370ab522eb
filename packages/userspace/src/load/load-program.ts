import { type ByteOrder, encodeInstructions, type Instruction, type ProgramSpec } from "@waggle/object";
import { Errno, errnoName } from "../errors/errno.js";
import { LoadError } from "../errors/errors.js";
import { check } from "../errors/system-call-failure.js";
import { bpfContext, tryBpf } from "../sys/bpf.js";
import { Descriptor } from "../sys/descriptor.js";
import { withLockedMemory } from "../sys/memlock.js";
import { NativeMemory, textMemory } from "../sys/memory.js";
import { BpfCommand, OBJECT_NAME_LENGTH, PseudoSource } from "../sys/uapi.js";
import { VerifierError, type VerifierLog, wantedLog } from "../verifier/verifier-error.js";
import { attachTargetId } from "./attach-target.js";
import { kernelName } from "./create-map.js";
import type { LoadedBtf } from "./load-btf.js";

const LOAD_SIZE = 112;
/** With what the program is for. */
const LOAD_SIZE_WITH_TARGET = 116;
const FIRST_LOG = 256 * 1024;
// Kernels before 5.2 take no larger log (UINT_MAX >> 8).
const LARGEST_LOG = 16 * 1024 * 1024 - 1;
/** `BPF_LOG_STATS`: the verdict and the statistics without the instructions. */
const LOG_STATISTICS = 4;
/** Characters that are kept of a log that no buffer holds. */
const LONGEST_CUT_LOG = 64 * 1024;
const SIGNAL_RETRIES = 5;

/** A program in the kernel, with the verifier's log when one was asked for. */
export interface LoadedCode {
  readonly descriptor: Descriptor;
  readonly log: string;
}

/**
 * The program's code with the addresses of maps and of places in their values filled in.
 *
 * @param mapFd descriptor of a map by name; undefined when there is none
 * @throws LoadError when a reference names no map, or points at something that is no 64-bit immediate load
 */
export function patchReferences(
  program: ProgramSpec,
  mapFd: (name: string) => number | undefined,
): Instruction[] {
  const code = [...program.instructions];
  for (const { instruction, map, valueOffset } of program.references) {
    const first = code[instruction];
    const second = code[instruction + 1];
    const fd = mapFd(map);
    if (first?.opcode !== 0x18 || second === undefined || fd === undefined) {
      throw new LoadError(
        "bad-reference",
        `instruction ${instruction} of program ${program.name} refers to map ${map}, ` +
          (fd === undefined ? "which the object does not have." : "but is not a 64-bit immediate load."),
      );
    }
    const src = valueOffset === null ? PseudoSource.MapFd : PseudoSource.MapValue;
    code[instruction] = { ...first, src, imm: fd };
    code[instruction + 1] = { ...second, imm: valueOffset ?? 0 };
  }
  return code;
}

/**
 * Loads a program (BPF_PROG_LOAD). When the verifier rejects it, loads it again with a log for the error.
 *
 * @throws VerifierError when the verifier rejects it
 * @throws SystemCallError when the kernel refuses it before that: no privilege, no such program type
 */
export function loadProgram(
  program: ProgramSpec,
  code: readonly Instruction[],
  options: {
    readonly license: string;
    readonly byteOrder: ByteOrder;
    readonly btf: LoadedBtf | null;
    readonly logLevel: 0 | 1 | 2;
    /** Whether an error shows the whole log; the environment decides when it is not given. */
    readonly verifierLog?: VerifierLog | undefined;
  },
): LoadedCode {
  const instructions = NativeMemory.from(encodeInstructions(code, options.byteOrder));
  const license = textMemory(options.license);
  const functions = options.btf?.functions.get(program.name);
  const lines = options.btf?.lines.get(program.name);
  const functionBytes = functions === undefined ? null : NativeMemory.from(functions.bytes);
  const lineBytes = lines === undefined ? null : NativeMemory.from(lines.bytes);

  const target = attachTargetId(program);

  const attempt = (level: number, log: NativeMemory | null): number => {
    const attribute = new NativeMemory(target === 0 ? LOAD_SIZE : LOAD_SIZE_WITH_TARGET);
    if (target !== 0) attribute.setU32(108, target);
    attribute.setU32(0, program.type.value);
    attribute.setU32(4, code.length);
    attribute.setPointer(8, instructions);
    attribute.setPointer(16, license);
    if (log !== null) {
      attribute.setU32(24, level);
      attribute.setU32(28, log.size);
      attribute.setPointer(32, log);
    }
    attribute.setU32(44, program.flags);
    attribute.setText(48, kernelName(program.name), OBJECT_NAME_LENGTH);
    attribute.setU32(68, program.expectedAttachType);
    if (options.btf !== null && functions !== undefined) {
      attribute.setU32(72, options.btf.descriptor.fd);
      attribute.setU32(76, functions.size);
      attribute.setPointer(80, functionBytes);
      attribute.setU32(88, functions.count);
      if (lines !== undefined) {
        attribute.setU32(92, lines.size);
        attribute.setPointer(96, lineBytes);
        attribute.setU32(104, lines.count);
      }
    }
    // The verifier gives way to a signal, and Node gets some (garbage collection, profilers).
    let fd = withLockedMemory(() => tryBpf(BpfCommand.ProgramLoad, attribute));
    for (let i = 0; i < SIGNAL_RETRIES && fd === -Errno.EAGAIN; i++)
      fd = tryBpf(BpfCommand.ProgramLoad, attribute);
    return fd;
  };

  const attemptWithLog = (level: number): { fd: number; log: string } => {
    for (let size = FIRST_LOG; ; size *= 4) {
      const log = new NativeMemory(Math.min(size, LARGEST_LOG));
      const fd = attempt(level, log);
      if (fd !== -Errno.ENOSPC || size >= LARGEST_LOG) return { fd, log: log.text() };
    }
  };

  let { fd, log } =
    options.logLevel === 0 ? { fd: attempt(0, null), log: "" } : attemptWithLog(options.logLevel);
  if (fd < 0 && options.logLevel === 0) {
    const failed = fd;
    ({ fd, log } = attemptWithLog(1));
    // A log that is too long for any buffer must not hide the reason for the failure: kernels before 6.4 keep its start,
    // so the reason is asked for alone (BPF_LOG_STATS, 5.2).
    if (fd === -Errno.ENOSPC) {
      const short = new NativeMemory(FIRST_LOG);
      attempt(LOG_STATISTICS, short);
      log = `${log.slice(0, LONGEST_CUT_LOG)}\n[…]\n${short.text()}`;
      fd = failed;
    }
  }
  if (fd < 0 && log.trim() !== "") {
    throw new VerifierError(program, errnoName(-fd), log, wantedLog(options.verifierLog));
  }
  check(
    fd,
    bpfContext(BpfCommand.ProgramLoad, `of program ${program.name}`, {
      chargesMemory: true,
      needs: [[`${program.kind.name} programs`, program.kind.since]],
      cures: {
        [Errno.E2BIG]: `It has ${code.length} instructions: more than this kernel takes from this user.`,
        ...(code.length === 0 && { [Errno.EINVAL]: "The program has no instructions." }),
      },
    }),
  );
  return { descriptor: new Descriptor(fd, `program ${program.name}`), log };
}
