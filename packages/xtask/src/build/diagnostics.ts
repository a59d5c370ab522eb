import { relative } from "node:path";
import type { Code } from "@waggle/compiler";
import type { Diagnostic } from "./result.js";

/** Codes of what can go wrong around the compiler: WG4xxx. They are stable. */
export const BuildCode = {
  NoClasses: "WG4001",
  SameOutput: "WG4002",
  CannotWrite: "WG4003",
  CannotRead: "WG4005",
  /** A warning: the next build starts from nothing. */
  NoCache: "WG4006",
  /** `xtask.config.ts` cannot be run or holds what is no setting. */
  Config: "WG4007",
  /** `xtask codegen` is asked for what the kernel's types do not have. */
  UnknownKernelName: "WG4008",
} as const satisfies Record<string, Code>;

/**
 * Thrown inside a build when it cannot go on; becomes diagnostics of the result.
 */
export class BuildFailure extends Error {
  override readonly name = "BuildFailure";

  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
  }
}

/** A diagnostic about `file` as a whole: its line and column are 0. */
export function buildDiagnostic(
  code: string,
  file: string,
  message: string,
  extra: {
    readonly help?: string;
    readonly notes?: readonly string[];
    readonly severity?: "error" | "warning";
  } = {},
): Diagnostic {
  const { help = null, notes = [], severity = "error" } = extra;
  return {
    code,
    severity,
    message,
    file,
    line: 0,
    column: 0,
    endLine: 0,
    endColumn: 0,
    notes: [...notes],
    help,
  };
}

/** Number of errors, warnings left out. */
export function errorCount(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
}

/** `path` as a person in `cwd` writes it, with forward slashes; unchanged when it is not below `cwd`. */
export function displayPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return (short === "" ? "." : short.startsWith("..") ? path : short).replaceAll("\\", "/");
}

/**
 * Text of diagnostics for people. Those with a place in a source are drawn by the compiler, which is loaded for them
 * only: a fresh build never loads TypeScript.
 */
export async function formatBuildDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: {
    readonly color: boolean;
    readonly cwd: string;
    readonly paint: (severity: string, text: string) => string;
  },
): Promise<string> {
  const texts: string[] = [];
  for (const diagnostic of diagnostics) {
    if (diagnostic.line > 0) {
      const { formatDiagnostics } = await import("@waggle/compiler");
      texts.push(formatDiagnostics([diagnostic], { color: options.color, cwd: options.cwd }).trimEnd());
    } else {
      const head = options.paint(diagnostic.severity, `${diagnostic.severity}[${diagnostic.code}]`);
      const lines = [
        `${head}: ${diagnostic.message}`,
        ...diagnostic.notes.map((note) => `  = note: ${typeof note === "string" ? note : note.message}`),
      ];
      if (diagnostic.help !== null) lines.push(`  = help: ${diagnostic.help}`);
      texts.push(lines.join("\n"));
    }
  }
  return texts.map((text) => `${text}\n`).join("\n");
}
