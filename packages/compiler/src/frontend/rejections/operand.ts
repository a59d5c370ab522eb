/** Which token of an operation is wrong: its operator, or one of the operands. */
import ts from "#typescript";

/** The operator of an operation on two operands; any other node as it is. */
export const operatorOf = (node: ts.Node): ts.Node =>
  ts.isBinaryExpression(node) ? node.operatorToken : node;

/** The operand on one side of an operation or a choice; any other node as it is. */
export function operandOf(node: ts.Node, side: "left" | "right"): ts.Node {
  if (ts.isBinaryExpression(node)) return node[side];
  if (ts.isConditionalExpression(node)) return side === "left" ? node.whenTrue : node.whenFalse;
  return node;
}
