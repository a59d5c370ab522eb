/** Thrown for a command line that cannot be meant; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Thrown when a project cannot be made; nothing of it remains. Exit code 1. */
export class ScaffoldError extends Error {
  override readonly name = "ScaffoldError";
}
