import { describeType, sizeOfType, skipModifiers, typeAt } from "../btf/layout.js";
import { essentialName, typesNamed } from "../btf/names.js";
import type { Btf, BtfType, TypeId } from "../btf/types.js";
import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import type { Instruction } from "../isa/instruction.js";
import type { ProgramSpec } from "../spec/types.js";
import { type CorePath, describePath, localPath, targetPath } from "./access.js";
import { CoreKind, isEnumKind, isFieldKind } from "./kinds.js";
import { typesMatch } from "./matches.js";
import { type CorePatch, patchInstruction } from "./patch.js";
import { type CoreValue, fieldValue, widthMayChange } from "./value.js";

const isEnum = (type: BtfType): boolean => type.kind === "enum" || type.kind === "enum64";
const sameKind = (a: BtfType, b: BtfType): boolean => a.kind === b.kind || (isEnum(a) && isEnum(b));

/** Whether two types may be called the same (`bpf_core_types_are_compat`): kinds alike, not what is in structs. */
function typesAgree(local: Btf, a: TypeId, target: Btf, b: TypeId, depth = 0): boolean {
  const from = typeAt(local, skipModifiers(local, a));
  const to = typeAt(target, skipModifiers(target, b));
  if (depth > 32 || !sameKind(from, to)) return false;
  const also = (x: TypeId, y: TypeId): boolean => typesAgree(local, x, target, y, depth + 1);
  if (from.kind === "int" && to.kind === "int") return from.bitOffset === 0 && to.bitOffset === 0;
  if (from.kind === "pointer" && to.kind === "pointer") return also(from.type, to.type);
  if (from.kind === "array" && to.kind === "array") return also(from.type, to.type);
  if (from.kind === "function-proto" && to.kind === "function-proto") {
    return (
      from.params.length === to.params.length &&
      from.params.every((param, index) => also(param.type, to.params[index]?.type ?? 0)) &&
      also(from.returns, to.returns)
    );
  }
  return true;
}

type Relocation = ProgramSpec["coreRelocations"][number];
/** The number in one BTF, and where its field is there. */
interface Answer {
  readonly value: CoreValue;
  readonly bitOffset: number | null;
}

const isTypeKind = (kind: number): boolean => !isFieldKind(kind) && !isEnumKind(kind);
const plain = (value: bigint, checked = true): CoreValue => ({ value, checked, access: null });

function enumerator(btf: Btf, id: TypeId, name: string): bigint | null {
  const type = typeAt(btf, skipModifiers(btf, id));
  if (type.kind !== "enum" && type.kind !== "enum64") return null;
  return type.values.find((one) => essentialName(one.name) === name)?.value ?? null;
}

/**
 * The program's code with every CO-RE relocation done for a kernel, as libbpf does it (tools/lib/bpf/relo_core.c): types
 * are found by name, members by name, and an instruction whose field is missing becomes a call that only fails where it
 * is reached.
 *
 * @param local BTF of the object
 * @param target BTF of the kernel
 * @throws ObjectError "bad-btf-ext" for records that cannot be right, or types of one name that do not agree
 */
export function relocateProgram(
  program: ProgramSpec,
  local: Btf,
  target: Btf,
  byteOrder: ByteOrder,
): readonly Instruction[] {
  if (program.coreRelocations.length === 0) return program.instructions;
  const code = [...program.instructions];
  for (const relocation of program.coreRelocations) {
    const fail = (why: string): ObjectError => failure(program, local, relocation, why);
    const patch = resolve(relocation, local, target, byteOrder, fail);
    const wrong = patchInstruction(code, relocation.instruction, patch);
    if (wrong !== null) throw fail(`instruction ${relocation.instruction} ${wrong}`);
  }
  return code;
}

