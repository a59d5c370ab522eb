/** Decorators of @waggle/kernel on a node. */
import ts from "#typescript";
import { type ClassState, kernelName, symbolOf } from "../state.js";

interface FoundDecorator {
  readonly name: string;
  readonly args: readonly ts.Expression[];
  readonly node: ts.Decorator;
}

/** The decorators of a node that @waggle/kernel declares; others have the name null. */
export function decoratorsOf(
  owner: Pick<ClassState, "checker" | "kernel">,
  node: ts.Node,
): (FoundDecorator | { name: null; node: ts.Decorator })[] {
  const list = ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
  return list.map((decorator) => {
    const { expression } = decorator;
    const callee = ts.isCallExpression(expression) ? expression.expression : expression;
    const name = kernelName(owner as ClassState, symbolOf(owner as ClassState, callee));
    const args = ts.isCallExpression(expression) ? expression.arguments : [];
    return name === null ? { name, node: decorator } : { name, args, node: decorator };
  });
}
