/** Diagnostics as text, with the source line and a caret under the place. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Diagnostic, LocatedNote } from "./diagnostic.js";
import { snippet } from "./snippet.js";

/** How diagnostics are printed. */
export interface FormatOptions {
  /** ANSI colours. */
  readonly color: boolean;
  /** Paths are shown relative to it. */
  readonly cwd: string;
  /** Gives a file's text; null when it cannot be read. The file system when absent. */
  readonly read?: (file: string) => string | null;
}

const styles = { error: "1;31", warning: "1;33", note: "1;32", bold: "1", blue: "1;34" } as const;
type Paint = (style: keyof typeof styles, text: string) => string;

function readFile(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function sourceLines(file: string, options: FormatOptions): readonly string[] {
  return (options.read ?? readFile)(file)?.split(/\r?\n/) ?? [];
}

function formatOne(diagnostic: Diagnostic, options: FormatOptions): string {
  const paint: Paint = (style, text) => (options.color ? `\u001b[${styles[style]}m${text}\u001b[0m` : text);
  const { code, severity, message, file, line, column } = diagnostic;
  const located = diagnostic.notes.filter((note) => typeof note !== "string");
  const plain = diagnostic.notes.filter((note) => typeof note === "string");
  const last = Math.max(line, diagnostic.endLine, ...located.map((note) => note.line));
  const gutter = " ".repeat(String(last).length);
  const place = (path: string, at: number, from: number): string =>
    `${gutter}${paint("blue", "-->")} ${relative(options.cwd, path) || path}:${at}:${from}`;
  const draw = (lines: readonly string[], span: Parameters<typeof snippet>[1], style: keyof typeof styles) =>
    snippet(lines, span, {
      gutter: gutter.length,
      paintMark: (text) => paint(style, text),
      paintFrame: (text) => paint("blue", text),
    });

  const lines = [`${paint(severity, `${severity}[${code}]`)}${paint("bold", `: ${message}`)}`];
  lines.push(place(file, line, column), ...draw(sourceLines(file, options), diagnostic, severity));
  const say = (label: string, text: string): void => {
    const [first = "", ...rest] = text.split("\n");
    lines.push(`${gutter} ${paint("blue", "=")} ${paint("bold", label)}: ${first}`);
    // What goes on stands under what it goes on from.
    lines.push(...rest.map((more) => `${gutter}   ${" ".repeat(label.length + 2)}${more}`));
  };
  for (const note of plain) say("note", note);
  if (diagnostic.help !== null) say("help", diagnostic.help);
  for (const note of located) lines.push(...formatNote(note));
  return lines.join("\n");

  function formatNote(note: LocatedNote): string[] {
    const span = { ...note, endLine: note.line, endColumn: note.column + 1 };
    return [
      `${paint("note", "note")}: ${note.message}`,
      place(note.file, note.line, note.column),
      ...draw(sourceLines(note.file, options), span, "note"),
    ];
  }
}

/** Diagnostics one after the other with an empty line between; the empty string for none. */
export function formatDiagnostics(list: readonly Diagnostic[], options: FormatOptions): string {
  return list.map((diagnostic) => formatOne(diagnostic, options)).join("\n\n");
}
