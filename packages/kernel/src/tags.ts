/** Words of one's own in BTF (`BTF_KIND_DECL_TAG`), which the verifier, loaders and tools look for. */
import { kernelOnly } from "./kernel-only.js";
import type { TAGGED, TAGS } from "./symbols.js";

/**
 * The type of a field or parameter that is tagged: `__attribute__((btf_decl_tag("Name")))` in C. Several tags are a union of their names.
 * The verifier knows some on parameters of `@global` functions, such as "arg:nonnull" (Kernel 6.8). Kernels before 5.16 are given the
 * object without its tags.
 */
export type Tagged<T, Name extends string> = T & { readonly [TAGGED]?: TagNames<Name> };

/** Tags as a type. All have one name in common, so that what is tagged differently can still be assigned. */
export type TagNames<Name extends string> = { readonly [Each in Name | ""]?: true };

/** A struct or union that is tagged, as `Tagged`: `interface Flow extends Tag<"exported"> { … }`. */
export interface Tag<Name extends string> {
  readonly [TAGS]?: TagNames<Name>;
}

/** Takes a static method or field. */
export type TagDecorator = (
  target: unknown,
  context: (ClassMethodDecoratorContext | ClassFieldDecoratorContext) & { readonly static: true },
) => void;

/** Tags a program, a map, a variable or a function, as `Tagged`. A function that is put in place of its calls is not in BTF: see `@noinline`. */
export function tag(_name: string): TagDecorator {
  return kernelOnly("@tag()");
}
