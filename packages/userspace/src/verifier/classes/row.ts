/**
 * A kind of rejection: the verifier's wordings of it, and what they mean for TypeScript.
 *
 * Rules for adding one: patterns match a whole line of the verifier (old and new wordings, each with a recorded log in
 * fixtures/logs); a line is given to the first row that matches, so the narrower row stands before the wider one; the
 * register at fault is the group `reg`. In `explain` and `fix`, `{it}` is the variable in backquotes (or `noun` where its
 * name is not known), `{call}` the helper that is called, `{arg}` the argument that `reg` is, and `{name}` a group.
 */
export interface RejectionClass {
  /** Stable name, e.g. `null-unchecked`. */
  readonly id: string;
  readonly patterns: readonly RegExp[];
  /** What `{it}` is called when the variable is not known. */
  readonly noun: string;
  /** The reason in plain words, one sentence or two. */
  readonly explain: string;
  /** What to change. */
  readonly fix: string;
}

export const COMPILER_FAULT =
  "This is not the program's fault: please report it with the whole log and the source, at the project's issues.";
