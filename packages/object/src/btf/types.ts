/** Index of a type in a `Btf`; 0 is void. */
export type TypeId = number;

export interface BtfMember {
  readonly name: string;
  readonly type: TypeId;
  /** Offset from the start of the struct, in bits. */
  readonly bitOffset: number;
  /** Width in bits of a bit field; 0 for an ordinary member. */
  readonly bitSize: number;
}
export interface BtfEnumerator {
  readonly name: string;
  readonly value: bigint;
}
export interface BtfParam {
  readonly name: string;
  readonly type: TypeId;
}
/** One variable of a data section: `type` is a VAR (or FUNC) type. */
export interface BtfSectionVariable {
  readonly type: TypeId;
  readonly offset: number;
  readonly size: number;
}
/** Linkage of functions and variables (`BTF_FUNC_*`, `BTF_VAR_*` of linux/btf.h). */
export type BtfLinkage = "static" | "global" | "extern";

/** A BTF type (Documentation/bpf/btf.rst), one shape per `BTF_KIND_*`. Anonymous types have the name "". */
export type BtfType =
  | { readonly kind: "void" }
  | {
      readonly kind: "int";
      readonly name: string;
      readonly size: number;
      readonly bits: number;
      readonly bitOffset: number;
      readonly encoding: "unsigned" | "signed" | "char" | "bool";
    }
  | { readonly kind: "pointer"; readonly type: TypeId }
  | { readonly kind: "array"; readonly type: TypeId; readonly index: TypeId; readonly length: number }
  | {
      readonly kind: "struct" | "union";
      readonly name: string;
      readonly size: number;
      readonly members: readonly BtfMember[];
    }
  | {
      readonly kind: "enum";
      readonly name: string;
      readonly size: number;
      readonly signed: boolean;
      readonly values: readonly BtfEnumerator[];
    }
  | {
      readonly kind: "enum64";
      readonly name: string;
      readonly size: number;
      readonly signed: boolean;
      readonly values: readonly BtfEnumerator[];
    }
  | { readonly kind: "forward"; readonly name: string; readonly union: boolean }
  | { readonly kind: "typedef"; readonly name: string; readonly type: TypeId }
  | { readonly kind: "volatile" | "const" | "restrict"; readonly type: TypeId }
  | { readonly kind: "function"; readonly name: string; readonly type: TypeId; readonly linkage: BtfLinkage }
  | { readonly kind: "function-proto"; readonly returns: TypeId; readonly params: readonly BtfParam[] }
  | { readonly kind: "variable"; readonly name: string; readonly type: TypeId; readonly linkage: BtfLinkage }
  | {
      readonly kind: "section";
      readonly name: string;
      readonly size: number;
      readonly variables: readonly BtfSectionVariable[];
    }
  | { readonly kind: "float"; readonly name: string; readonly size: number }
  | { readonly kind: "decl-tag"; readonly name: string; readonly type: TypeId; readonly component: number }
  | { readonly kind: "type-tag"; readonly name: string; readonly type: TypeId };

/** Types by id. `types[0]` is void. */
export interface Btf {
  readonly types: readonly BtfType[];
}

/** `.BTF.ext` with its strings resolved. Offsets are in bytes from the start of the section, as in the file. */
export interface BtfExt {
  readonly functions: readonly BtfFunctionInfo[];
  readonly lines: readonly BtfLineInfo[];
  readonly relocations: readonly BtfCoreRelocation[];
}
export interface BtfFunctionInfo {
  readonly section: string;
  readonly offset: number;
  /** A FUNC type. */
  readonly type: TypeId;
}
export interface BtfLineInfo {
  readonly section: string;
  readonly offset: number;
  readonly file: string;
  /** The text of the source line. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 0 when not known. At most 1023. */
  readonly column: number;
}
export interface BtfCoreRelocation {
  readonly section: string;
  readonly offset: number;
  /** The root type that the access string starts from. */
  readonly type: TypeId;
  /** Member indexes, as "0:1:2". */
  readonly access: string;
  /** `enum bpf_core_relo_kind` of linux/bpf.h. */
  readonly kind: number;
}
