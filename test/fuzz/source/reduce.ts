/** Makes a failing source small. */
import ts from "typescript";
import { nodesOf } from "./mutate.js";

/** Sources that are tried at most. */
const mostTries = 600;

/** A smaller source of which `fails` still holds: parts are left out, the largest first, or replaced by parts of theirs. */
export function reduce(text: string, fails: (text: string) => boolean): string {
  let current = text;
  let tries = 0;
  const attempt = (next: string): boolean => {
    if (next.length >= current.length || tries >= mostTries) return false;
    tries += 1;
    if (!fails(next)) return false;
    current = next;
    return true;
  };
  for (let before = ""; before !== current && tries < mostTries; ) {
    before = current;
    for (const step of [leaveOut, unwrap]) {
      for (let index = 0; tries < mostTries; ) {
        const candidates = step(current);
        const next = candidates[index];
        if (next === undefined) break;
        if (!attempt(next)) index += 1;
      }
    }
  }
  return current.replace(/\n\s*\n+/g, "\n");
}

const cut = (text: string, start: number, end: number, by = ""): string =>
  text.slice(0, start) + by + text.slice(end);

function leaveOut(text: string): string[] {
  return [...nodesOf(text)]
    .filter(
      (node) =>
        ts.isStatement(node) ||
        ts.isClassElement(node) ||
        ts.isTypeElement(node) ||
        ts.isPropertyAssignment(node) ||
        ts.isImportSpecifier(node) ||
        ts.isTypeNode(node) ||
        ts.isCaseOrDefaultClause(node) ||
        ts.isParameter(node) ||
        ts.isDecorator(node),
    )
    .sort((a, b) => b.getWidth() - a.getWidth())
    .map((node) =>
      cut(text, node.getFullStart(), text[node.getEnd()] === "," ? node.getEnd() + 1 : node.getEnd()),
    );
}

/** A statement's own statements in its place, and an operand in place of its expression. */
function unwrap(text: string): string[] {
  return nodesOf(text).flatMap((node) => {
    const isWhole = ts.isStatement(node) || ts.isExpression(node);
    if (!isWhole) return [];
    const parts: ts.Node[] = [];
    ts.forEachChild(node, (child) => {
      if (ts.isBlock(child)) parts.push(...child.statements);
      else if (ts.isStatement(node) ? ts.isStatement(child) : ts.isExpression(child)) parts.push(child);
    });
    return parts.map((part) => cut(text, node.getStart(), node.getEnd(), part.getText()));
  });
}
