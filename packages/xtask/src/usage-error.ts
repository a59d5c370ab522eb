/** Thrown for a command line that cannot be meant: shown without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
