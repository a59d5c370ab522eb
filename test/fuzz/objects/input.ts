/** Input N of a run: everything about it follows from its number. */
import { randomFrom } from "../shared/random.js";
import { mutate } from "./mutate.js";
import type { Seed } from "./seeds.js";

/** A damaged object. */
export interface Input {
  readonly seed: Seed;
  readonly object: Uint8Array;
  /** Another object, undamaged, to link it with; null for most. */
  readonly companion: Uint8Array | null;
  /** Whether the kernel sees it: a call of the kernel takes longer than all else together. */
  readonly inKernel: boolean;
}

/** The input of a number. */
export function inputOf(number: number, seeds: readonly Seed[], kernel: boolean): Input {
  const random = randomFrom(number);
  const seed = random.pick(seeds);
  const object = mutate(seed, random, seeds);
  const alike = seeds.filter(({ littleEndian }) => littleEndian === seed.littleEndian);
  return {
    seed,
    object,
    companion: random.chance(1, 4) ? random.pick(alike).object : null,
    inKernel: random.chance(1, 16) && kernel,
  };
}
