import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import type { ExitCode } from "../exit-code.js";
import { serve } from "../lsp/server.js";

/**
 * `xtask lsp`: speaks with an editor over standard input and output. The process ends as the protocol has it: with 0 when
 * the editor said shutdown before exit or before it went away, with 1 when it did not.
 */
export async function lspCommand(version: string): Promise<ExitCode> {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  serve(connection, version);
  connection.listen();
  return new Promise(() => {});
}
