/** Diagnostics as text, with the source line and a caret under the place. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Diagnostic } from "./diagnostic.js";

/** How diagnostics are printed. */
export interface FormatOptions {
  /** ANSI colours. */
  readonly color: boolean;
  /** Paths are shown relative to it. */
  readonly cwd: string;
  /** Gives a file's text; null when it cannot be read. The file system when absent. */
  readonly read?: (file: string) => string | null;
}

const styles = { error: "1;31", warning: "1;33", bold: "1", blue: "1;34" } as const;

function readFile(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function formatOne(diagnostic: Diagnostic, options: FormatOptions): string {
  const paint = (style: keyof typeof styles, text: string): string =>
    options.color ? `\u001b[${styles[style]}m${text}\u001b[0m` : text;
  const { code, severity, message, file, line, column } = diagnostic;
  const lines = [`${paint(severity, `${severity}[${code}]`)}${paint("bold", `: ${message}`)}`];
  const gutter = " ".repeat(String(line).length);
  lines.push(`${gutter}${paint("blue", "-->")} ${relative(options.cwd, file) || file}:${line}:${column}`);
  const source = (options.read ?? readFile)(file)?.split(/\r?\n/)[line - 1];
  const bar = paint("blue", "|");
  if (source !== undefined) {
    const end = diagnostic.endLine === line ? diagnostic.endColumn : source.length + 1;
    // A tab stays a tab under a tab, so that the caret stands where the editor shows the place.
    const indent = source.slice(0, column - 1).replace(/[^\t]/g, " ");
    lines.push(`${gutter} ${bar}`, `${paint("blue", String(line))} ${bar} ${source}`);
    lines.push(`${gutter} ${bar} ${indent}${paint(severity, "^".repeat(Math.max(1, end - column)))}`);
  }
  for (const note of diagnostic.notes)
    lines.push(`${gutter} ${paint("blue", "=")} ${paint("bold", "note")}: ${note}`);
  if (diagnostic.help !== null) {
    lines.push(`${gutter} ${paint("blue", "=")} ${paint("bold", "help")}: ${diagnostic.help}`);
  }
  return lines.join("\n");
}

/** Diagnostics one after the other with an empty line between; the empty string for none. */
export function formatDiagnostics(list: readonly Diagnostic[], options: FormatOptions): string {
  return list.map((diagnostic) => formatOne(diagnostic, options)).join("\n\n");
}
