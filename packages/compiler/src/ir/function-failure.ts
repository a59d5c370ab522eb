/** Which function the compiler worked on when it failed. */
import type { IrFunction, SourceLocation } from "./types.js";

/** An unexpected error, with the place of the function that it happened in. Caught by `compile`. */
export class FunctionFailure extends Error {
  override readonly name = "FunctionFailure";

  constructor(
    override readonly cause: unknown,
    readonly location: SourceLocation | null,
  ) {
    super(String(cause));
  }
}

/**
 * Runs `body`, which works on the function.
 * @throws FunctionFailure for everything that `body` throws, but for what `isExpected` says
 */
export function workingOn<T>(
  f: IrFunction,
  body: () => T,
  isExpected: (error: unknown) => boolean = () => false,
): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof FunctionFailure || isExpected(error)) throw error;
    throw new FunctionFailure(error, f.location);
  }
}
