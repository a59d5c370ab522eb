/** Fixes that write one thing for another. */
import ts from "#typescript";
import type { Fix } from "../../diagnostics/diagnostic.js";
import type { FixContext } from "./context.js";
import { around, fix, insert, remove, replace } from "./context.js";

/** `==` becomes `===`. */
export function strictComparison(context: FixContext, operator: string): Fix[] {
  const binary = around(context.node, ts.isBinaryExpression);
  return binary === null ? [] : fix(`Write ${operator}`, replace(context, binary.operatorToken, operator));
}

/** `var` becomes `let`. */
export function letForVar(context: FixContext): Fix[] {
  const { source } = context;
  const list = around(context.node, (node): node is ts.VariableStatement => ts.isVariableStatement(node));
  const start = list?.declarationList.getStart(source);
  if (start === undefined || source.text.slice(start, start + 3) !== "var") return [];
  return ["let", "const"].flatMap((word) =>
    fix(`Write ${word}`, { file: source.fileName, start, end: start + 3, text: word }),
  );
}

/** What is a reference to a number gives the number with `.value`. */
export function readValue(context: FixContext): Fix[] {
  const { node } = context;
  return ts.isIdentifier(node) ? fix("Read .value", insert(context, node.getEnd(), ".value")) : [];
}

/** A literal in the place of what is there. */
export function writeInstead(context: FixContext, text: string): Fix[] {
  const { node } = context;
  return ts.isNumericLiteral(node) || ts.isStringLiteral(node)
    ? fix(`Write ${text}`, replace(context, node, text))
    : [];
}

/** The ring buffer that a record was reserved from, in the place of another. */
export function nameRing(context: FixContext, text: string, ring: string): Fix[] {
  const { node } = context;
  return ts.isPropertyAccessExpression(node.parent) && node.parent.name === node
    ? fix(`Write ${text}`, replace(context, node.parent, ring))
    : [];
}

/** A statement that has no place in a program. */
export function removeStatement(context: FixContext): Fix[] {
  const { source } = context;
  const statement = around(context.node, ts.isStatement);
  if (statement === null) return [];
  const start = statement.getStart(source);
  const rest = /^[ \t]*(?:\r?\n[ \t]*)?/.exec(source.text.slice(statement.getEnd()))?.[0].length ?? 0;
  return fix("Remove it", remove(context, start, statement.getEnd() + rest));
}

/** A comment that hides errors. */
export function removeComment(context: FixContext): Fix[] {
  const { source, diagnostic } = context;
  const lineStart = source.getLineStarts()[diagnostic.line - 1] ?? 0;
  const line = source.text.slice(lineStart).split("\n", 1)[0] ?? "";
  const match = /[ \t]*(?:\/\/\/?|\/\*)[ \t]*@ts-.*$/.exec(line.replace(/\r$/, ""));
  if (match === null || (match[0].includes("/*") && !match[0].trimEnd().endsWith("*/"))) return [];
  // A line of its own goes with its end.
  const start = lineStart + match.index;
  const isWhole = line.slice(0, match.index).trim() === "";
  return fix(
    "Remove the comment",
    remove(
      context,
      isWhole ? lineStart : start,
      isWhole ? lineStart + line.length + 1 : start + match[0].length,
    ),
  );
}
