/**
 * A broken invariant of the compiler itself: never the user's mistake. Carries the text of the function it happened in,
 * so that a report of it can be replayed.
 */
export class BugError extends Error {
  override readonly name = "BugError";

  /**
   * @param message which invariant broke, and where
   * @param ir the function as text (IR, or the machine form in the target)
   */
  constructor(
    message: string,
    readonly ir: string,
  ) {
    super(`${message}\n\nThis is a bug in the Waggle compiler. The function it happened in:\n${ir}`);
  }
}
