import { formatBuildDiagnostics } from "./build/diagnostics.js";
import type { Diagnostic } from "./build/result.js";
import { pagePath } from "./pages/error-pages.js";
import type { Terminal } from "./terminal.js";

/** Writes diagnostics to standard error and, for a person, which command tells more of them. */
export async function reportDiagnostics(
  diagnostics: readonly Diagnostic[],
  terminal: Terminal,
): Promise<void> {
  if (diagnostics.length === 0) return;
  const { err } = terminal;
  const text = await formatBuildDiagnostics(diagnostics, {
    color: err.isColorSupported,
    cwd: terminal.cwd,
    paint: (severity, text) => err.bold(severity === "error" ? err.red(text) : err.yellow(text)),
  });
  terminal.writeError(text);
  const codes = [...new Set(diagnostics.map(({ code }) => code))].filter((code) => pagePath(code) !== null);
  if (terminal.interactive && codes.length > 0)
    terminal.writeError(
      err.dim(`\nxtask explain ${codes.sort().join(" ")}: why, and what to write instead\n`),
    );
}
