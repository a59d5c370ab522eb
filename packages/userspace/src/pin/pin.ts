import { dirname } from "node:path";
import { Errno } from "../errors/errno.js";
import { callBpf } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory, textMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";
import { type PinOptions, preparePinFolder } from "./bpf-file-system.js";

const PIN_SIZE = 16;

/**
 * Gives the object of a descriptor a path on a BPF file system (BPF_OBJ_PIN, Linux 4.4).
 *
 * @throws PinError when the path is not on a BPF file system; SystemCallError when there is something at the path
 */
export function pinAt(descriptor: Descriptor, path: string, options?: PinOptions): void {
  preparePinFolder(dirname(path), options);
  const attribute = new NativeMemory(PIN_SIZE);
  attribute.setPointer(0, textMemory(path));
  attribute.setU32(8, descriptor.fd);
  callBpf(BpfCommand.ObjectPin, attribute, `of ${descriptor.what} at ${path}`, {
    cures: { [Errno.EEXIST]: "There is a file at the path: remove it, or choose another." },
  });
}
