/** `BTF_KIND_*` of linux/btf.h. */
export const BtfKind = {
  Void: 0,
  Int: 1,
  Pointer: 2,
  Array: 3,
  Struct: 4,
  Union: 5,
  Enum: 6,
  Forward: 7,
  Typedef: 8,
  Volatile: 9,
  Const: 10,
  Restrict: 11,
  Function: 12,
  FunctionProto: 13,
  Variable: 14,
  Section: 15,
  Float: 16,
  DeclTag: 17,
  TypeTag: 18,
  Enum64: 19,
} as const;

/** `BTF_MAGIC`, the first two bytes of `.BTF` and `.BTF.ext`. */
export const BTF_MAGIC = 0xeb9f;
export const BTF_VERSION = 1;
/** Bytes of `struct btf_header`. */
export const BTF_HEADER_SIZE = 24;
/** `BTF_MAX_TYPE`: the highest type id that a kernel takes. */
export const BTF_MAX_TYPE = 0x000fffff;
/** `BTF_MAX_NAME_OFFSET`: the highest offset of a string that a kernel takes. */
export const BTF_MAX_NAME_OFFSET = 0x00ffffff;
/** `BTF_MAX_VLEN`: the most members, parameters, values or variables of one type. */
export const BTF_MAX_VLEN = 0xffff;

/** Linkage by number, the same for `BTF_FUNC_*` and `BTF_VAR_*`. */
export const linkages = ["static", "global", "extern"] as const;

/** Encoding of an integer by `BTF_INT_*` bits; the kernel takes at most one bit. */
export const intEncodings = { 0: "unsigned", 1: "signed", 2: "char", 4: "bool" } as const;
