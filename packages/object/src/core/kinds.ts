/** `enum bpf_core_relo_kind` of linux/bpf.h: what a CO-RE relocation asks about the running kernel. */
export const CoreKind = {
  FieldByteOffset: 0,
  FieldByteSize: 1,
  FieldExists: 2,
  FieldSigned: 3,
  FieldLeftShift: 4,
  FieldRightShift: 5,
  TypeIdLocal: 6,
  TypeIdTarget: 7,
  TypeExists: 8,
  TypeSize: 9,
  EnumValueExists: 10,
  EnumValue: 11,
  TypeMatches: 12,
} as const;
/** One of the questions. */
export type CoreKind = (typeof CoreKind)[keyof typeof CoreKind];

/** Asks about a field: its access string leads from the root type to it. */
export const isFieldKind = (kind: number): boolean => kind <= CoreKind.FieldRightShift;
/** Asks about an enumerator: its access string is the index of it. */
export const isEnumKind = (kind: number): boolean =>
  kind === CoreKind.EnumValueExists || kind === CoreKind.EnumValue;

/** The questions in words, by number, as they go before the name of a type, field or enumerator. */
export const coreQuestions: readonly string[] = [
  "offset of",
  "size of",
  "existence of",
  "sign of",
  "left shift of",
  "right shift of",
  "local id of",
  "id of",
  "existence of",
  "size of",
  "existence of",
  "value of",
  "likeness of",
];
