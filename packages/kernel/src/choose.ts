/** The smaller and the larger of numbers. */
import { kernelOnly } from "./kernel-only.js";

/** The smaller number. They meet as the operands of `<` do: at the smallest type that holds both. */
export function min<T extends number | bigint>(_a: T, _b: T): T {
  return kernelOnly("min()");
}

/** The larger number, as `min`. */
export function max<T extends number | bigint>(_a: T, _b: T): T {
  return kernelOnly("max()");
}

/** `min(max(value, low), high)`: the number itself, or the bound that it is beyond. */
export function clamp<T extends number | bigint>(_value: T, _low: T, _high: T): T {
  return kernelOnly("clamp()");
}
