/** Values for the kernel's memory, typed by the declarations that programs are written with. Types only. */
import type { FixedArray, KernelPtr, Ref, UserPtr, UserValue } from "@waggle/kernel";
import type { KernelObject, TypedKernelObject } from "./kernel-objects.js";

/**
 * What a test may give for a kernel type `T`, as `xtask codegen` declares it: any of its members, embedded structs and what
 * pointers lead to alike. `const kernel: KernelValue<task_struct> = { real_parent: { tgid: 3 } }` goes into `task: { kernel }`.
 */
export type KernelValue<T> = {
  readonly [Name in keyof T as Name extends string ? Name : never]?: KernelField<T[Name]>;
};

type KernelField<F> = [F] extends [UserPtr]
  ? bigint | null
  : [F] extends [KernelPtr]
    ? Behind<F> | Uint8Array | string | bigint | null
    : [UserValue<F>] extends [number | bigint | boolean | string | Uint8Array]
      ? UserValue<F>
      : F extends FixedArray<infer Element, number>
        ? readonly KernelField<Element>[]
        : KernelValue<F>;

/** What a pointer leads to: of a type that is known by name only, any members; a number's is given as bytes. */
type Behind<F> =
  F extends Ref<unknown>
    ? never
    : [keyof F & string] extends [never]
      ? KernelObject
      : KernelValue<F> | TypedKernelObject;
