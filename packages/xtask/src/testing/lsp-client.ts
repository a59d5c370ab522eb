import { spawn } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type {
  CodeAction,
  Diagnostic,
  Hover,
  InitializeResult,
  ProtocolConnection,
  PublishDiagnosticsParams,
} from "vscode-languageserver/node";
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";

const command = fileURLToPath(new URL("../../bin/xtask.js", import.meta.url));

/** An editor for tests: speaks with `xtask lsp`, which runs as a process of its own. */
export interface LspClient {
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  /** How long diagnostics took to come after what they answered, in milliseconds, by a word for it. */
  readonly latencies: { readonly what: string; readonly ms: number }[];
  open(path: string, text: string): void;
  /** Types over the text of an open file, as an editor sends it: what lies between the common start and end. */
  type(path: string, text: string): void;
  close(path: string): void;
  /** The file's diagnostics once they meet the condition; fails after a while, telling the last ones. */
  diagnostics(
    path: string,
    condition: (list: readonly Diagnostic[]) => boolean,
    what?: string,
  ): Promise<readonly Diagnostic[]>;
  /** The code actions at the first place of `text` in the file. */
  actions(path: string, at: string, diagnostics?: readonly Diagnostic[]): Promise<readonly CodeAction[]>;
  hover(path: string, at: string): Promise<Hover | null>;
  /** The text of an open file with an action applied, which is typed into it. */
  apply(path: string, action: CodeAction): string;
  text(path: string): string;
  /** Everything on standard error. */
  errors(): string;
  /** Resolves to the exit code. */
  readonly exited: Promise<number | null>;
  /** Says goodbye as the protocol has it; the exit code. */
  end(): Promise<number | null>;
}

/** The address of a file as an editor writes it. */
export const uriOf = (path: string): string => pathToFileURL(path).href;

/** Starts a server. `options` are its initialization options. */
export async function lspClient(folders: readonly string[], options: unknown = {}): Promise<LspClient> {
  const child = spawn(process.execPath, [command, "lsp", "--stdio"], { stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => (errors += String(data)));
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const published = new Map<string, PublishDiagnosticsParams>();
  const latencies: { what: string; ms: number }[] = [];
  const texts = new Map<string, { text: string; version: number }>();
  let wake = (): void => {};
  let sent = 0;
  connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    published.set(params.uri, params);
    wake();
  });
  connection.onNotification("window/logMessage", ({ message }: { message: string }) => {
    errors += message;
  });
  connection.onRequest("client/registerCapability", () => null);
  connection.listen();
  const initialized = await connection.sendRequest<InitializeResult>("initialize", {
    processId: process.pid,
    rootUri: folders[0] === undefined ? null : uriOf(folders[0]),
    workspaceFolders: folders.map((folder) => ({ uri: uriOf(folder), name: folder })),
    capabilities: {},
    initializationOptions: options,
  });
  await connection.sendNotification("initialized", {});

  const known = (path: string) => {
    const document = texts.get(path);
    if (document === undefined) throw new Error(`${path} is not open`);
    return document;
  };
  const position = (text: string, offset: number) => {
    const lines = text.slice(0, offset).split(/\r\n|\n/);
    return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  };
  const offsetOf = (text: string, { line, character }: { line: number; character: number }): number => {
    const starts = [0, ...[...text.matchAll(/\r\n|\n/g)].map((match) => match.index + match[0].length)];
    return (starts[line] ?? text.length) + character;
  };
  const client: LspClient = {
    connection,
    initialized,
    latencies,
    exited,
    errors: () => errors,
    text: (path) => known(path).text,
    open(path, text) {
      texts.set(path, { text, version: 1 });
      sent = performance.now();
      const textDocument = { uri: uriOf(path), languageId: "typescript", version: 1, text };
      void connection.sendNotification("textDocument/didOpen", { textDocument });
    },
    type(path, text) {
      const old = known(path);
      let start = 0;
      while (start < Math.min(old.text.length, text.length) && old.text[start] === text[start]) start++;
      let tail = 0;
      const longest = Math.min(old.text.length, text.length) - start;
      while (tail < longest && old.text.at(-1 - tail) === text.at(-1 - tail)) tail++;
      const version = old.version + 1;
      texts.set(path, { text, version });
      sent = performance.now();
      const range = { start: position(old.text, start), end: position(old.text, old.text.length - tail) };
      const contentChanges = [{ range, text: text.slice(start, text.length - tail) }];
      void connection.sendNotification("textDocument/didChange", {
        textDocument: { uri: uriOf(path), version },
        contentChanges,
      });
    },
    close(path) {
      texts.delete(path);
      void connection.sendNotification("textDocument/didClose", { textDocument: { uri: uriOf(path) } });
    },
    async diagnostics(path, condition, what) {
      const begun = sent;
      const deadline = Date.now() + 90_000;
      for (;;) {
        const last = published.get(uriOf(path));
        const version = texts.get(path)?.version;
        const isCurrent = version === undefined || last?.version === version;
        if (last !== undefined && isCurrent && condition(last.diagnostics)) {
          if (what !== undefined) latencies.push({ what, ms: Math.round(performance.now() - begun) });
          return last.diagnostics;
        }
        if (Date.now() > deadline)
          throw new Error(`the diagnostics do not come; the last: ${JSON.stringify(last)}\n${errors}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 1000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    async actions(path, at, diagnostics = []) {
      const { text } = known(path);
      const start = position(text, text.indexOf(at));
      const range = { start, end: start };
      const context = { diagnostics };
      const params = { textDocument: { uri: uriOf(path) }, range, context };
      return (await connection.sendRequest<CodeAction[] | null>("textDocument/codeAction", params)) ?? [];
    },
    hover(path, at) {
      const { text } = known(path);
      const params = { textDocument: { uri: uriOf(path) }, position: position(text, text.indexOf(at)) };
      return connection.sendRequest<Hover | null>("textDocument/hover", params);
    },
    apply(path, action) {
      const { text } = known(path);
      const edits = action.edit?.changes?.[uriOf(path)] ?? [];
      const after = edits
        .map(({ range, newText }) => ({
          from: offsetOf(text, range.start),
          to: offsetOf(text, range.end),
          newText,
        }))
        .sort((a, b) => b.from - a.from)
        .reduce((whole, { from, to, newText }) => whole.slice(0, from) + newText + whole.slice(to), text);
      client.type(path, after);
      return after;
    },
    async end() {
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      return exited;
    },
  };
  return client;
}
