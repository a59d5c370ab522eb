/** Mistakes that are found in the IR, as diagnostics at the source. */
import type { Code } from "../../diagnostics/codes.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Module, SourceLocation } from "../../ir/types.js";
import { extentAt } from "../rejections/extent.js";

/** What is wrong at a place, and what to do. */
export interface Problem {
  readonly message: string;
  readonly help: string | null;
  readonly location: SourceLocation | null;
}

/** The problem as an error at its place. */
export function problemAt(
  code: Code,
  { message, help, location }: Problem,
  sources: Module["sources"],
): Diagnostic {
  const { line, column } = location ?? { line: 1, column: 1 };
  const { path: file, text } = sources[location?.file ?? 0] ?? { path: "", text: "" };
  const { endLine, endColumn } = extentAt(text, line, column);
  return { code, severity: "error", message, file, line, column, endLine, endColumn, notes: [], help };
}
