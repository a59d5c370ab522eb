/** if and return. */

import type ts from "typescript";
import { lowerCondition } from "../expressions/conditions.js";
import { lowerExpression } from "../expressions/expressions.js";
import { passed } from "../functions/function-calls.js";
import { Rejection, reject } from "../rejections/rejection.js";
import { type FunctionState, locationOf } from "../state.js";
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

/** `return`, with the result that the function declares. */
export function lowerReturn(fn: FunctionState, node: ts.ReturnStatement): void {
  const { builder, returns, entry } = fn;
  if (node.expression === undefined) {
    builder.return(entry.section === null ? null : builder.i32(0));
    return;
  }
  const expected = returns.kind === "data" || returns.kind === "ref" ? returns.type : null;
  const value = lowerExpression(fn, node.expression, expected);
  builder.location = locationOf(fn.owner, node);
  if (returns.kind === "void") {
    if (value.kind !== "void") reject(node, "WG1001", "nothing is returned here");
    builder.return(entry.section === null ? null : builder.i32(0));
    return;
  }
  if (value.kind === "memory" && value.region === "stack") {
    reject(
      node.expression,
      "WG1015",
      "the object is on the stack of this function and is gone when it returns",
      "let the caller pass an object to fill",
    );
  }
  builder.return(passed(fn, value, returns, node.expression));
}
