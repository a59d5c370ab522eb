import { buildEbpf } from "../build/build.js";
import { changesProgress, createProgress } from "../build/progress.js";
import type { BuildOptions, BuildResult } from "../build/result.js";
import { buildSummary } from "../build/summary.js";
import { ExitCode, exitCodeOf } from "../exit-code.js";
import { reportDiagnostics } from "../report-diagnostics.js";
import type { Terminal } from "../terminal.js";

/** What the command line of `xtask build-ebpf` says. */
export interface BuildEbpfFlags extends Pick<BuildOptions, "target" | "cpu" | "kernel" | "out" | "force"> {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** `xtask build-ebpf`. Returns the exit code. */
export async function buildEbpfCommand(
  files: string[],
  flags: BuildEbpfFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const { watch = false, json = false, ...rest } = flags;
  const options: BuildOptions = { ...rest, files, cwd: terminal.cwd };
  if (watch) return watchCommand(options, json, terminal);
  if (json) {
    const result = await buildEbpf(options);
    writeJson(terminal, result);
    return exitCodeOf(result);
  }
  const progress = await createProgress(terminal);
  let result: BuildResult;
  try {
    result = await buildEbpf({ ...options, onProgress: progress.onEvent });
  } finally {
    await progress.close();
  }
  await report(terminal, result);
  return exitCodeOf(result);
}

async function watchCommand(options: BuildOptions, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const { watchEbpf } = await import("../build/watch.js");
  let progress = json ? null : await createProgress(terminal);
  let isFirst = true;
  try {
    await watchEbpf(
      { ...options, onProgress: (event) => progress?.onEvent(event) },
      {
        async onBuild(result) {
          if (json) return writeJson(terminal, result);
          await progress?.close();
          await report(terminal, result);
          if (isFirst) terminal.write(terminal.out.dim("watching for changes; Ctrl-C ends\n"));
          isFirst = false;
          progress = changesProgress(terminal);
        },
      },
      terminal.interrupted(),
    );
  } finally {
    await progress?.close();
  }
  return ExitCode.Ok;
}

function writeJson(terminal: Terminal, result: BuildResult): void {
  terminal.write(`${JSON.stringify(result)}\n`);
}

async function report(terminal: Terminal, result: BuildResult): Promise<void> {
  await reportDiagnostics(result.diagnostics, terminal);
  if (result.diagnostics.length > 0) terminal.writeError("\n");
  const summary = buildSummary(result);
  terminal.write(`${result.ok ? summary : terminal.out.red(summary)}\n`);
}
