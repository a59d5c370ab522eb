// Starts `xtask lsp` of the first workspace folder that has Waggle installed. One server serves all folders.
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client = null;

/** The server of the project that a file belongs to, or null. */
function findServer(from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const server = join(folder, "node_modules/@waggle/xtask/bin/xtask.js");
    if (existsSync(server)) return server;
    if (dirname(folder) === folder) return null;
  }
}

async function start(document) {
  if (client !== null || document.languageId !== "typescript" || document.uri.scheme !== "file") return;
  const server = findServer(dirname(document.uri.fsPath));
  if (server === null) return;
  // Node of the PATH, with which the project is built; not the one inside VS Code.
  const executable = { command: "node", args: [server, "lsp", "--stdio"] };
  client = new LanguageClient("waggle", "Waggle", executable, {
    documentSelector: [{ scheme: "file", language: "typescript" }],
    initializationOptions: workspace.getConfiguration("waggle"),
  });
  try {
    await client.start();
  } catch (error) {
    void window.showErrorMessage(`Waggle's language server does not start: ${error.message}`);
  }
}

exports.activate = async (context) => {
  context.subscriptions.push(workspace.onDidOpenTextDocument(start));
  for (const document of workspace.textDocuments) await start(document);
};

exports.deactivate = () => client?.stop();
