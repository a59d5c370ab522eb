/** References to scalars, and addresses that kernel code may not follow itself. */
import type { be16, be32, be64 } from "./big-endian.js";
import { kernelOnly } from "./kernel-only.js";
import type { POINTEE, POINTER, REF } from "./symbols.js";

/** A reference to a number or boolean in memory. Structs need none: a variable of struct type is a reference. */
export interface Ref<T> {
  /** The memory's content: reading loads, assigning stores. */
  value: T;
  readonly [REF]?: T;
}

/** What memory that holds a `T` is seen as: the struct itself, or a `Ref` to a scalar. */
export type Pointee<T> = [T] extends [number | bigint | boolean | be16 | be32 | be64] ? Ref<T> : T;

/** An address. The kinds differ in type, because each is read in its own way. */
interface Address<Memory extends "user" | "kernel"> {
  readonly [POINTER]: Memory;
}

/**
 * The address of a `T` in the memory of the current process, opaque without one. It is not followed by itself: read it
 * with `probeReadUser` or `probeReadUserStr`.
 */
export type UserPtr<T = unknown> = Address<"user"> & { readonly [POINTEE]?: T };

/**
 * The address of a `T` in kernel memory, opaque without one. The fields of a kernel type are read by naming them:
 * `task.real_parent.tgid`. An address that is null or wrong reads as zeroes.
 */
export type KernelPtr<T = unknown> = Address<"kernel"> & T;

/** Whether an address is 0. */
export function isNull(_pointer: UserPtr | KernelPtr): boolean {
  return kernelOnly("isNull()");
}
