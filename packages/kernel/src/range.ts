/** Numbers to count with. */
import type { u32 } from "./integers.js";
import { kernelOnly } from "./kernel-only.js";

/** `for (const i of range(8))`: 0 to 7. The end need not be a constant where the oldest kernel has loops for that (5.17). */
export function range(end: number): IterableIterator<u32>;
/**
 * `for (const i of range(10, 0, -2))`: 10, 8, 6, 4, 2. From `start`, which is included, to `end`, which is not; the step is a
 * constant, 1 when it is left out. Numbers are 32 bits wide, signed when one may be negative. Loops that are not bounded when
 * they are compiled make at most 8,388,608 turns (`BPF_MAX_LOOPS`).
 */
export function range(start: number, end: number, step?: number): IterableIterator<u32>;
export function range(_start: number, _end?: number, _step?: number): IterableIterator<u32> {
  return kernelOnly("range()");
}
