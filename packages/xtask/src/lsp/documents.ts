/** The editor's open files, with what was typed and not saved. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Position } from "./positions.js";
import { offsetAt } from "./positions.js";

/** One open file. */
export interface OpenDocument {
  /** As the editor spells it: it is given back in this form. */
  readonly uri: string;
  readonly path: string;
  readonly version: number;
  readonly text: string;
}

/** A change of a document; without a range, all of its text. */
export interface Change {
  readonly range?: { readonly start: Position; readonly end: Position };
  readonly text: string;
}

/** The open documents by absolute path. */
export interface Documents {
  /** Returns the document; null for one that is not a file on this machine. */
  open(uri: string, version: number, text: string): OpenDocument | null;
  /** Returns the changed document; null for one that is not open. */
  change(uri: string, version: number, changes: readonly Change[]): OpenDocument | null;
  /** Returns what was open. */
  close(uri: string): OpenDocument | null;
  get(path: string): OpenDocument | undefined;
  all(): readonly OpenDocument[];
  /** Text by path, as it is now. A Windows path is there in both spellings, since TypeScript writes slashes. */
  overlay(): ReadonlyMap<string, string>;
  /** The text of a file, open or not; null when it cannot be read. */
  text(path: string): string | null;
  /** The URI of a file, open or not. */
  uri(path: string): string;
}

/** The path of a `file:` URI; null for another one. */
export function pathOf(uri: string): string | null {
  try {
    return uri.startsWith("file:") ? resolve(fileURLToPath(uri)) : null;
  } catch {
    return null;
  }
}

/** No documents. */
export function createDocuments(): Documents {
  const open = new Map<string, OpenDocument>();
  const find = (uri: string): OpenDocument | null => open.get(pathOf(uri) ?? "") ?? null;
  const keep = (document: OpenDocument): OpenDocument => {
    open.set(document.path, document);
    return document;
  };
  return {
    open(uri, version, text) {
      const path = pathOf(uri);
      return path === null ? null : keep({ uri, path, version, text });
    },
    change(uri, version, changes) {
      const document = find(uri);
      return document === null
        ? null
        : keep({ ...document, version, text: changes.reduce(applyChange, document.text) });
    },
    close(uri) {
      const document = find(uri);
      if (document !== null) open.delete(document.path);
      return document;
    },
    get: (path) => open.get(path),
    all: () => [...open.values()],
    overlay: () =>
      new Map(
        [...open.values()].flatMap(({ path, text }) => [
          [path, text],
          [path.replaceAll("\\", "/"), text],
        ]),
      ),
    text(path) {
      const document = open.get(path);
      if (document !== undefined) return document.text;
      try {
        return readFileSync(path, "utf8");
      } catch {
        return null;
      }
    },
    uri: (path) => open.get(path)?.uri ?? pathToFileURL(path).href,
  };
}

function applyChange(text: string, { range, text: added }: Change): string {
  if (range === undefined) return added;
  return text.slice(0, offsetAt(text, range.start)) + added + text.slice(offsetAt(text, range.end));
}
