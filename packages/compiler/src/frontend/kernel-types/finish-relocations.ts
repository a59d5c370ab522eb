/**
 * Gives relocations their types once all members that a class uses are known, and the number that each has for the object's
 * own declaration: loaders check that the instruction holds it.
 */
import { CoreKind } from "@waggle/object";
import type { CoreRelocation, Instruction, IrFunction } from "../../ir/types.js";
import type { DataType, StructType } from "../../types/data-type.js";
import { sizeOf } from "../../types/layout.js";
import { finishEnum, finishStruct, type LocalEnum, type LocalStruct } from "./local-types.js";

/** What a class uses of the kernel's types. */
export interface UsedTypes {
  readonly structs: Iterable<LocalStruct>;
  readonly enums: Iterable<LocalEnum>;
}

interface FoundField {
  readonly offset: number;
  readonly type: DataType;
}

function follow(root: DataType, indexes: readonly number[]): FoundField {
  return indexes.reduce<FoundField>(
    ({ offset, type }, index) => {
      if (type.kind === "array") return { offset: offset + index * sizeOf(type.element), type: type.element };
      const field = type.kind === "struct" ? type.fields[index] : undefined;
      if (field === undefined) throw new RangeError(`member ${index} of a ${type.kind} is not declared`);
      return { offset: offset + field.offset, type: field.type };
    },
    { offset: 0, type: root },
  );
}

const isSigned = (type: DataType): boolean => (type.kind === "int" || type.kind === "enum") && type.signed;

/** What each kind of question has for an answer where the object's declaration is the kernel's. */
const answers: Readonly<Partial<Record<number, (field: FoundField) => bigint>>> = {
  [CoreKind.FieldByteOffset]: ({ offset }) => BigInt(offset),
  [CoreKind.FieldByteSize]: ({ type }) => BigInt(sizeOf(type)),
  [CoreKind.FieldExists]: () => 1n,
  [CoreKind.FieldSigned]: ({ type }) => BigInt(isSigned(type)),
  // Of an ordinary field, in either byte order: it is read into 8 bytes and shifted to their top, then down.
  [CoreKind.FieldLeftShift]: ({ type }) => BigInt(64 - 8 * sizeOf(type)),
  [CoreKind.FieldRightShift]: ({ type }) => BigInt(64 - 8 * sizeOf(type)),
  [CoreKind.TypeExists]: () => 1n,
  [CoreKind.TypeSize]: ({ type }) => BigInt(sizeOf(type)),
  [CoreKind.EnumValueExists]: () => 1n,
  [CoreKind.EnumValue]: () => 0n,
};

/** The functions with every relocation made whole. */
export function finishRelocations(functions: readonly IrFunction[], used: UsedTypes): IrFunction[] {
  const finished = new Map<LocalStruct, StructType>();
  const types = new Map<DataType, DataType>([
    ...[...used.structs].map((struct) => [struct.handle, finishStruct(struct, finished)] as const),
    ...[...used.enums].map((item) => [item.handle, finishEnum(item)] as const),
  ]);
  if (types.size === 0) return [...functions];
  const finish = (relocation: CoreRelocation): CoreRelocation => {
    const root = types.get(relocation.root) ?? relocation.root;
    const [first = 0, ...indexes] = relocation.access.split(":").map(Number);
    if (root.kind === "enum") {
      const value = relocation.kind === CoreKind.EnumValue ? (root.values[first]?.value ?? 0n) : 1n;
      return { ...relocation, root, fallback: BigInt.asUintN(64, value) };
    }
    const answer = answers[relocation.kind];
    if (answer === undefined) throw new RangeError(`relocations of kind ${relocation.kind} are not made`);
    return { ...relocation, root, fallback: answer(follow(root, indexes)) };
  };
  const change = (item: Instruction): Instruction =>
    item.op === "relocated" ? { ...item, relocation: finish(item.relocation) } : item;
  return functions.map((f) => ({
    ...f,
    blocks: f.blocks.map((block) => ({ ...block, instructions: block.instructions.map(change) })),
  }));
}
