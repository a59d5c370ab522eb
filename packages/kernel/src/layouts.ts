/** How structs depart from C's ordinary layout. */
import { kernelOnly } from "./kernel-only.js";
import type { ALIGNED, BITS, PACKED, UNION } from "./symbols.js";

/** A struct whose members all begin at its first byte; `union` in C. Its size is that of its largest member. */
export interface Union {
  readonly [UNION]?: true;
}

/** A union on the stack with the one member that is given; what the member leaves of it is zero. */
export function union<T extends Union>(_member: Partial<T>): T {
  return kernelOnly("union()");
}

/** A struct without padding, whose fields may lie at any byte; `__attribute__((packed))` in C. */
export interface Packed {
  readonly [PACKED]?: true;
}

/** A struct that begins at a multiple of `N` bytes, a power of two; `__attribute__((aligned(N)))` in C. */
export interface Aligned<N extends number> {
  readonly [ALIGNED]?: N;
}

/** A field of `N` bits that is declared as a `T`: `T field : N` in C. */
export type Bits<T extends number | bigint | boolean, N extends number> = T & { readonly [BITS]?: N };
