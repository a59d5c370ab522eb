/** Read-modify-write operations that no other CPU sees half done, on places of 32 or 64 bits. */
import type { i32, i64, u32, u64 } from "./integers.js";
import { kernelOnly } from "./kernel-only.js";

/** What atomic operations work on. */
export type AtomicInteger = u32 | i32 | u64 | i64;

/** The first argument is a place: a field, an element, `.value` of a `Ref`, a variable. All give what was there before. */
export interface Atomic {
  /** Adds. Any kernel when the result is not used, else kernel 5.12. `BPF_ADD`, RFC 9669 section 5.3. */
  add<T extends AtomicInteger>(place: T, value: T): T;
  /** Keeps the bits that both have. Kernel 5.12. */
  and<T extends AtomicInteger>(place: T, value: T): T;
  /** Sets the bits of `value`. Kernel 5.12. */
  or<T extends AtomicInteger>(place: T, value: T): T;
  /** Flips the bits of `value`. Kernel 5.12. */
  xor<T extends AtomicInteger>(place: T, value: T): T;
  /** Writes `value`. Kernel 5.12. */
  exchange<T extends AtomicInteger>(place: T, value: T): T;
  /** Writes `replacement` where `expected` is found. Kernel 5.12. */
  compareExchange<T extends AtomicInteger>(place: T, expected: T, replacement: T): T;
}

const refuse = (): never => kernelOnly("atomic");

/** Atomic operations; see `Atomic`. */
export const atomic: Atomic = {
  add: refuse,
  and: refuse,
  or: refuse,
  xor: refuse,
  exchange: refuse,
  compareExchange: refuse,
};
