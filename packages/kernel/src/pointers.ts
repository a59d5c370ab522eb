/** References to scalars, and addresses that kernel code may not follow itself. */
import type { be16, be32, be64 } from "./big-endian.js";
import type { u64 } from "./integers.js";
import { kernelOnly } from "./kernel-only.js";
import type { POINTEE, POINTER, REF } from "./symbols.js";

/** A reference to a number, boolean or address in memory. Structs need none: a variable of struct type is a reference. */
export interface Ref<T> {
  /** The memory's content: reading loads, assigning stores. */
  value: T;
  readonly [REF]?: T;
}

/** What memory that holds a `T` is seen as: the struct itself, or a `Ref` to a scalar. */
export type Pointee<T> = [T] extends [
  number | bigint | boolean | be16 | be32 | be64 | UserAddress | KernelAddress,
]
  ? Ref<T>
  : T;

/** An address in the memory of the current process. */
export interface UserAddress {
  readonly [POINTER]: "user";
}

/** An address in the kernel's memory. It differs in type from a user's, because it is read in another way. */
export interface KernelAddress {
  readonly [POINTER]: "kernel";
}

/**
 * The address of a `T` in the memory of the current process, opaque without one. It is not followed by itself: read it
 * with `probeReadUser` or `probeReadUserStr`.
 */
export type UserPtr<T = unknown> = UserAddress & { readonly [POINTEE]?: T };

/**
 * The address of a `T` in kernel memory, opaque without one. The fields of a kernel type are read by naming them:
 * `task.real_parent.tgid`. An address that is null or wrong reads as zeroes.
 */
export type KernelPtr<T = unknown> = KernelAddress & T;

/**
 * The number as an address in the memory of the current process: `userPtr(task.mm.arg_start)`. The kernel keeps many such addresses as
 * numbers. Reading from a wrong one fails, and never faults.
 */
export function userPtr<T = unknown>(_address: u64): UserPtr<T> {
  return kernelOnly("userPtr()");
}

/** The number as an address in the kernel's memory: `kernelPtr<sock>(address).sk_protocol`. A wrong one reads as zeroes. */
export function kernelPtr<T = unknown>(_address: u64): KernelPtr<T> {
  return kernelOnly("kernelPtr()");
}

/** Whether an address is 0. */
export function isNull(_pointer: UserPtr | KernelPtr): boolean {
  return kernelOnly("isNull()");
}
