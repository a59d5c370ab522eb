/** References to scalars, and addresses that kernel code may not follow itself. */
import type { be16, be32, be64 } from "./big-endian.js";
import type { POINTER, REF } from "./symbols.js";

/** A reference to a number or boolean in memory. Structs need none: a variable of struct type is a reference. */
export interface Ref<T> {
  /** The memory's content: reading loads, assigning stores. */
  value: T;
  readonly [REF]?: T;
}

/** What memory that holds a `T` is seen as: the struct itself, or a `Ref` to a scalar. */
export type Pointee<T> = [T] extends [number | bigint | boolean | be16 | be32 | be64] ? Ref<T> : T;

/** An address in the memory of the current process. Read it with `probeReadUser` or `probeReadUserStr`. */
export interface UserPtr {
  readonly [POINTER]: "user";
}

/** An address in kernel memory. Read it with `probeReadKernel` or `probeReadKernelStr`. */
export interface KernelPtr {
  readonly [POINTER]: "kernel";
}
