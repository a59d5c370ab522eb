import { describeType, sizeOfType, skipModifiers, typeAt } from "../btf/layout.js";
import { essentialName, typesNamed } from "../btf/names.js";
import type { Btf, TypeId } from "../btf/types.js";
import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import type { Instruction } from "../isa/instruction.js";
import type { ProgramSpec } from "../spec/types.js";
import { type CorePath, describePath, localPath, targetPath } from "./access.js";
import { sameKind, typesCompatible } from "./compatible.js";
import { CoreRelocationError } from "./core-error.js";
import { CoreKind, coreQuestions, isEnumKind, isFieldKind } from "./kinds.js";
import { typesMatch } from "./matches.js";
import { type CorePatch, patchInstruction } from "./patch.js";
import { type CoreValue, fieldValue, widthMayChange } from "./value.js";

type Relocation = ProgramSpec["coreRelocations"][number];
/** The number in one BTF, and where its field is there. */
interface Answer {
  readonly value: CoreValue;
  readonly bitOffset: number | null;
}

const plain = (value: bigint, checked = true): CoreValue => ({ value, checked, access: null });

function enumerator(btf: Btf, id: TypeId, name: string): bigint | null {
  const type = typeAt(btf, skipModifiers(btf, id));
  if (type.kind !== "enum" && type.kind !== "enum64") return null;
  return type.values.find((one) => essentialName(one.name) === name)?.value ?? null;
}

/** Why a relocation cannot be done. */
interface Problem {
  readonly why: string;
  readonly candidates: readonly string[];
  readonly help: string;
}

const rebuild = "The object is damaged or of a newer compiler: build it again with this version";
const broken = (why: string): Problem => ({ why, candidates: [], help: rebuild });

/** Types of the kernel that are still meant, by the object's type: what one relocation rules out is out for the rest. */
type Candidates = Map<TypeId, readonly TypeId[]>;

/**
 * The program's code with every CO-RE relocation done for a kernel, as libbpf does it (tools/lib/bpf/relo_core.c): types
 * are found by name, members by name, and an instruction whose field is missing becomes a call that only fails where it
 * is reached.
 *
 * @param local BTF of the object
 * @param target BTF of the kernel
 * @throws CoreRelocationError for records that cannot be right, and for types of one name that do not agree
 */
export function relocateProgram(
  program: ProgramSpec,
  local: Btf,
  target: Btf,
  byteOrder: ByteOrder,
): readonly Instruction[] {
  if (program.coreRelocations.length === 0) return program.instructions;
  const code = [...program.instructions];
  const candidates: Candidates = new Map();
  for (const relocation of program.coreRelocations) {
    const patch = attempt(() => resolve(relocation, local, target, byteOrder, candidates));
    if ("why" in patch) throw failure(program, local, relocation, patch);
    const wrong = patchInstruction(code, relocation.instruction, patch);
    if (wrong !== null)
      throw failure(program, local, relocation, broken(`instruction ${relocation.instruction} ${wrong}`));
  }
  return code;
}

/** What is wrong with types is told with the place of the relocation that met them. */
function attempt<Result>(action: () => Result): Result | Problem {
  try {
    return action();
  } catch (error) {
    if (error instanceof ObjectError) return broken(error.message);
    throw error;
  }
}

function failure(program: ProgramSpec, local: Btf, relocation: Relocation, problem: Problem): ObjectError {
  const { instruction } = relocation;
  const source = program.lines.findLast((one) => one.instruction <= instruction) ?? null;
  const { why, candidates, help } = problem;
  return new CoreRelocationError(
    { program: program.name, instruction, source },
    describeRelocation(local, relocation),
    why,
    candidates,
    help,
  );
}

/** What a relocation asks, for people: "offset of task_struct.pid". */
export function describeRelocation(local: Btf, relocation: Relocation): string {
  const subject = attempt(() => subjectOf(local, relocation));
  const what = typeof subject === "string" ? subject : `type ${relocation.type}, "${relocation.access}"`;
  return `${coreQuestions[relocation.kind] ?? "something of"} ${what}`;
}

