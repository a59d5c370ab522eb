/** How lowering gives up on a piece of source: a mistake is thrown to the nearest statement, which goes on after it. */

import ts from "#typescript";
import type { Code } from "../../diagnostics/codes.js";
import type { Diagnostic, Span } from "../../diagnostics/diagnostic.js";
import { failureAt, isStackOverflow } from "../../diagnostics/failure.js";
import { deepestIn } from "./depth.js";

/** What was found wrong. Never leaves the frontend. */
export class Rejection extends Error {
  constructor(readonly diagnostic: Diagnostic | null) {
    super(diagnostic?.message ?? "follows from an earlier mistake");
  }
}

/** A diagnostic at a node. */
export function diagnosticAt(node: ts.Node, code: string, message: string, help: string | null): Diagnostic {
  const file = node.getSourceFile();
  return diagnosticAtSpan(file, node.getStart(file), node.getEnd(), code, message, help);
}

/** A diagnostic at a span of characters. */
export function diagnosticAtSpan(
  file: ts.SourceFile,
  start: number,
  end: number,
  code: string,
  message: string,
  help: string | null,
  severity: "error" | "warning" = "error",
): Diagnostic {
  return { code, severity, message, file: file.fileName, ...spanAt(file, start, end), notes: [], help };
}

/** An unexpected error of the compiler, reported at the declaration that it worked on; lack of stack at what is nested deepest in it. */
export function failureAtDeclaration(error: unknown, declaration: ts.NamedDeclaration): Diagnostic {
  const node = isStackOverflow(error) ? deepestIn(declaration).node : (declaration.name ?? declaration);
  const file = node.getSourceFile();
  return failureAt(error, { file: file.fileName, ...spanAt(file, node.getStart(file), node.getEnd()) });
}

/** The lines and columns of a span of characters. */
export function spanAt(file: ts.SourceFile, start: number, end: number): Span {
  const from = ts.getLineAndCharacterOfPosition(file, start);
  const to = ts.getLineAndCharacterOfPosition(file, end);
  return {
    line: from.line + 1,
    column: from.character + 1,
    endLine: to.line + 1,
    endColumn: to.character + 1,
  };
}

/** Gives up on what contains `node`. */
export function reject(node: ts.Node, code: Code, message: string, help: string | null = null): never {
  throw new Rejection(diagnosticAt(node, code, message, help));
}

/** Gives up without a word, because what is wrong has been said. */
export function rejectSilently(): never {
  throw new Rejection(null);
}
