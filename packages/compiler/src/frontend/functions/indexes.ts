/** Which functions index arrays by variables, or give what their callers may index, as far as the source shows. */
import ts from "#typescript";
import { type FunctionNode, type FunctionState, kernelName, symbolOf } from "../state.js";
import { constantNumber } from "../statements/facts.js";

/** Whether the body may have an index that is no constant, or returns a reference; in functions that it calls, too. */
export function mayIndex(fn: FunctionState, declaration: FunctionNode): boolean {
  const { owner } = fn;
  const seen = new Set<ts.Node>();
  const indexes = (node: ts.Node): boolean => {
    if (ts.isTypeNode(node) || seen.has(node)) return false;
    seen.add(node);
    // What a loop walks may be an array.
    if (ts.isForOfStatement(node)) return true;
    if (ts.isElementAccessExpression(node) && constantNumber(fn, node.argumentExpression) === null)
      return true;
    if (ts.isReturnStatement(node) && node.expression !== undefined && isObject(node.expression)) return true;
    if (ts.isCallExpression(node)) {
      const callee = symbolOf(owner, calleeName(node.expression));
      if (kernelName(owner, callee) === "elementAt") return true;
      const called = callee?.valueDeclaration;
      if (
        called !== undefined &&
        (ts.isFunctionDeclaration(called) || ts.isMethodDeclaration(called)) &&
        called.body !== undefined &&
        indexes(called.body)
      )
        return true;
    }
    return ts.forEachChild(node, (child) => indexes(child) || undefined) ?? false;
  };
  const isObject = (node: ts.Expression): boolean =>
    (owner.checker.getNonNullableType(owner.checker.getTypeAtLocation(node)).flags & ts.TypeFlags.Object) !==
    0;
  return declaration.body !== undefined && indexes(declaration.body);
}

const calleeName = (node: ts.Expression): ts.Expression =>
  ts.isPropertyAccessExpression(node) ? node.name : node;
