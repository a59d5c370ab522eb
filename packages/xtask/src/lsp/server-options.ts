/** What an editor may set: the options under `waggle`. */
import type { ClientCapabilities, Connection } from "vscode-languageserver";
import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
} from "vscode-languageserver/node";

/** The server's options as they are now. */
export interface ServerOptions {
  /** `waggle.typescriptDiagnostics`: report TypeScript's own errors too, for an editor without TypeScript. Default: false. */
  typescriptDiagnostics(): boolean;
  /** Whether the editor makes new files when an edit says so. */
  canCreate(): boolean;
  /** Takes the options that the editor starts the server with, under `waggle` or as they are. */
  initialize(given: unknown, capabilities: ClientCapabilities): void;
  /** Follows the editor's settings; `onChange` is called after each change. */
  listen(connection: Connection, onChange: () => void): Promise<void>;
}

/** The defaults. */
export function createOptions(): ServerOptions {
  let typescript = false;
  let canAsk = false;
  let canCreate = false;
  let canRegister = { configuration: false, files: false };
  /** Returns whether anything changed. */
  const take = (given: unknown): boolean => {
    const old = typescript;
    const own = fieldOf(given, "waggle") ?? given;
    const value = fieldOf(own, "typescriptDiagnostics");
    if (typeof value === "boolean") typescript = value;
    return typescript !== old;
  };
  return {
    typescriptDiagnostics: () => typescript,
    canCreate: () => canCreate,
    initialize(given, { workspace }) {
      take(given);
      const { documentChanges, resourceOperations = [] } = workspace?.workspaceEdit ?? {};
      canCreate = documentChanges === true && resourceOperations.includes("create");
      canAsk = workspace?.configuration === true;
      canRegister = {
        configuration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
        files: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
      };
    },
    async listen(connection, onChange) {
      const ask = async (): Promise<boolean> =>
        canAsk && take(await connection.workspace.getConfiguration("waggle"));
      connection.onDidChangeConfiguration(async ({ settings }) => {
        // An editor sends the settings, or only that they have changed.
        const changed = [take(settings), await ask()];
        if (changed.includes(true)) onChange();
      });
      if (canRegister.configuration)
        await connection.client.register(DidChangeConfigurationNotification.type, { section: "waggle" });
      if (canRegister.files) {
        const patterns = [
          "**/*.{ts,mts,cts}",
          "**/xtask.config.{js,mjs}",
          "**/tsconfig*.json",
          "**/package.json",
        ];
        await connection.client.register(DidChangeWatchedFilesNotification.type, {
          watchers: patterns.map((globPattern) => ({ globPattern })),
        });
      }
      if (await ask()) onChange();
    },
  };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
