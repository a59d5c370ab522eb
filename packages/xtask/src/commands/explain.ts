import { nearest } from "@waggle/object";
import { ExitCode } from "../exit-code.js";
import { pageCodes, readPage } from "../pages/error-pages.js";
import { formatPage } from "../pages/format-page.js";
import type { Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";

/** What the command line of `xtask explain` says. */
export interface ExplainFlags {
  readonly json?: boolean;
}

/**
 * `xtask explain`: the pages of the codes, or a list of all codes. Returns the exit code.
 * @throws UsageError for a code that has no page
 */
export function explainCommand(
  codes: readonly string[],
  { json = false }: ExplainFlags,
  terminal: Terminal,
): ExitCode {
  const { bold, green, red } = terminal.out;
  const pages = (codes.length === 0 ? pageCodes() : codes).map(pageOf);
  if (json) terminal.write(`${JSON.stringify({ pages })}\n`);
  else if (codes.length === 0)
    terminal.write(pages.map(({ code, title }) => `${bold(code)}  ${title}\n`).join(""));
  else {
    const paint = { heading: bold, refused: red, accepted: green };
    terminal.write(pages.map((page) => formatPage(page, paint)).join("\n"));
  }
  return ExitCode.Ok;
}

function pageOf(word: string) {
  const code = word.toUpperCase();
  const page = readPage(code);
  if (page !== null) return page;
  if (/^TS\d+$/.test(code))
    throw new UsageError(`${code} is an error of TypeScript itself; the codes explained here begin with WG`);
  const close = nearest(code, pageCodes());
  throw new UsageError(
    `there is no code ${word}; ${close === null ? "xtask explain lists the codes" : `did you mean ${close}?`}`,
  );
}
