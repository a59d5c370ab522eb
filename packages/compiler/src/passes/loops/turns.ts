/** How many turns a loop makes, as far as constants show. */
import type { ControlFlow } from "../../ir/analysis/control-flow.js";
import type { Loop } from "../../ir/analysis/loops.js";
import type { StackPlaces } from "./stack-places.js";

/** The limit that the header compares a number with that goes up from 0; infinite when it is none. */
export function constantTurns(flow: ControlFlow, { definitions: defs }: StackPlaces, loop: Loop): number {
  const header = flow.blocks.get(loop.header);
  if (header?.terminator.op !== "branch") return Number.POSITIVE_INFINITY;
  const test = defs.get(header.terminator.condition);
  if (test?.op !== "compare" || !["ult", "slt", "ule", "sle"].includes(test.operator))
    return Number.POSITIVE_INFINITY;
  const limit = defs.get(test.right);
  return limit?.op === "const"
    ? Number(limit.value) + (test.operator.endsWith("e") ? 1 : 0)
    : Number.POSITIVE_INFINITY;
}
