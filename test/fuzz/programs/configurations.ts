/** The ways to compile a batch of programs. */
import { type Random, randomFrom } from "../shared/random.js";
import type { Order } from "./types.js";

/** One way to compile. */
export interface Configuration {
  readonly level: 0 | 1 | 2;
  readonly cpu: 1 | 2 | 3 | 4;
  readonly order: Order;
  /** The oldest kernel targeted. */
  readonly kernel: string;
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items];
  const result: T[] = [];
  while (left.length > 0) result.push(...left.splice(random.below(left.length), 1));
  return result;
}

/** Programs of one file: seeds with one quotient by this. */
export const batchSize = 25;

/** Whether a seed's program is for kernels that have `bpf_loop`: those of every fourth file are. */
export const isModern = (seed: number): boolean => Math.floor(seed / batchSize) % 4 === 3;

/**
 * Four ways that together have every level, every cpu version, both byte orders and four targets. Which goes with which is another
 * draw in each batch. Instructions of cpu v4 need Linux 6.6.
 */
export function configurationsOf(batch: number): readonly Configuration[] {
  const random = randomFrom(batch);
  const levels = shuffled(random, [0, 1, 2, 2] as const);
  const orders = shuffled(random, ["little", "little", "big", "big"] as const);
  const oldest = isModern(batch * batchSize)
    ? ["5.17", "6.1", "6.4"]
    : ["5.10", "5.15", random.pick(["5.17", "6.1", "6.4"])];
  const kernels = [...shuffled(random, oldest), random.pick(["6.6", "6.12", "6.18"])];
  return ([1, 2, 3, 4] as const).map((cpu, index) => ({
    level: levels[index] ?? 2,
    cpu,
    order: orders[index] ?? "little",
    kernel: kernels[index] ?? "6.6",
  }));
}

/** The way in words. */
export const configurationText = ({ level, cpu, order, kernel }: Configuration): string =>
  `level ${level}, cpu v${cpu}, ${order} endian, kernel ${kernel}`;
