/** Between the compiler's places and the protocol's. Both count UTF-16 code units; they differ in what ends a line. */

/** A place as the protocol has it: both count from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** TypeScript ends a line at the Unicode separators too, as ECMAScript has it. */
const typescriptBreaks = /\r\n|[\n\r\u2028\u2029]/g;
/** The specification of the protocol, "Text Documents": '\n', '\r\n' and '\r'. */
const protocolBreaks = /\r\n|[\n\r]/g;

function lineStarts(text: string, breaks: RegExp): number[] {
  return [0, ...[...text.matchAll(breaks)].map((match) => match.index + match[0].length)];
}

/** The offset of a place of a diagnostic, which counts from 1; within the text whatever the place says. */
export function offsetOfPlace(text: string, line: number, column: number): number {
  const starts = lineStarts(text, typescriptBreaks);
  const start = starts[Math.max(0, line - 1)] ?? text.length;
  return Math.min(text.length, start + Math.max(0, column - 1));
}

/** The position of an offset. */
export function positionAt(text: string, offset: number): Position {
  const starts = lineStarts(text, protocolBreaks);
  let line = starts.length - 1;
  while (line > 0 && (starts[line] ?? 0) > offset) line--;
  return { line, character: offset - (starts[line] ?? 0) };
}

/** The offset of a position. A character past the line's end is its end; a line past the last is the text's end. */
export function offsetAt(text: string, { line, character }: Position): number {
  const starts = lineStarts(text, protocolBreaks);
  const start = starts[line];
  if (start === undefined) return text.length;
  const rest = text.slice(start, starts[line + 1] ?? text.length).replace(/[\r\n]+$/, "");
  return start + Math.min(rest.length, character);
}
