/** Where an error of TypeScript's checker is: in the syntax, and at which token it is shown. */
import ts from "#typescript";

/** The syntax that an error speaks of. */
export interface ErrorPlace {
  /** The innermost node that has the error's span, or holds it. */
  readonly node: ts.Node;
  readonly checker: ts.TypeChecker;
  /** The module of @waggle/kernel that exports a name; null when none does. */
  readonly module: (name: string) => string | null;
}

/** The innermost node of a span. */
export function nodeOfSpan(source: ts.SourceFile, start: number, length: number): ts.Node {
  let found: ts.Node = source;
  const visit = (node: ts.Node): void => {
    if (node.getStart(source) > start || node.getEnd() < start + length) return;
    found = node;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

/** What is wrong where TypeScript marks a whole statement or its keyword: the value that is returned, the label that is not there. */
export function wrongToken(error: ts.DiagnosticWithLocation): ts.TextSpan {
  const { file, start, length, code } = error;
  const node = nodeOfSpan(file, start, length);
  const token =
    ts.isReturnStatement(node) && (code === 2322 || code === 2719)
      ? node.expression
      : ts.isBreakOrContinueStatement(node)
        ? node.label
        : undefined;
  if (token === undefined) return { start, length };
  return { start: token.getStart(file), length: token.getWidth(file) };
}
