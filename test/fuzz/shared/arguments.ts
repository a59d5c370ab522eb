/** What every fuzzer is told: how many inputs, from which seed, for how long. */
import { parseArgs } from "node:util";

/** How far a fuzzer goes. */
export interface FuzzOptions {
  /** Inputs to try. */
  readonly count: number;
  /** The seed of the first input; the next ones have the numbers after it. */
  readonly seed: number;
  /** Stops after so many seconds, however few inputs were tried. */
  readonly seconds: number;
}

/**
 * Reads `--count N`, `--seed S` and `--time SECONDS`.
 * @throws RangeError when one is no whole number
 */
export function readFuzzOptions(given: readonly string[], defaults: { readonly count: number }): FuzzOptions {
  const { values } = parseArgs({
    args: [...given],
    options: { count: { type: "string" }, seed: { type: "string" }, time: { type: "string" } },
  });
  const read = (name: "count" | "seed" | "time", otherwise: number): number => {
    const text = values[name];
    if (text === undefined) return otherwise;
    if (!/^\d{1,15}$/.test(text))
      throw new RangeError(`--${name} is "${text}": expected a whole number, such as --${name} 1000`);
    return Number(text);
  };
  return {
    count: read("count", defaults.count),
    seed: read("seed", 1),
    seconds: read("time", Number.POSITIVE_INFINITY),
  };
}
