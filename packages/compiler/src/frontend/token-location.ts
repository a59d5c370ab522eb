/**
 * Which token of an expression its instructions point at: the one that fails when the kernel refuses them. In `a.b[i] / c` the
 * division is at `/`, the element at `i` and the field at `b`.
 */
import ts from "#typescript";
import type { SourceLocation } from "../ir/types.js";
import { isAssignment } from "./expressions/assignments.js";
import { type ClassState, type FunctionState, locationOf } from "./state.js";

/**
 * The node whose start is the place of what `node` itself does, its operands apart: an operator, the name of a property or of
 * a called function, the index of an element, the place that is assigned.
 */
export function decisiveToken(node: ts.Node): ts.Node {
  if (ts.isBinaryExpression(node))
    return isAssignment(node.operatorToken.kind) ? decisiveToken(node.left) : node.operatorToken;
  if (ts.isPropertyAccessExpression(node)) return node.name;
  if (ts.isElementAccessExpression(node)) return node.argumentExpression;
  if (ts.isCallExpression(node)) return decisiveToken(node.expression);
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return decisiveToken(node.expression);
  if (ts.isPostfixUnaryExpression(node)) return decisiveToken(node.operand);
  return node;
}

/** The place of an expression for line info. */
export const tokenLocation = (owner: ClassState, node: ts.Node): SourceLocation =>
  locationOf(owner, decisiveToken(node));

/** Does what the program gets for `node` at that place. */
export function atToken<Result>(fn: FunctionState, node: ts.Node, work: () => Result): Result {
  const outer = fn.builder.location;
  fn.builder.location = tokenLocation(fn.owner, node);
  try {
    return work();
  } finally {
    fn.builder.location = outer;
  }
}
