import { type u32, u64 } from "@waggle/kernel";

/** The power of two that a value is at or above: 0 for 0 and 1, 1 for 2 and 3, 2 for 4 to 7; at most 63. */
export function log2(value: u64): u32 {
  let rest = value;
  let power: u32 = 0;
  for (let step: u32 = 32; step > 0; step >>= 1) {
    if (rest >> u64(step) === 0n) continue;
    rest >>= u64(step);
    power += step;
  }
  return power;
}
