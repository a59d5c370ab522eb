import { createColors } from "picocolors";

type Colors = ReturnType<typeof createColors>;

/** Where a command runs and speaks: the process, or a test's stand-in for it. */
export interface Terminal {
  readonly cwd: string;
  /** True when standard output is a person's terminal: progress may redraw. */
  readonly interactive: boolean;
  /** Colours of standard output: all plain when it is no terminal or NO_COLOR is set. */
  readonly out: Colors;
  /** Colours of standard error. */
  readonly err: Colors;
  /** Writes text to standard output as it is. */
  write(text: string): void;
  /** Writes text to standard error as it is. */
  writeError(text: string): void;
  /** Aborts on Ctrl-C and on SIGTERM. */
  interrupted(): AbortSignal;
}

/** The terminal of this process. Colours only on a TTY, never with NO_COLOR (https://no-color.org) or in a dumb terminal. */
export function processTerminal(): Terminal {
  const plain = (process.env.NO_COLOR ?? "") !== "" || process.env.TERM === "dumb";
  return {
    cwd: process.cwd(),
    interactive: canRedraw(process.stdout) && !process.env.CI && process.env.TERM !== "dumb",
    out: createColors(process.stdout.isTTY === true && !plain),
    err: createColors(process.stderr.isTTY === true && !plain),
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    interrupted: interruptSignal,
  };
}

/** A terminal without a size (script(1), some containers) would be drawn one character wide. */
export function canRedraw(stream: { readonly isTTY?: boolean; readonly columns?: number }): boolean {
  return stream.isTTY === true && (stream.columns ?? 0) > 0;
}

function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
