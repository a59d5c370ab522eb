/** Programs of one socket, or of the group of sockets that share a port. */
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { check } from "../errors/system-call-failure.js";
import { dup } from "../sys/dup.js";
import { NativeMemory } from "../sys/memory.js";
import { setsockopt } from "../sys/system-calls.js";
import { SocketOption } from "../sys/uapi.js";
import { type Link, makeLink } from "./link.js";
import type { ProgramHandle } from "./program-handle.js";

/** Where to attach a program of a socket. */
export interface SocketAttachOptions {
  /** A socket of node:net or node:dgram that is open, or a descriptor of one, which stays the caller's. */
  readonly socket: object | number;
}

/** The descriptor of a socket of Node. @throws AttachError "bad-option" when it has none (yet) */
export function socketDescriptor(socket: unknown): number {
  if (typeof socket === "number") return socket;
  // Node tells no descriptors of its sockets, but its own cluster module needs them, and so they are there.
  const handle = typeof socket === "object" && socket !== null ? handleOf(socket) : null;
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  if (typeof fd === "number" && fd >= 0) return fd;
  throw new AttachError(
    "bad-option",
    "this is no open socket: pass one of node:net or node:dgram once it is bound or connected, or its descriptor.",
  );
}

function handleOf(socket: object): unknown {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === "state symbol",
  );
  // Those of node:dgram keep it in their state.
  if (symbol === undefined) return Reflect.get(socket, "_handle");
  const state: unknown = Reflect.get(socket, symbol);
  return typeof state === "object" && state !== null ? Reflect.get(state, "handle") : undefined;
}

function attachBy(
  program: ProgramHandle,
  socket: unknown,
  attach: number,
  detach: number,
  name: string,
): Link {
  const fd = socketDescriptor(socket);
  const value = new NativeMemory(4);
  value.setU32(0, program.descriptor.fd);
  const target = `socket ${fd}`;
  check(setsockopt(fd, SocketOption.level, attach, value, 4), {
    call: `setsockopt ${name} of ${program.descriptor.what} on ${target}`,
    cures: {
      [Errno.EBADF]: "The descriptor is closed.",
      [Errno.ENOTSOCK]: "The descriptor is no socket.",
      [Errno.EINVAL]:
        "The socket must be bound with SO_REUSEPORT first, or it is of another kind than the program's.",
    },
  });
  // The socket keeps its program: detaching needs it, and its owner may close it before.
  const kept = dup(fd, target);
  return makeLink({
    target,
    mechanism: "socket",
    descriptor: null,
    release: () => {
      setsockopt(kept.fd, SocketOption.level, detach, value, 4);
      kept.close();
    },
  });
}

/** Attaches a socket filter (SO_ATTACH_BPF, Linux 3.19). */
export const attachSocketFilter = (
  program: ProgramHandle,
  options: Partial<SocketAttachOptions> = {},
): Link =>
  attachBy(program, options.socket, SocketOption.attachBpf, SocketOption.detachFilter, "SO_ATTACH_BPF");

/** Attaches what chooses among sockets that share a port, to the group of one of them (SO_ATTACH_REUSEPORT_EBPF, Linux 4.5). */
export const attachReuseport = (program: ProgramHandle, options: Partial<SocketAttachOptions> = {}): Link =>
  attachBy(
    program,
    options.socket,
    SocketOption.attachReuseport,
    SocketOption.detachReuseport,
    "SO_ATTACH_REUSEPORT_EBPF",
  );
