/** What a program is loaded for, where that is something of the kernel's BTF: a function, a hook, a tracepoint. */
import { type BtfType, findType, nearest, type ProgramSpec } from "@waggle/object";
import { asLoadError, LoadError } from "../errors/errors.js";
import { thisMachine } from "../sys/machine.js";
import { kernelTypes } from "./kernel-types.js";

/** In which form the kernel's BTF has what a kind of program is for, and what it puts before the name. */
const forms: Readonly<Record<string, readonly [kind: BtfType["kind"], prefix: string, what: string]>> = {
  "btf-tracepoint": ["typedef", "btf_trace_", "tracepoint"],
  fentry: ["function", "", "function"],
  fexit: ["function", "", "function"],
  "fmod-ret": ["function", "", "function"],
  fsession: ["function", "", "function"],
  lsm: ["function", "bpf_lsm_", "hook of a security module"],
  "lsm-cgroup": ["function", "bpf_lsm_", "hook of a security module"],
  iter: ["function", "bpf_iter_", "iterator"],
};

/**
 * The BTF id of what the program is loaded for; 0 for programs that are for nothing in particular.
 *
 * @throws LoadError "unknown-target" with the nearest name, when this kernel does not have it
 */
export function attachTargetId({ name, kind, attachTarget }: ProgramSpec): number {
  const form = forms[kind.name];
  if (form === undefined) return 0;
  const [typeKind, prefix, what] = form;
  if (attachTarget === null)
    throw new LoadError("unknown-target", `program ${name} of kind ${kind.name} names no ${what}.`);
  const btf = kernelTypes(`program ${name} is for the ${what} ${attachTarget}, whose type`);
  const id = asLoadError(() => findType(btf, typeKind, `${prefix}${attachTarget}`));
  if (id !== null) return id;
  const known = btf.types.flatMap((type) =>
    type.kind === typeKind && "name" in type && type.name.startsWith(prefix)
      ? [type.name.slice(prefix.length)]
      : [],
  );
  const close = nearest(attachTarget, known);
  throw new LoadError(
    "unknown-target",
    `program ${name} is for the ${what} ${attachTarget}, which Linux ${thisMachine().release} does not have.` +
      `${close === null ? "" : ` Did you mean ${close}?`}`,
  );
}
