/** Loops that the kernel makes. */
import type { u32 } from "./integers.js";
import { kernelOnly } from "./kernel-only.js";

/** What a loop does in each turn: `true` stops it. */
export type Visit<Args extends readonly unknown[]> = (
  ...args: Args
  // biome-ignore lint/suspicious/noConfusingVoidType: a body may return nothing
) => boolean | void;

/**
 * Calls `body` with 0, 1, … up to `count` exclusive, and gives the number of turns; at most 1<<23 (8,388,608). A constant count
 * of up to 64 is a bounded loop; others are `bpf_loop`, kernel 5.17, or a bounded loop for older kernels when the count is a
 * constant.
 */
export function loop(_count: u32, _body: Visit<[index: u32]>): u32 {
  return kernelOnly("loop()");
}
