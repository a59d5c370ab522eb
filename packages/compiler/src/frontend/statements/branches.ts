/** if. */

import type ts from "typescript";
import { lowerCondition } from "../expressions/conditions.js";
import { Rejection } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { withFacts } from "./facts.js";
import { lowerStatement } from "./statements.js";

/** Both branches are lowered even when the condition is rejected, so that their mistakes are told too. */
export function lowerIf(fn: FunctionState, node: ts.IfStatement): void {
  const { builder } = fn;
  const [then, otherwise, join] = [builder.block(), builder.block(), builder.block()];
  try {
    lowerCondition(fn, node.expression, then, node.elseStatement === undefined ? join : otherwise);
  } catch (error) {
    // The branches are still looked at, so that their mistakes are reported too.
    if (!(error instanceof Rejection)) throw error;
    if (error.diagnostic !== null) fn.owner.diagnostics.push(error.diagnostic);
  }
  builder.switchTo(then);
  withFacts(fn, node.expression, true, () => lowerStatement(fn, node.thenStatement));
  builder.jump(join);
  const { elseStatement } = node;
  if (elseStatement !== undefined) {
    builder.switchTo(otherwise);
    withFacts(fn, node.expression, false, () => lowerStatement(fn, elseStatement));
    builder.jump(join);
  }
  builder.switchTo(join);
}
