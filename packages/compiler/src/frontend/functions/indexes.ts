/** Which functions index arrays by variables, or give what their callers may index, as far as the source shows. */
import ts from "#typescript";
import { type FunctionNode, type FunctionState, kernelName } from "../state.js";
import { constantNumber } from "../statements/facts.js";
import { calleeOf, someInCalls } from "./called-functions.js";

/** Whether the body may have an index that is no constant, or returns a reference; in functions that it calls, too. */
export function mayIndex(fn: FunctionState, declaration: FunctionNode): boolean {
  const { owner } = fn;
  const isObject = (node: ts.Expression): boolean =>
    (owner.checker.getNonNullableType(owner.checker.getTypeAtLocation(node)).flags & ts.TypeFlags.Object) !==
    0;
  const indexes = (node: ts.Node): boolean => {
    // What a loop walks may be an array.
    if (ts.isForOfStatement(node)) return true;
    if (ts.isElementAccessExpression(node)) return constantNumber(fn, node.argumentExpression) === null;
    if (ts.isReturnStatement(node)) return node.expression !== undefined && isObject(node.expression);
    return ts.isCallExpression(node) && kernelName(owner, calleeOf(owner, node)) === "elementAt";
  };
  return declaration.body !== undefined && someInCalls(owner, declaration.body, indexes);
}
