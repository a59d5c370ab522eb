/** Every way in which bytes can fail to be a BPF object. Codes are stable; messages are for people. */
export type ObjectErrorCode =
  | "truncated"
  | "not-elf"
  | "not-bpf"
  | "unsupported-elf"
  | "bad-section"
  | "bad-symbol"
  | "bad-relocation"
  | "bad-instruction"
  | "bad-btf"
  | "bad-btf-ext"
  | "bad-core-relocation"
  | "bad-map"
  | "bad-program"
  | "bad-value";

/** What is thrown for an object, BTF blob or value that cannot be read or encoded. */
export class ObjectError extends Error {
  override readonly name = "ObjectError";

  /**
   * @param code what went wrong, stable across releases
   * @param message what, where and why, and what to do where that is known
   * @param where the section, symbol or type that is at fault, and the byte offset in it when there is one
   */
  constructor(
    readonly code: ObjectErrorCode,
    message: string,
    readonly where: { readonly section?: string; readonly name?: string; readonly offset?: number } = {},
  ) {
    super(message);
  }
}
