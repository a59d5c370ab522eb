import { count, formatDuration } from "../build/summary.js";
import type { CheckOptions, CheckResult } from "../check/check.js";
import { checkOnce } from "../check/check.js";
import { createChecker } from "../check/checker.js";
import { ExitCode, exitCodeOf } from "../exit-code.js";
import { reportDiagnostics } from "../report-diagnostics.js";
import type { Terminal } from "../terminal.js";

/** What the command line of `xtask check` says. */
export interface CheckFlags extends Pick<CheckOptions, "target" | "cpu" | "kernel"> {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** Clears a terminal's screen and what was scrolled off it (ECMA-48, xterm). */
const clear = "\u001b[2J\u001b[3J\u001b[H";

/** `xtask check`. Returns the exit code. */
export async function checkCommand(
  files: string[],
  { watch = false, json = false, ...target }: CheckFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const options: CheckOptions = { ...target, files, cwd: terminal.cwd };
  const show = json ? writeJson : report;
  const checker = createChecker();
  if (!watch) {
    const { result } = await checkOnce(options, checker);
    await show(terminal, result);
    return exitCodeOf(result);
  }
  const { watchRuns } = await import("../build/watch.js");
  let isFirst = true;
  const onBuild = async (result: CheckResult): Promise<void> => {
    // The state replaces the one before it.
    if (terminal.interactive && !json) terminal.write(clear);
    await show(terminal, result);
    if (!json && (isFirst || terminal.interactive))
      terminal.write(terminal.out.dim("watching for changes; Ctrl-C ends\n"));
    isFirst = false;
  };
  await watchRuns(() => checkOnce(options, checker), { onBuild }, terminal.interrupted());
  return ExitCode.Ok;
}

function writeJson(terminal: Terminal, result: CheckResult): void {
  terminal.write(`${JSON.stringify(result)}\n`);
}

async function report(terminal: Terminal, result: CheckResult): Promise<void> {
  await reportDiagnostics(result.diagnostics, terminal);
  if (result.diagnostics.length > 0) terminal.writeError("\n");
  const summary = checkSummary(result);
  terminal.write(`${result.ok ? summary : terminal.out.red(summary)}\n`);
}

/** "2 classes: no errors in 80 ms". */
function checkSummary({ classes, diagnostics, durationMs }: CheckResult): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const parts = [errors === 0 ? "no errors" : count(errors, "error")];
  if (warnings > 0) parts.push(count(warnings, "warning"));
  const checked = errors === 0 ? `${count(classes.length, "class", "classes")}: ` : "";
  return `${checked}${parts.join(", ")} in ${formatDuration(durationMs)}`;
}
