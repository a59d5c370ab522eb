/** What makes a static method a program and a static field a constant that the loader sets. */
import type { TracepointContext, XdpAction, XdpContext } from "./contexts.js";
import type { i32 } from "./integers.js";
import { kernelOnly } from "./kernel-only.js";
import type { Tracepoints } from "./tracepoints.js";

/** The names X of the tracepoints `category/X`. */
export type TracepointName<Category extends string> = keyof Tracepoints extends infer Key
  ? Key extends `${Category}/${infer Name}`
    ? Name
    : never
  : never;

/** The categories of the known tracepoints. */
export type TracepointCategory = keyof Tracepoints extends infer Key
  ? Key extends `${infer Category}/${string}`
    ? Category
    : never
  : never;

/** The context of the tracepoint `category/name`. */
export type ContextOfTracepoint<
  Category extends string,
  Name extends string,
> = `${Category}/${Name}` extends infer Key extends keyof Tracepoints ? TracepointContext<Key> : never;

/** Takes a static method of the given shape and nothing else. */
export type ProgramDecorator<Context, Result> = (
  target: (ctx: Context) => Result,
  context: ClassMethodDecoratorContext<unknown, (ctx: Context) => Result> & { readonly static: true },
) => void;

/** An XDP program: runs for each packet that an interface receives. Kernel 4.8. */
export function xdp(): ProgramDecorator<XdpContext, XdpAction> {
  return kernelOnly("@xdp()");
}

/** A program that runs when the tracepoint `category/name` is hit. Its result is ignored; nothing means 0. Kernel 4.7. */
export function tracepoint<Category extends TracepointCategory, Name extends TracepointName<Category>>(
  _category: Category,
  _name: Name,
): ProgramDecorator<
  ContextOfTracepoint<Category, Name>,
  // biome-ignore lint/suspicious/noConfusingVoidType: it is the result of a method, which may return nothing
  i32 | void
> {
  return kernelOnly("@tracepoint()");
}

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
