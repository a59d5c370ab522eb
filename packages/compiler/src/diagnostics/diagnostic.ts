/** A user's mistake or a limit of the language, at a place in the source. */
export interface Diagnostic {
  /** `WG1xxx` language, `WG2xxx` types, layout, maps and attaching, `WG3xxx` target; `TSnnnn` is TypeScript's own. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** The file's path as it was given or resolved. */
  readonly file: string;
  /** Counts from 1, as do the three below. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** The column after the last character. */
  readonly endColumn: number;
  readonly notes: readonly string[];
  /** What to write instead, when that is known. */
  readonly help: string | null;
}
