/** The compiler's diagnostics and fixes in the protocol's form. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Fix, Note } from "@waggle/compiler";
import type {
  CodeAction,
  DiagnosticRelatedInformation,
  Diagnostic as LspDiagnostic,
  Range,
  TextEdit,
} from "vscode-languageserver";
import type { Diagnostic } from "../build/result.js";
import { pagePath } from "../pages/error-pages.js";
import type { Documents } from "./documents.js";
import { offsetOfPlace, positionAt } from "./positions.js";

/** DiagnosticSeverity of the protocol. */
const severities = { error: 1, warning: 2 } as const;

/** Whether TypeScript itself found it, so that an editor shows it without us. */
export function isTypescripts(diagnostic: Diagnostic): boolean {
  return diagnostic.code.startsWith("TS");
}

/** The range of a diagnostic in a text; the first character's for one about a file as a whole. */
export function rangeOf(diagnostic: Diagnostic, text: string): Range {
  const start = offsetOfPlace(text, diagnostic.line, diagnostic.column);
  const end = Math.max(start, offsetOfPlace(text, diagnostic.endLine, diagnostic.endColumn));
  // An empty range is not drawn: the character after it is taken, or the one before where the text ends.
  const from = start === end && end === text.length ? Math.max(0, start - 1) : start;
  return {
    start: positionAt(text, from),
    end: positionAt(text, start === end ? Math.min(text.length, from + 1) : end),
  };
}

/** What an editor shows. */
export function toLsp(diagnostic: Diagnostic, documents: Documents): LspDiagnostic {
  const { code, severity, message, notes, help, file } = diagnostic;
  const said = [message, ...notes.flatMap((note) => (typeof note === "string" ? [`note: ${note}`] : []))];
  if (help !== null) said.push(`help: ${help}`);
  const href = pageUri(code);
  return {
    range: rangeOf(diagnostic, documents.text(resolve(file)) ?? ""),
    severity: severities[severity],
    code,
    source: "waggle",
    message: said.join("\n"),
    ...(href === null ? {} : { codeDescription: { href } }),
    relatedInformation: notes.flatMap((note) => related(note, documents)),
  };
}

function related(note: Note, documents: Documents): DiagnosticRelatedInformation[] {
  if (typeof note === "string") return [];
  const path = resolve(note.file);
  const position = positionAt(
    documents.text(path) ?? "",
    offsetOfPlace(documents.text(path) ?? "", note.line, note.column),
  );
  return [
    {
      location: { uri: documents.uri(path), range: { start: position, end: position } },
      message: note.message,
    },
  ];
}

/** A fix as a code action. */
export function toAction(
  fix: Fix,
  isPreferred: boolean,
  documents: Documents,
  solved: readonly LspDiagnostic[],
): CodeAction {
  const files = [...new Set(fix.edits.map(({ file }) => resolve(file)))];
  const changes = files.map((file): [string, TextEdit[]] => {
    const text = documents.text(file) ?? "";
    const edits = fix.edits
      .filter((edit) => resolve(edit.file) === file)
      .map(({ start, end, text: newText }) => ({
        range: { start: positionAt(text, start), end: positionAt(text, end) },
        newText,
      }));
    return [documents.uri(file), edits];
  });
  return {
    title: fix.title,
    kind: "quickfix",
    isPreferred,
    diagnostics: [...solved],
    edit: { changes: Object.fromEntries(changes) },
  };
}

/** Where an editor finds the page of a code; null when it has none. */
export function pageUri(code: string): string | null {
  const path = pagePath(code);
  return path === null ? null : pathToFileURL(path).href;
}
