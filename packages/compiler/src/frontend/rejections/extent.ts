import ts from "#typescript";

/** Where what begins at a place ends: a line from 1, and the column after the last character. */
export interface Extent {
  readonly endLine: number;
  readonly endColumn: number;
}

/**
 * The end of what is written at a place of a source, for errors found where only places are known: of the widest expression that begins
 * there, else of the word. A source that ends before gives the one character.
 * @param line from 1
 * @param column from 1, in UTF-16 units
 */
export function extentAt(text: string, line: number, column: number): Extent {
  const source = ts.createSourceFile("extent.ts", text, ts.ScriptTarget.ES2022, true);
  const lineStart = source.getLineStarts()[line - 1];
  if (lineStart === undefined) return { endLine: line, endColumn: column + 1 };
  const start = lineStart + column - 1;
  const found = widestAt(source, start);
  if (found !== null) {
    const end = source.getLineAndCharacterOfPosition(found.end);
    return { endLine: end.line + 1, endColumn: end.character + 1 };
  }
  const word = /^[\w$@]+/.exec(text.slice(start))?.[0] ?? " ";
  return { endLine: line, endColumn: column + word.length };
}

function widestAt(node: ts.Node, start: number): ts.Node | null {
  if (start < node.pos || start >= node.end) return null;
  if (ts.isExpression(node) && node.getStart() === start) return node;
  return ts.forEachChild(node, (child) => widestAt(child, start) ?? undefined) ?? null;
}
