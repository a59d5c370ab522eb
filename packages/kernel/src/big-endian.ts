/**
 * Numbers that lie in memory big-endian, as on the network. They are opaque: equal types compare with `===`, and
 * nothing else is done to them until `u16()`, `u32()` or `u64()` gives the number in host order.
 */
import type { Convertible } from "./integers.js";
import { kernelOnly } from "./kernel-only.js";
import type { BIG_ENDIAN } from "./symbols.js";

/** A 16-bit number stored big-endian; `__be16` in the kernel. */
export interface be16 {
  readonly [BIG_ENDIAN]: 16;
}
/** A 32-bit number stored big-endian; `__be32` in the kernel. */
export interface be32 {
  readonly [BIG_ENDIAN]: 32;
}
/** A 64-bit number stored big-endian; `__be64` in the kernel. */
export interface be64 {
  readonly [BIG_ENDIAN]: 64;
}

/** The low 16 bits of a number, to be stored big-endian. */
export function be16(_value: Convertible): be16 {
  return kernelOnly("be16()");
}
/** The low 32 bits of a number, to be stored big-endian. */
export function be32(_value: Convertible): be32 {
  return kernelOnly("be32()");
}
/** A 64-bit number, to be stored big-endian. */
export function be64(_value: Convertible): be64 {
  return kernelOnly("be64()");
}