function failure(program: ProgramSpec, local: Btf, relocation: Relocation, why: string): ObjectError {
  const line = program.lines.findLast((one) => one.instruction <= relocation.instruction);
  const place = line === undefined ? "" : ` (${line.file}:${line.line}:${line.column})`;
  const what = isFieldKind(relocation.kind)
    ? describePath(local, localPath(local, relocation.type, relocation.access))
    : describeType(local, relocation.type);
  return new ObjectError("bad-btf-ext", `program ${program.name}${place}: ${what}: ${why}`, {
    name: program.name,
    offset: relocation.instruction,
  });
}

function resolve(
  relocation: Relocation,
  local: Btf,
  target: Btf,
  order: ByteOrder,
  fail: (why: string) => ObjectError,
): CorePatch {
  const { kind, type: root } = relocation;
  if (kind === CoreKind.TypeIdLocal) {
    return { before: BigInt(root), value: BigInt(root), checked: false, width: null };
  }
  if (kind > CoreKind.TypeMatches) throw fail(`relocations of kind ${kind} are not known here`);
  const type = typeAt(local, root);
  if (!("name" in type) || type.name === "") throw fail("a type without a name cannot be found in a kernel");
  const path = isFieldKind(kind) ? localPath(local, root, relocation.access) : null;
  const member = isEnumKind(kind) ? enumeratorName(local, root, Number(relocation.access)) : null;
  if (isEnumKind(kind) && member === null) throw fail(`there is no enumerator ${relocation.access}`);

  const before = answer(local, root, path, member, kind, order);
  if (before === null) throw fail("the object's own types give it no number");
  let found: Answer | null = null;
  for (const id of typesNamed(target, type.name)) {
    if (!sameKind(type, typeAt(target, id))) continue;
    if (
      isTypeKind(kind) &&
      !(kind === CoreKind.TypeMatches ? typesMatch : typesAgree)(local, root, target, id)
    )
      continue;
    const there = path === null ? null : targetPath(local, path, target, id);
    if (path !== null && there === null) continue;
    const one = answer(target, id, there, member, kind, order);
    if (one === null) continue;
    if (found !== null && (found.bitOffset !== one.bitOffset || found.value.value !== one.value.value)) {
      throw fail(
        `the kernel has several types of this name that do not agree (${found.value.value} and ${one.value.value})`,
      );
    }
    found ??= one;
  }
  const { value, checked, access } = before.value;
  if (found === null) {
    const zero =
      kind !== CoreKind.EnumValue && (kind > CoreKind.FieldRightShift || kind === CoreKind.FieldExists);
    return { before: value, value: zero ? 0n : null, checked, width: null };
  }
  const to = found.value.access;
  const changes = access !== null && to !== null && access.size !== to.size;
  if (changes && !widthMayChange(local, access.type, target, to.type)) {
    return { before: value, value: null, checked, width: null };
  }
  const width = changes ? { from: access.size, to: to.size } : null;
  return { before: value, value: found.value.value, checked, width };
}

function enumeratorName(btf: Btf, id: TypeId, index: number): string | null {
  const type = typeAt(btf, skipModifiers(btf, id));
  const name = isEnum(type) && "values" in type ? type.values[index]?.name : undefined;
  return name === undefined ? null : essentialName(name);
}

function answer(
  btf: Btf,
  id: TypeId,
  path: CorePath | null,
  member: string | null,
  kind: number,
  order: ByteOrder,
): Answer | null {
  if (path !== null) {
    const value = fieldValue(btf, path, kind, order);
    return value === null ? null : { value, bitOffset: path.bitOffset };
  }
  if (member !== null) {
    const value = enumerator(btf, id, member);
    if (value === null) return null;
    return { value: plain(kind === CoreKind.EnumValueExists ? 1n : value), bitOffset: null };
  }
  if (kind === CoreKind.TypeIdTarget) return { value: plain(BigInt(id), false), bitOffset: null };
  return {
    value: plain(kind === CoreKind.TypeSize ? BigInt(sizeOfType(btf, id)) : 1n),
    bitOffset: null,
  };
}
