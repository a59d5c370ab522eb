/** What a fixer works on: a diagnostic, the syntax under it, and the edits that change it. */
import ts from "#typescript";
import type { Diagnostic, Edit, Fix, Span } from "../../diagnostics/diagnostic.js";

/** One diagnostic with its place in the syntax. */
export interface FixContext {
  readonly diagnostic: Diagnostic;
  readonly source: ts.SourceFile;
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** The folder of @waggle/kernel's sources, with a slash at the end. */
  readonly kernelSources: string;
  /** The outermost node of the diagnostic's span, or the innermost that holds it. */
  readonly node: ts.Node;
}

/** The node that a diagnostic, or a place of one, speaks of. */
export function nodeAt(source: ts.SourceFile, span: Span): ts.Node {
  const offset = (line: number, column: number): number => {
    const lines = source.getLineStarts();
    return Math.min(source.text.length, (lines[line - 1] ?? 0) + column - 1);
  };
  const start = offset(span.line, span.column);
  const end = offset(span.endLine, span.endColumn);
  let found: ts.Node = source;
  const visit = (node: ts.Node): void => {
    if (node.getStart(source) > start || node.getEnd() < end) return;
    const isExact = found.getStart(source) === start && found.getEnd() === end;
    if (!isExact || found === source) found = node;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  // A statement without a semicolon is as long as its expression, of which the diagnostic speaks.
  return ts.isExpressionStatement(found) ? found.expression : found;
}

/** The nearest node of a kind, from `node` outwards. */
export function around<T extends ts.Node>(node: ts.Node, is: (node: ts.Node) => node is T): T | null {
  return ts.findAncestor(node, is) ?? null;
}

/** Puts `text` in the place of a node. */
export function replace({ source }: FixContext, node: ts.Node, text: string): Edit {
  return { file: source.fileName, start: node.getStart(source), end: node.getEnd(), text };
}

/** Puts `text` at an offset. */
export function insert({ source }: FixContext, at: number, text: string): Edit {
  return { file: source.fileName, start: at, end: at, text };
}

/** Takes away from `start` to `end`. */
export function remove({ source }: FixContext, start: number, end: number): Edit {
  return { file: source.fileName, start, end, text: "" };
}

/** Puts a call around a node: `u8(…)`. A node in parentheses keeps one pair. */
export function wrap(context: FixContext, node: ts.Node, name: string): readonly Edit[] {
  if (ts.isParenthesizedExpression(node)) return [insert(context, node.getStart(context.source), name)];
  return [insert(context, node.getStart(context.source), `${name}(`), insert(context, node.getEnd(), ")")];
}

/** A fix of some edits; none when there is nothing to do. */
export function fix(title: string, ...edits: readonly (readonly Edit[] | Edit)[]): Fix[] {
  const all = edits.flat();
  return all.length === 0 ? [] : [{ title, edits: all }];
}
