/** What the process's exit code says. Stable: scripts may rely on it. */
export const ExitCode = {
  Ok: 0,
  /** Nothing could be made, or its install failed. */
  Failed: 1,
  /** The command line is wrong. */
  Usage: 2,
  /** A mistake of ours (EX_SOFTWARE of sysexits.h). */
  Bug: 70,
  /** The person changed their mind. */
  Cancelled: 130,
} as const;

/** One of `ExitCode`. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
