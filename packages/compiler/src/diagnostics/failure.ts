/** What the compiler throws although the source should have become code or a diagnostic: reported like other mistakes. */
import type { Diagnostic, Span } from "./diagnostic.js";

/** Codes of failures of the compiler itself. */
export const failureCodes = { bug: "WG9001", nesting: "WG9002" } as const;

/** What is said of source that is nested too deeply. */
export const nesting = {
  message: "this is nested too deeply, or one statement is too long, for the compiler",
  help: "move the inner part into a function of its own, or write a loop or a switch",
} as const;

/** Frames of the stack that a report shows. */
const frames = 12;

/** The diagnostic of an unexpected error, at the place of the function or class that was being compiled. */
export function failureAt(error: unknown, place: Span & { readonly file: string }): Diagnostic {
  const { file, line, column, endLine, endColumn } = place;
  const at = { severity: "error", file, line, column, endLine, endColumn } as const;
  if (isStackOverflow(error))
    return {
      ...at,
      code: failureCodes.nesting,
      ...nesting,
      notes: [],
    };
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const [first = ""] = message.split("\n");
  return {
    ...at,
    code: failureCodes.bug,
    message: `internal error: ${first}`,
    notes: ["this is a bug in Waggle, not in your code", ...framesOf(stack)],
    help: "please report it with this text, the kernel file, and the versions of Waggle and Node",
  };
}

/** Whether a diagnostic reports a bug of the compiler. */
export const isBug = ({ code }: Pick<Diagnostic, "code">): boolean => code === failureCodes.bug;

/** Whether recursion went too deep. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith("Maximum call stack size");
}

function framesOf(stack = ""): string[] {
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "))
    .slice(0, frames);
}