function subjectOf(local: Btf, { kind, type, access }: Relocation): string {
  if (isFieldKind(kind)) return describePath(local, localPath(local, type, access));
  const name = describeType(local, type);
  const enumerator = isEnumKind(kind) ? enumeratorName(local, type, Number(access)) : null;
  return enumerator === null ? name : `${name}.${enumerator}`;
}

function resolve(
  relocation: Relocation,
  local: Btf,
  target: Btf,
  order: ByteOrder,
  candidates: Candidates,
): CorePatch | Problem {
  const { kind, type: root, access: place } = relocation;
  const type = typeAt(local, root);
  if (kind > CoreKind.TypeMatches) return broken(`relocations of kind ${kind} are not known here`);
  if (!isFieldKind(kind) && !isEnumKind(kind) && place !== "0")
    return broken(`a question about a whole type has the access "${place}" in place of "0"`);
  if (kind === CoreKind.TypeIdLocal) {
    return { before: BigInt(root), value: BigInt(root), checked: false, width: null };
  }
  if (!("name" in type) || type.name === "") {
    return {
      why: "a type without a name cannot be found in a kernel",
      candidates: [],
      help: "Give it the name that the kernel's type has, or that of the kernel's typedef",
    };
  }
  const path = isFieldKind(kind) ? localPath(local, root, place) : null;
  const member = isEnumKind(kind) ? enumeratorName(local, root, Number(place)) : null;
  if (isEnumKind(kind) && member === null) return broken(`there is no enumerator ${place}`);
  const before = answer(local, root, path, member, kind, order);
  if (before === null) return broken("the object's own types give it no number");

  const named = candidates.get(root) ?? typesNamed(target, type.name);
  const found: { id: TypeId; answer: Answer }[] = [];
  for (const id of named) {
    if (!sameKind(type, typeAt(target, id)) || !fits(kind, local, root, target, id)) continue;
    const there = path === null ? null : targetPath(local, path, target, id);
    if (path !== null && there === null) continue;
    const one = answer(target, id, there, member, kind, order);
    if (one !== null) found.push({ id, answer: one });
  }
  const [first] = found;
  if (first === undefined) return missing(kind, before);
  const isOther = ({ bitOffset, value }: Answer): boolean =>
    bitOffset !== first.answer.bitOffset || value.value !== first.answer.value.value;
  if (found.some(({ answer }) => isOther(answer))) {
    return {
      why: "the kernel's types of this name do not agree",
      candidates: found.map(
        ({ id, answer }) => `${describeType(target, id)} (type ${id}): ${answer.value.value}`,
      ),
      help: "Use a field that only the type you mean has before this one: that rules the others out",
    };
  }
  candidates.set(
    root,
    found.map(({ id }) => id),
  );
  return patched(before, first.answer, local, target);
}

/** Whether a type of the right name is one that a question about a whole type means. */
function fits(kind: number, local: Btf, root: TypeId, target: Btf, id: TypeId): boolean {
  if (isFieldKind(kind) || isEnumKind(kind)) return true;
  return kind === CoreKind.TypeMatches
    ? typesMatch(local, root, target, id)
    : typesCompatible(local, root, target, id);
}

/** Where the kernel has nothing of the kind: 0 for a question, poison for what needs a number. */
function missing(kind: number, { value: { value, checked } }: Answer): CorePatch {
  const isQuestion =
    kind === CoreKind.FieldExists || (kind > CoreKind.FieldRightShift && kind !== CoreKind.EnumValue);
  return { before: value, value: isQuestion ? 0n : null, checked, width: null };
}

function patched(before: Answer, found: Answer, local: Btf, target: Btf): CorePatch {
  const { value, checked, access } = before.value;
  const to = found.value.access;
  const width =
    access === null || to === null || access.size === to.size
      ? null
      : {
          from: access.size,
          to: to.size,
          adjustable: widthMayChange(local, access.type, target, to.type),
        };
  return { before: value, value: found.value.value, checked, width };
}

function enumeratorName(btf: Btf, id: TypeId, index: number): string | null {
  const type = typeAt(btf, skipModifiers(btf, id));
  const name = type.kind === "enum" || type.kind === "enum64" ? type.values[index]?.name : undefined;
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
