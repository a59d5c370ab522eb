import { createColors } from "picocolors";

type Colors = ReturnType<typeof createColors>;

/** Where the command runs and speaks: the process, or a test's stand-in for it. */
export interface Terminal {
  readonly cwd: string;
  /** Standard input and output are a person's terminal: questions may be asked. */
  readonly interactive: boolean;
  /** `npm_config_user_agent`, which says which package manager runs this. */
  readonly userAgent: string | undefined;
  /** `WAGGLE_PACKAGES`, the default of `--waggle`. */
  readonly waggle: string | undefined;
  readonly out: Colors;
  readonly err: Colors;
  /** Writes text to standard output as it is. */
  write(text: string): void;
  /** Writes text to standard error as it is. */
  writeError(text: string): void;
}

/** The terminal of this process. Colours only on a TTY, never with NO_COLOR (https://no-color.org) or in a dumb terminal. */
export function processTerminal(): Terminal {
  const { env, stdin, stdout, stderr } = process;
  const plain = (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  return {
    cwd: process.cwd(),
    interactive: stdin.isTTY === true && stdout.isTTY === true && !env.CI,
    userAgent: env.npm_config_user_agent,
    waggle: env.WAGGLE_PACKAGES,
    out: createColors(stdout.isTTY === true && !plain),
    err: createColors(stderr.isTTY === true && !plain),
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
  };
}
