/** The functions of the source that calls name. */
import ts from "#typescript";
import { type ClassState, symbolOf } from "../state.js";

/** A function or method that has a body. */
export type FunctionWithBody = (ts.FunctionDeclaration | ts.MethodDeclaration) & { readonly body: ts.Block };

export const isFunctionWithBody = (node: ts.Node): node is FunctionWithBody =>
  (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.body !== undefined;

/** What a call names, as a symbol. */
export const calleeOf = (owner: ClassState, { expression }: ts.CallExpression): ts.Symbol | null =>
  symbolOf(owner, ts.isPropertyAccessExpression(expression) ? expression.name : expression);

/** The function or method that a call names; null when what it names has no body. */
export function calledFunction(owner: ClassState, call: ts.CallExpression): FunctionWithBody | null {
  const declaration = calleeOf(owner, call)?.valueDeclaration;
  return declaration !== undefined && isFunctionWithBody(declaration) ? declaration : null;
}

/** Whether @waggle/kernel has the function. */
export const isOfKernel = ({ kernel }: ClassState, declaration: FunctionWithBody): boolean =>
  declaration.getSourceFile().fileName.startsWith(kernel.kernelSources || "\0");

/** Whether `test` holds for a node of `root`, or of the bodies of functions that it calls, directly or through others. */
export function someInCalls(owner: ClassState, root: ts.Node, test: (node: ts.Node) => boolean): boolean {
  const seen = new Set<ts.Node>();
  const visit = (node: ts.Node): boolean => {
    if (ts.isTypeNode(node) || seen.has(node)) return false;
    seen.add(node);
    if (test(node)) return true;
    const called = ts.isCallExpression(node) ? calledFunction(owner, node) : null;
    if (called !== null && visit(called.body)) return true;
    return ts.forEachChild(node, (child) => visit(child) || undefined) ?? false;
  };
  return visit(root);
}
