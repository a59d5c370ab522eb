import type ts from "#typescript";

/**
 * A checker that finds the type and the symbol of each node once. TypeScript goes back through all conditions before a name each time
 * that it is asked for the name's type, and lowering asks more than once.
 */
export function rememberingChecker(checker: ts.TypeChecker): ts.TypeChecker {
  return {
    ...checker,
    getTypeAtLocation: remembering(checker.getTypeAtLocation),
    getSymbolAtLocation: remembering(checker.getSymbolAtLocation),
  };
}

function remembering<T>(find: (node: ts.Node) => T): (node: ts.Node) => T {
  const known = new WeakMap<ts.Node, { readonly found: T }>();
  return (node) => {
    const old = known.get(node);
    if (old !== undefined) return old.found;
    const found = find(node);
    known.set(node, { found });
    return found;
  };
}
