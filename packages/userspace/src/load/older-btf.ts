import type { Btf, BtfParam, BtfType } from "@waggle/object";

type Replace = (type: BtfType) => BtfType;

const placeholder: BtfType = {
  kind: "int",
  name: "u8",
  size: 1,
  bits: 8,
  bitOffset: 0,
  encoding: "unsigned",
};

/**
 * What no kernel takes: functions and variables that are elsewhere, and the sections that list them, are for loaders
 * (`bpf_object__collect_externs` of libbpf).
 */
const withoutExterns: Replace = (type) => {
  if (type.kind === "section" && (type.name === ".ksyms" || type.name === ".kconfig")) return placeholder;
  const isExtern = (type.kind === "function" || type.kind === "variable") && type.linkage === "extern";
  return isExtern ? { ...type, linkage: "global" } : type;
};

/**
 * Compilers leave out the names of parameters of functions that they only declare; the kernel takes no function without
 * (`btf_func_check`, kernel/bpf/btf.c). The last parameter of a variadic function has neither type nor name.
 */
const withParameterNames = (btf: Btf): Btf => {
  const prototypes = new Set(btf.types.flatMap((type) => (type.kind === "function" ? [type.type] : [])));
  const isUnnamed = ({ name, type }: BtfParam): boolean => name === "" && type !== 0;
  let isChanged = false;
  const types = btf.types.map((type, id) => {
    if (type.kind !== "function-proto" || !prototypes.has(id) || !type.params.some(isUnnamed)) return type;
    isChanged = true;
    const params = type.params.map((param, index) =>
      isUnnamed(param) ? { ...param, name: `parameter${index + 1}` } : param,
    );
    return { ...type, params };
  });
  return isChanged ? { types } : btf;
};

/**
 * Kinds that are newer than BTF itself, each as a type of the same size that says less: what refers to one by its id goes
 * on to (`bpf_object__sanitize_btf` of libbpf).
 */
const older: readonly { readonly since: string; readonly replace: Replace }[] = [
  {
    since: "6.0",
    replace: (type) => {
      if (type.kind === "enum64") return { kind: "union", name: type.name, size: type.size, members: [] };
      // The sign of an enum is a flag that older kernels refuse; they show -1 as 4294967295.
      return type.kind === "enum" && type.signed ? { ...type, signed: false, values: unsigned(type) } : type;
    },
  },
  {
    since: "5.17",
    replace: (type) => (type.kind === "type-tag" ? { kind: "const", type: type.type } : type),
  },
  // Nothing refers to a declaration tag.
  { since: "5.16", replace: (type) => (type.kind === "decl-tag" ? placeholder : type) },
  {
    since: "5.13",
    replace: (type) =>
      type.kind === "float" ? { kind: "struct", name: type.name, size: type.size, members: [] } : type,
  },
  {
    since: "5.6",
    replace: (type) =>
      type.kind === "function" && type.linkage !== "static" ? { ...type, linkage: "static" } : type,
  },
  {
    since: "5.2",
    replace: (type) => (type.kind === "section" || type.kind === "variable" ? placeholder : type),
  },
];

const unsigned = ({ values }: Extract<BtfType, { kind: "enum" }>) =>
  values.map(({ name, value }) => ({ name, value: BigInt.asUintN(32, value) }));

const changed = (btf: Btf, replace: Replace): Btf => {
  const types = btf.types.map(replace);
  return types.some((type, id) => type !== btf.types[id]) ? { types } : btf;
};

/** The BTF as kernels take it, ids as they are. */
export const forKernel = (btf: Btf): Btf => withParameterNames(changed(btf, withoutExterns));

/** The same for older kernels, each form for kernels older than the last: what to try when a kernel refuses it. */
export function olderForms(btf: Btf): readonly { readonly before: string; readonly btf: Btf }[] {
  const forms: { before: string; btf: Btf }[] = [];
  for (const { since, replace } of older) {
    const last = forms.at(-1)?.btf ?? btf;
    const next = changed(last, replace);
    if (next !== last) forms.push({ before: since, btf: next });
  }
  return forms;
}
