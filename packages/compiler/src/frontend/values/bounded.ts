/** Numbers with bounds that the verifier sees. */
import type { ValueId } from "../../ir/types.js";
import type { FunctionState } from "../state.js";

/**
 * `value`, an i64 from 0 to `max`, with a bound that the verifier knows. A value whose bound it may not know is compared, and replaced by 0
 * if it were larger. The comparison in the source is not enough: it compares the lower 32 bits, and the verifier may know nothing of the
 * upper ones.
 */
export function boundedForVerifier(fn: FunctionState, value: ValueId, max: bigint): ValueId {
  const { builder } = fn;
  if (!builder.boundsUnknownToVerifier(value)) return value;
  const join = builder.block();
  const bounded = builder.param(join, "i64");
  builder.branch(
    // Where comparisons contradict each other, so that control never comes here, the most may be less than 0.
    builder.compare("ugt", value, builder.i64(max < 0n ? 0n : max)),
    { block: join, args: [builder.i64(0)] },
    { block: join, args: [value] },
  );
  builder.switchTo(join);
  return bounded;
}
