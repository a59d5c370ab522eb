/** Thrown where kernel code is executed by JavaScript instead of being compiled. */
export class KernelOnlyError extends Error {
  override readonly name = "KernelOnlyError";

  constructor(what: string) {
    super(`${what}: kernel code runs in the kernel: build it with xtask`);
  }
}

/** The body of every declaration that only the compiler gives a meaning. Throws `KernelOnlyError`. */
export function kernelOnly(what: string): never {
  throw new KernelOnlyError(what);
}
