/** What a class, a constant that the loader sets, and a function that kernel code calls are marked with. */
import { kernelOnly } from "../kernel-only.js";

/** A static field that the loader may set before load and that is constant from then on; it is in `.rodata`. Kernel 5.2. */
export function config(
  _target: undefined,
  _context: ClassFieldDecoratorContext & { readonly static: true },
): void {
  kernelOnly("@config");
}

/** What holds for the whole object. */
export interface ProgramOptions {
  /** The licence that the kernel is told; "Dual MIT/GPL" when absent. Some helpers need one that is compatible with the GPL. */
  readonly license?: string;
}

/** Options of a kernel class. A class without it has the defaults. */
export function program(
  _options: ProgramOptions,
): (target: abstract new () => unknown, context: ClassDecoratorContext) => void {
  return kernelOnly("@program()");
}

/** Takes a static method that other kernel code calls. */
export type FunctionDecorator = (
  target: (...args: never) => unknown,
  context: ClassMethodDecoratorContext & { readonly static: true },
) => void;

/** A function that is never put in place of its calls: a BPF subprogram. Kernel 4.16. */
export const noinline: FunctionDecorator = () => kernelOnly("@noinline");

/**
 * A global function: a BPF subprogram that the verifier checks on its own, whatever its callers pass, so that a large program is checked
 * piece by piece. It takes numbers, booleans, an XDP context and references to structs, and gives a number, a boolean or nothing.
 * Kernel 5.6; with references 5.12.
 */
export const global: FunctionDecorator = () => kernelOnly("@global");
