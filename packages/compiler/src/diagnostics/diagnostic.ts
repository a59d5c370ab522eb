/** A user's mistake or a limit of the language, at a place in the source. */
export interface Diagnostic extends Span {
  /** `WG1xxx` language, `WG2xxx` types, layout, maps and attaching, `WG3xxx` target; `TSnnnn` is TypeScript's own. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** The file's path as it was given or resolved. */
  readonly file: string;
  readonly notes: readonly Note[];
  /** What to write instead, when that is known. */
  readonly help: string | null;
  /** Changes of the source that take the diagnostic away, the likeliest first. Absent when none is known. */
  readonly fixes?: readonly Fix[];
  /** Other places of the file where the same mistake shows, and the same fixes help. Absent when there are none. */
  readonly repeats?: readonly Span[];
}

/** A piece of a file. */
export interface Span {
  /** Counts from 1, as do the three below. */
  readonly line: number;
  /** In UTF-16 code units, as TypeScript and editors count. */
  readonly column: number;
  readonly endLine: number;
  /** The column after the last character. */
  readonly endColumn: number;
}

/** What else there is to know; with a place when it speaks of one other than the diagnostic's. */
export type Note = string | LocatedNote;

/** A note on another place, such as where a record was reserved. */
export interface LocatedNote {
  readonly message: string;
  readonly file: string;
  /** Counts from 1, as does the column. */
  readonly line: number;
  readonly column: number;
}

/** A change that takes a diagnostic away, as an editor offers it. */
export interface Fix {
  /** What it does, as an order: "Convert with u8(…)". */
  readonly title: string;
  /** All are made at once, against the text as it was; they do not overlap. */
  readonly edits: readonly Edit[];
}

/** One replaced piece of a file. */
export interface Edit {
  readonly file: string;
  /** Where the piece begins, in UTF-16 code units from the file's start. */
  readonly start: number;
  /** Where it ends; equal to `start` to insert. */
  readonly end: number;
  readonly text: string;
}

/** `text` of `file` with the fix applied. Edits of other files are left out. */
export function applyFix(text: string, file: string, fix: Fix): string {
  return fix.edits
    .filter((edit) => edit.file === file)
    .sort((a, b) => b.start - a.start)
    .reduce((whole, { start, end, text }) => whole.slice(0, start) + text + whole.slice(end), text);
}
