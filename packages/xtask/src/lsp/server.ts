/** The language server: what is open is checked a moment after it changes, and told. */
import type { CodeAction, Connection, Diagnostic as LspDiagnostic, Range } from "vscode-languageserver";
import type { Diagnostic } from "../build/result.js";
import type { Analysis } from "./analysis.js";
import { createAnalysis } from "./analysis.js";
import type { Documents } from "./documents.js";
import { createDocuments, pathOf } from "./documents.js";
import { explain } from "./explain.js";
import { kernelAction } from "./kernel-action.js";
import { programLenses } from "./lenses.js";
import { isTypescripts, pageUri, rangeOf, toAction, toLsp } from "./present.js";
import { createOptions } from "./server-options.js";

/** Typing stops for this long before the compiler runs. */
const quietMs = 120;

/** Serves an editor. The connection must not listen yet. */
export function serve(connection: Connection, version: string): void {
  const documents = createDocuments();
  const options = createOptions();
  const analysis = createAnalysis(documents);
  /** Files about which the editor has been told something. */
  const told = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let changes = 0;

  const shown = (path: string): Diagnostic[] =>
    analysis.diagnostics(path).filter((item) => options.typescriptDiagnostics() || !isTypescripts(item));

  const publish = (files: Iterable<string>): void => {
    for (const path of files) {
      const diagnostics = shown(path).map((item) => toLsp(item, documents));
      if (diagnostics.length === 0 && !told.has(path) && documents.get(path) === undefined) continue;
      if (diagnostics.length > 0) told.add(path);
      else told.delete(path);
      const document = documents.get(path);
      const at = document === undefined ? {} : { version: document.version };
      void connection.sendDiagnostics({ uri: documents.uri(path), ...at, diagnostics });
    }
  };

  /** Checks until nothing is stale; a change on the way ends the round, since the next one is on its way. */
  const update = (): Promise<void> => {
    running = running.then(async () => {
      const begun = changes;
      await analysis.update(publish, () => changes !== begun);
    });
    running = running.catch((error: unknown) => connection.console.error(String(error)));
    return running;
  };

  const touch = (path: string): void => {
    changes++;
    analysis.touch(path);
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      void update();
    }, quietMs);
  };

  /** What is known is then of the text as it is now. */
  const settled = async (): Promise<void> => {
    while (analysis.isStale()) await update();
    await running;
  };

  connection.onInitialize(({ initializationOptions, capabilities }) => {
    options.initialize(initializationOptions, capabilities);
    return {
      serverInfo: { name: "waggle", version },
      capabilities: {
        positionEncoding: "utf-16",
        textDocumentSync: { openClose: true, change: 2 },
        codeActionProvider: { codeActionKinds: ["quickfix"] },
        hoverProvider: true,
        codeLensProvider: {},
      },
    };
  });
  connection.onInitialized(async () => {
    await options.listen(connection, () => {
      for (const { path } of documents.all()) touch(path);
    });
  });

  connection.onDidOpenTextDocument(({ textDocument: { uri, version, text } }) => {
    const document = documents.open(uri, version, text);
    if (document !== null) touch(document.path);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    const document = documents.change(uri, version, contentChanges);
    if (document !== null) touch(document.path);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    const document = documents.close(uri);
    if (document === null) return;
    // Under the name by which the editor knew it.
    void connection.sendDiagnostics({ uri, diagnostics: [] });
    told.delete(document.path);
    touch(document.path);
  });
  connection.onDidSaveTextDocument(() => {});
  connection.onDidChangeWatchedFiles(({ changes: events }) => {
    for (const { uri } of events) {
      const path = pathOf(uri);
      if (path !== null) touch(path);
    }
    // A new file may be the one that an import was missing, and a configuration concerns all.
    for (const { path } of documents.all()) touch(path);
  });

  connection.onCodeAction(async ({ textDocument: { uri }, range, context }, token) => {
    const path = pathOf(uri);
    if (
      path === null ||
      (context.only !== undefined && !context.only.some((kind) => kind === "" || kind === "quickfix"))
    )
      return null;
    await settled();
    if (token.isCancellationRequested) return null;
    const project = await analysis.projectOf(path);
    const newerKernel = (item: Diagnostic) => kernelAction(item, project, documents, options.canCreate());
    return actionsAt(analysis, documents, path, range, context.diagnostics, newerKernel);
  });
  connection.onHover(async ({ textDocument: { uri }, position }, token) => {
    const path = pathOf(uri);
    const text = path === null ? null : documents.text(path);
    if (path === null || text === null) return null;
    await settled();
    if (token.isCancellationRequested) return null;
    const here = analysis
      .diagnostics(path)
      .filter((item) => touchesAny(item, text, { start: position, end: position }));
    const parts = await Promise.all(here.map((item) => explain(item, pageUri(item.code))));
    const value = parts.filter((part) => part !== "").join("\n\n---\n\n");
    return value === "" ? null : { contents: { kind: "markdown", value } };
  });
  connection.onCodeLens(async ({ textDocument: { uri } }, token) => {
    const path = pathOf(uri);
    if (path === null) return null;
    await settled();
    if (token.isCancellationRequested) return null;
    return programLenses(documents.text(path) ?? "", analysis.classes(path));
  });
  connection.onShutdown(() => {
    if (timer !== null) clearTimeout(timer);
    changes++;
  });
}

/** The fixes of what is wrong in a range, also of TypeScript's errors, which the editor shows without us. */
function actionsAt(
  analysis: Analysis,
  documents: Documents,
  path: string,
  range: Range,
  asked: readonly LspDiagnostic[],
  newerKernel: (item: Diagnostic) => CodeAction | null,
): CodeAction[] {
  const text = documents.text(path) ?? "";
  const offered = new Set<string>();
  return analysis.diagnostics(path).flatMap((item) => {
    if (!touchesAny(item, text, range)) return [];
    const solved = asked.filter(
      ({ code, range: at }) => sameCode(code, item.code) && touchesAny(item, text, at),
    );
    const newer = newerKernel(item);
    const fixes = (item.fixes ?? []).flatMap((fix, index) => {
      const key = JSON.stringify(fix);
      if (offered.has(key)) return [];
      offered.add(key);
      return [toAction(fix, index === 0, documents, solved)];
    });
    return newer === null ? fixes : [...fixes, { ...newer, diagnostics: solved }];
  });
}

/** An editor's TypeScript gives the number of its errors without letters. */
function sameCode(asked: string | number | undefined, own: string): boolean {
  return asked !== undefined && (String(asked) === own || `TS${asked}` === own || `ts${asked}` === own);
}

/** Whether a range has a place in common with where a mistake is told, or with where the same one shows again. */
function touchesAny(item: Diagnostic, text: string, range: Range): boolean {
  const places = [item, ...(item.repeats ?? []).map((repeat) => ({ ...item, ...repeat }))];
  return places.some((place) => touches(rangeOf(place, text), range));
}

/** Whether two ranges have a place in common; ends that meet do. */
function touches(a: Range, b: Range): boolean {
  const before = (x: Range["start"], y: Range["start"]): boolean =>
    x.line < y.line || (x.line === y.line && x.character < y.character);
  return !before(a.end, b.start) && !before(b.end, a.start);
}
