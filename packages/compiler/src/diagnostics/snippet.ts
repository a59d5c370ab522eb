/** A piece of source with its place marked, as compilers draw it. */

/** Lines and columns count from 1; the end column is the one after the last character. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

interface Frame {
  /** Width of the column of line numbers. */
  readonly gutter: number;
  readonly paintMark: (text: string) => string;
  readonly paintFrame: (text: string) => string;
}

/** A place of more lines than this is shown by its first and last ones. */
const longest = 6;

/** The lines of `source` that `span` covers, with carets or a bracket; none when the place is not in the source. */
export function snippet(source: readonly string[], span: Span, frame: Frame): string[] {
  const first = source[span.line - 1];
  if (first === undefined) return [];
  const bar = frame.paintFrame("|");
  const blank = `${" ".repeat(frame.gutter)} ${bar}`;
  const numbered = (line: number): string =>
    `${frame.paintFrame(String(line).padStart(frame.gutter))} ${bar}`;
  const lastLine = Math.min(span.endLine, source.length);
  if (lastLine <= span.line) {
    const end = span.endLine === span.line ? span.endColumn : first.length + 1;
    const carets = "^".repeat(Math.max(1, end - span.column));
    return [
      blank,
      `${numbered(span.line)} ${first}`,
      `${blank} ${indent(first, span.column)}${frame.paintMark(carets)}`,
    ];
  }
  const side = frame.paintMark("|");
  const middle = range(span.line + 1, lastLine);
  const shown = middle.length < longest ? middle : [...middle.slice(0, 2), null, ...middle.slice(-2)];
  const end = source[lastLine - 1] ?? "";
  return [
    blank,
    `${numbered(span.line)}   ${first}`,
    `${blank}  ${frame.paintMark(`${underline(first, span.column)}^`)}`,
    ...shown.map((line) =>
      line === null
        ? `${frame.paintFrame("...".slice(0, Math.max(3, frame.gutter)))}`
        : `${numbered(line)} ${side} ${source[line - 1] ?? ""}`,
    ),
    `${blank} ${side}${frame.paintMark(`${underline(end, Math.max(1, span.endColumn - 1))}^`)}`,
  ];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** White space as wide as what stands before the column. A tab stays a tab, so that the caret stands where the editor shows the place. */
function indent(line: string, column: number): string {
  return line.slice(0, column - 1).replace(/[^\t]/g, " ");
}

/** The same as a line that leads to the caret. */
function underline(line: string, column: number): string {
  return `_${indent(line, column).replaceAll(" ", "_")}`;
}
