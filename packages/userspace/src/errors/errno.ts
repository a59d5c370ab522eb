import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";

// ENOTSUPP is the kernel's own (include/linux/errno.h). It is not meant to reach user space, but BPF returns it.
const kernelOnly: readonly (readonly [number, string, string])[] = [
  [524, "ENOTSUPP", "operation not supported by the kernel"],
];

const names = new Map<number, string>(Object.entries(constants.errno).map(([name, value]) => [value, name]));
for (const [value, name] of kernelOnly) names.set(value, name);
// Two names share a number on Linux; these are the ones the man pages use.
names.set(constants.errno.EAGAIN, "EAGAIN");
names.set(constants.errno.EOPNOTSUPP, "EOPNOTSUPP");

const descriptions = new Map<number, string>(kernelOnly.map(([value, , text]) => [value, text]));

/** Numbers of the errnos that this package tells apart (asm-generic/errno.h; the same on every supported processor). */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  ERANGE: 34,
  ENOSYS: 38,
  EILSEQ: 84,
  ENOTSOCK: 88,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRNOTAVAIL: 99,
  ENOTSUPP: 524,
} as const;

/** Name of an errno, e.g. `EPERM` for 1; `errno 999` when it has none. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

/** An errno in words. */
export function errnoDescription(errno: number): string {
  return descriptions.get(errno) ?? getSystemErrorMap().get(-errno)?.[1] ?? "no description";
}
