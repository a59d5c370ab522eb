/** Programs of a map of sockets: they run for each socket in it. */
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { callBpf, tryBpf } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";
import { type Link, makeLink } from "./link.js";
import type { ProgramHandle } from "./program-handle.js";

/** Where to attach a program of a socket map. */
export interface SocketMapAttachOptions {
  /** A socket map or socket hash of an app: `app.maps.sockets`. */
  readonly map: object;
}

const ATTACH_SIZE = 16;

/** Attaches to a socket map (BPF_PROG_ATTACH, Linux 4.14). */
export function attachSocketMap(program: ProgramHandle, options: Partial<SocketMapAttachOptions> = {}): Link {
  const { map } = options;
  const held: unknown = map === undefined ? undefined : Reflect.get(map, "descriptor");
  if (map === undefined || !isDescriptor(held))
    throw new AttachError("bad-option", "name a socket map: attach({ map: app.maps.sockets }).");
  const request = (): NativeMemory => {
    const attribute = new NativeMemory(ATTACH_SIZE);
    attribute.setU32(0, held.fd);
    attribute.setU32(4, program.descriptor.fd);
    attribute.setU32(8, program.spec.expectedAttachType);
    return attribute;
  };
  const purpose = `of ${program.descriptor.what} on ${held.what}`;
  callBpf(BpfCommand.ProgramAttach, request(), purpose, {
    cures: {
      [Errno.EOPNOTSUPP]: "It is no socket map, or it has such a program: it takes one of each kind.",
      [Errno.EINVAL]: "It is no socket map.",
      [Errno.EBUSY]: "The map has a verdict program of the other kind.",
    },
  });
  return makeLink({
    target: held.what,
    mechanism: "attach",
    descriptor: null,
    release: () => {
      if (!held.closed && !program.descriptor.closed) tryBpf(BpfCommand.ProgramDetach, request());
    },
  });
}

const isDescriptor = (value: unknown): value is Descriptor =>
  typeof value === "object" && value !== null && "fd" in value && "what" in value && "closed" in value;
