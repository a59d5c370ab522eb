import type { Code } from "@waggle/compiler";
import type { Diagnostic } from "./build/result.js";

/** What the process's exit code says. Stable: scripts may rely on it. */
export const ExitCode = {
  Ok: 0,
  /** The build failed; diagnostics say why. */
  Failed: 1,
  /** The command line is wrong. */
  Usage: 2,
  /** A mistake of ours (EX_SOFTWARE of sysexits.h). */
  Bug: 70,
} as const;

/** One of `ExitCode`. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The code of a compiler's bug that a diagnostic reports; the compiler is loaded only when something is compiled. */
const bugCode: Code = "WG9001";

/** The exit code of a build or check: a bug of ours is told from mistakes. */
export function exitCodeOf(result: {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
}): ExitCode {
  if (result.ok) return ExitCode.Ok;
  return result.diagnostics.some(({ code }) => code === bugCode) ? ExitCode.Bug : ExitCode.Failed;
}
