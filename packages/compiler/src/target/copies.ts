/** Copies that happen at once (a block's arguments become its parameters), as a sequence with the same effect. */
import type { Register } from "./machine.js";

export interface Copy {
  readonly dst: Register;
  readonly src: Register;
}

/**
 * Orders parallel copies so that none overwrites what a later one still reads; a cycle is opened by a temporary.
 * Destinations are distinct.
 */
export function sequentialise(copies: readonly Copy[], temporary: () => Register): readonly Copy[] {
  let pending = copies.filter((copy) => copy.dst !== copy.src);
  const sequence: Copy[] = [];
  while (pending.length > 0) {
    const ready = pending.find((copy) => !pending.some((other) => other.src === copy.dst));
    if (ready !== undefined) {
      sequence.push(ready);
      pending = pending.filter((copy) => copy !== ready);
      continue;
    }
    // Only cycles are left: set one destination's old value aside and let its readers read that.
    const [first] = pending;
    if (first === undefined) break;
    const saved = temporary();
    sequence.push({ dst: saved, src: first.dst });
    pending = pending.map((copy) => (copy.src === first.dst ? { ...copy, src: saved } : copy));
  }
  return sequence;
}
