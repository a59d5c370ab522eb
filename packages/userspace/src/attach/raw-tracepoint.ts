/** Raw tracepoints, and all programs whose place was chosen when they were loaded: BPF_RAW_TRACEPOINT_OPEN (Linux 4.17). */
import { nearest } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { callBpf, tryBpf } from "../sys/bpf.js";
import { NativeMemory, textMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";
import { linkOf } from "./bpf-link.js";
import type { Link } from "./link.js";
import type { ProgramHandle } from "./program-handle.js";
import { rawTracepointNames } from "./tracepoint.js";

/** Where to attach a raw tracepoint program; by default where its decorator says. */
export interface RawTracepointAttachOptions {
  /** The tracepoint's name without its category, e.g. "sched_switch". */
  readonly name?: string;
}

const OPEN_SIZE = 16;

function request(program: ProgramHandle, name: string | null): NativeMemory {
  const attribute = new NativeMemory(OPEN_SIZE);
  if (name !== null) attribute.setPointer(0, textMemory(name));
  attribute.setU32(8, program.descriptor.fd);
  return attribute;
}

/** Attaches to a raw tracepoint. */
export function attachRawTracepoint(program: ProgramHandle, options: RawTracepointAttachOptions = {}): Link {
  const name = options.name ?? program.spec.attachTarget;
  if (name === null || name === "")
    throw new AttachError(
      "unknown-tracepoint",
      `program ${program.spec.name} names no tracepoint: pass { name } to attach.`,
    );
  const attribute = request(program, name);
  const fd = tryBpf(BpfCommand.RawTracepointOpen, attribute);
  const target = `raw tracepoint ${name}`;
  if (fd === -Errno.ENOENT) {
    const close = nearest(name, rawTracepointNames());
    throw new AttachError(
      "unknown-tracepoint",
      `there is no raw tracepoint ${name} in this kernel.${close === null ? "" : ` Did you mean ${close}?`}`,
    );
  }
  if (fd < 0) {
    callBpf(BpfCommand.RawTracepointOpen, attribute, `of ${program.descriptor.what} on ${target}`, {
      cures: {
        [Errno.EINVAL]: `The program reads arguments that ${target} does not have, or is of another type.`,
      },
    });
  }
  return linkOf(program, target, fd);
}

/** Attaches a program to the function, hook or tracepoint that it was loaded for. */
export function attachToTarget(program: ProgramHandle): Link {
  const { kind, attachTarget } = program.spec;
  const target = `${kind.name} ${attachTarget ?? ""}`.trim();
  const attribute = request(program, null);
  const fd = callBpf(BpfCommand.RawTracepointOpen, attribute, `of ${program.descriptor.what} on ${target}`, {
    needs: [[`${kind.name} programs`, kind.since]],
    cures: {
      [Errno.EBUSY]: `Something else has its hands on ${attachTarget}: a live patch, or ftrace.`,
      [Errno.ENOTSUPP]: "This kernel makes no trampolines on this processor: kprobes do without.",
      [Errno.EPERM]:
        "This kernel lets nobody attach there (a locked-down kernel, or one without trampolines), or CAP_PERFMON is missing.",
    },
  });
  return linkOf(program, target, fd);
}
