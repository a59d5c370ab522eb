/** `enum bpf_core_relo_kind` of linux/bpf.h: what a relocation asks of the running kernel's BTF. */
export const CoreKind = {
  FieldByteOffset: 0,
  FieldByteSize: 1,
  FieldExists: 2,
  FieldSigned: 3,
  FieldLeftShift: 4,
  FieldRightShift: 5,
  TypeExists: 8,
  TypeSize: 9,
  EnumValueExists: 10,
  EnumValue: 11,
} as const;
export type CoreKind = (typeof CoreKind)[keyof typeof CoreKind];
