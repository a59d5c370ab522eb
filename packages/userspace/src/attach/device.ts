/** Programs of infrared receivers. */
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { callBpf, tryBpf } from "../sys/bpf.js";
import { dup } from "../sys/dup.js";
import { NativeMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";
import { withFile } from "./files.js";
import { type Link, makeLink } from "./link.js";
import type { ProgramHandle } from "./program-handle.js";

/** Where to attach a program of an infrared receiver. */
export interface LircAttachOptions {
  /** The receiver's device, e.g. "/dev/lirc0". */
  readonly device: string;
}

const ATTACH_SIZE = 16;

/** Attaches to an infrared receiver (BPF_PROG_ATTACH, Linux 4.18). */
export function attachLirc(program: ProgramHandle, options: Partial<LircAttachOptions> = {}): Link {
  const { device } = options;
  if (typeof device !== "string")
    throw new AttachError("bad-option", 'name a receiver: attach({ device: "/dev/lirc0" }).');
  return withFile(device, "receiver", "unknown-file", (fd) => {
    const request = (target: number): NativeMemory => {
      const attribute = new NativeMemory(ATTACH_SIZE);
      attribute.setU32(0, target);
      attribute.setU32(4, program.descriptor.fd);
      attribute.setU32(8, program.spec.expectedAttachType);
      return attribute;
    };
    callBpf(BpfCommand.ProgramAttach, request(fd), `of ${program.descriptor.what} on ${device}`, {
      cures: {
        [Errno.EINVAL]: "It is no infrared receiver, or one that gives codes and not pulses.",
        [Errno.E2BIG]: "The receiver has as many programs as it takes (64).",
        [Errno.EEXIST]: "The program is attached there already.",
      },
    });
    const kept = dup(fd, device);
    return makeLink({
      target: `receiver ${device}`,
      mechanism: "attach",
      descriptor: null,
      release: () => {
        if (!program.descriptor.closed) tryBpf(BpfCommand.ProgramDetach, request(kept.fd));
        kept.close();
      },
    });
  });
}
