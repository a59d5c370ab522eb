/** What a setting may be, as data: the settings of `xtask.config.ts` with their checks. */

/** What is right for one value. */
export type Rule =
  | { readonly kind: "text"; readonly wrong?: (text: string) => string | null }
  | { readonly kind: "yes-or-no" }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "list"; readonly of: Rule; readonly orOne?: boolean }
  | { readonly kind: "object"; readonly fields: Fields; readonly required?: readonly string[] };

type Fields = Readonly<Record<string, Rule>>;

/** The start of a version as `parseKernelVersion` of @waggle/object reads it, which a build that is fresh need not load. */
const version = /^v?\d{1,4}\.\d{1,4}(?!\d)/;

/** Says what is wrong with a kernel's version; null when nothing is. */
export function wrongKernel(text: string): string | null {
  return version.test(text.trim()) ? null : 'is not a kernel\'s version, such as "5.15"';
}

const text: Rule = { kind: "text", wrong: (value) => (value.trim() === "" ? "is empty" : null) };
const texts: Rule = { kind: "list", of: text };

/** All of `XtaskConfig`. */
export const configRule: Rule & { readonly kind: "object" } = {
  kind: "object",
  fields: {
    target: {
      kind: "object",
      fields: {
        kernel: { kind: "text", wrong: wrongKernel },
        cpu: { kind: "choice", choices: ["v1", "v2", "v3", "v4"] },
        byteOrder: { kind: "choice", choices: ["little", "big"] },
      },
    },
    files: { kind: "list", of: text, orOne: true },
    out: text,
    codegen: {
      kind: "list",
      of: {
        kind: "object",
        fields: {
          out: text,
          btf: text,
          split: text,
          module: text,
          builtin: { kind: "yes-or-no" },
          types: texts,
          functions: texts,
          tracepoints: texts,
          lsm: texts,
          iterators: texts,
          kfuncs: texts,
        },
        required: ["out"],
      },
    },
  },
};
