/** The action on what the targeted kernel does not have: target the one that has it, in `xtask.config.ts`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CodeAction, TextDocumentEdit, WorkspaceEdit } from "vscode-languageserver";
import type { Diagnostic } from "../build/result.js";
import { configNames } from "../config/load.js";
import { locateSetting } from "../config/locate.js";
import type { Documents } from "./documents.js";
import { offsetOfPlace, positionAt } from "./positions.js";

/** What the diagnostics of a too old kernel say in their help. */
const wanted = /target: \{ kernel: "([\d.]+)" \}/;
const start = { line: 0, character: 0 };

/**
 * The action for a diagnostic that names a kernel; null for another one, and where the configuration is written in a way
 * that only its author can change. `canCreate` says that the editor makes files for an edit.
 */
export function kernelAction(
  diagnostic: Diagnostic,
  project: string,
  documents: Documents,
  canCreate: boolean,
): CodeAction | null {
  const kernel = wanted.exec(diagnostic.help ?? "")?.[1];
  if (kernel === undefined) return null;
  const file = configNames.map((name) => join(project, name)).find((path) => existsSync(path));
  const edit =
    file === undefined ? create(project, kernel, documents, canCreate) : change(file, kernel, documents);
  return edit === null ? null : { title: `Compile for kernel ${kernel} and newer`, kind: "quickfix", edit };
}

function create(
  project: string,
  kernel: string,
  documents: Documents,
  canCreate: boolean,
): WorkspaceEdit | null {
  if (!canCreate) return null;
  const uri = documents.uri(join(project, configNames[0] ?? ""));
  const newText = `import { defineConfig } from "@waggle/xtask";\n\nexport default defineConfig({ target: { kernel: "${kernel}" } });\n`;
  const filled: TextDocumentEdit = {
    textDocument: { uri, version: null },
    edits: [{ range: { start, end: start }, newText }],
  };
  return { documentChanges: [{ kind: "create", uri }, filled] };
}

function change(file: string, kernel: string, documents: Documents): WorkspaceEdit | null {
  const text = documents.text(file) ?? "";
  const { line, column } = locateSetting(text, ["target", "kernel"]);
  const from = offsetOfPlace(text, line, column);
  const match = /^["']?kernel["']?\s*:\s*(["'])[^"'\n]*\1/.exec(text.slice(from));
  if (match === null) return null;
  const value = /(["'])[^"'\n]*\1$/.exec(match[0]);
  if (value === null) return null;
  const range = {
    start: positionAt(text, from + value.index),
    end: positionAt(text, from + match[0].length),
  };
  return { changes: { [documents.uri(file)]: [{ range, newText: `"${kernel}"` }] } };
}
