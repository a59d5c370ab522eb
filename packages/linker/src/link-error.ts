/** Every way in which a link can fail. Codes are stable; messages are for people. */
export type LinkErrorCode =
  | "bad-input"
  | "byte-order-mismatch"
  | "license-mismatch"
  | "section-mismatch"
  | "duplicate-symbol"
  | "undefined-symbol"
  | "type-mismatch"
  | "unknown-export";

/** What `link` throws. The message names the symbol, the objects and the section at fault, and says what to do. */
export class LinkError extends Error {
  override readonly name = "LinkError";

  /**
   * @param code what went wrong, stable across releases
   * @param message what, where, why, and what to do
   * @param symbol the symbol at fault, or null
   * @param objects names of the inputs that are at fault together
   */
  constructor(
    readonly code: LinkErrorCode,
    message: string,
    readonly symbol: string | null,
    readonly objects: readonly string[],
  ) {
    super(message);
  }
}
