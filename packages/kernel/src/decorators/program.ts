/** What the decorators of programs have in common. */

/** Takes a static method of the given shape and nothing else. */
export type ProgramDecorator<Context, Result> = (
  target: (ctx: Context) => Result,
  context: ClassMethodDecoratorContext<unknown, (ctx: Context) => Result> & { readonly static: true },
) => void;

/** The result of a program whose result nobody reads; nothing means 0. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is the result of a method, which may return nothing
export type Ignored = number | void;

/** How a program may run. */
export interface SleepableOptions {
  /** It may sleep, as where it runs allows it: helpers that wait for memory of user space need it. Kernel 5.10. */
  readonly sleepable?: boolean;
}
