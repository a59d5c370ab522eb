import { check } from "../errors/system-call-failure.js";
import { Descriptor } from "./descriptor.js";
import { fcntl } from "./system-calls.js";

/** `F_DUPFD_CLOEXEC` of linux/fcntl.h. */
const DUPLICATE_CLOSE_ON_EXEC = 1030;

/** A descriptor of one's own for what another stands for. */
export function dup(fd: number, what: string): Descriptor {
  return new Descriptor(check(fcntl(fd, DUPLICATE_CLOSE_ON_EXEC, 0), { call: `fcntl of ${what}` }), what);
}
