/** Questions about types, and memory on the stack. */
import { kernelOnly } from "./kernel-only.js";

/** The size of a `T` in memory in bytes, padding included: a constant. */
export function sizeof<_T>(): number {
  return kernelOnly("sizeof()");
}

/** Where a field of `T` begins, in bytes from the start of it: a constant. A bit field has no such place. */
export function offsetof<T extends object>(_field: keyof T & string): number {
  return kernelOnly("offsetof()");
}

/** A `T` on the stack with every byte zero; a struct, `FixedArray` or `CString`. */
export function zeroed<T extends object>(): T {
  return kernelOnly("zeroed()");
}

/** A copy of a struct, `FixedArray` or `CString` on the stack: what a name refers to changes with the original, a copy does not. */
export function copyOf<T extends object>(_value: T): T {
  return kernelOnly("copyOf()");
}
