/** Short spellings of cases. */
import type { Case } from "./program.js";

/** Outputs of 64 bits. */
export const u64s = (...names: readonly string[]): NonNullable<Case["outputs"]> =>
  Object.fromEntries(names.map((name) => [name, "u64"]));

/** Cases that take a number `io.a` and give one, `io.r`: run for each of the numbers. */
export const casesOver =
  (numbers: readonly bigint[]) =>
  (name: string, body: string, expected: (a: bigint) => bigint): Case => ({
    name,
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body,
    runs: numbers.map((a) => ({ inputs: { a }, outputs: { r: BigInt.asUintN(64, expected(a)) } })),
  });
