import { describeType, sizeOfType, skipModifiers, typeAt } from "../btf/layout.js";
import { essentialName } from "../btf/names.js";
import type { Btf, BtfMember, TypeId } from "../btf/types.js";
import { ObjectError } from "../errors.js";

/** One step of a path: a member by name, or an element (of an array, or of the root as if it were one). */
export type CoreStep =
  | { readonly kind: "element"; readonly type: TypeId; readonly index: number }
  | { readonly kind: "member"; readonly name: string; readonly type: TypeId; readonly member: BtfMember };

/** A field of a type: the steps to it and where they end, in bits from the start of the root. */
export interface CorePath {
  readonly root: TypeId;
  readonly steps: readonly CoreStep[];
  readonly bitOffset: number;
}

/** The kernel's own bound (`BPF_CORE_SPEC_MAX_LEN`). */
const MAX_STEPS = 64;

/**
 * Reads an access string against the type that it was made for.
 *
 * @throws ObjectError "bad-btf-ext" when it leads nowhere
 */
export function localPath(btf: Btf, root: TypeId, access: string): CorePath {
  const bad = (why: string): ObjectError =>
    new ObjectError("bad-btf-ext", `CO-RE access "${access}" of ${describeType(btf, root)} ${why}`);
  if (!/^\d+(:\d+)*$/.test(access)) throw bad("is not a list of numbers");
  const indexes = access.split(":").map(Number);
  if (indexes.length > MAX_STEPS) throw bad("is too long");
  const [first = 0, ...rest] = indexes;
  let id = skipModifiers(btf, root);
  const steps: CoreStep[] = [{ kind: "element", type: id, index: first }];
  let bitOffset = first * sizeOfType(btf, id) * 8;
  let flexible = false;
  for (const index of rest) {
    const type = typeAt(btf, id);
    if (type.kind === "struct" || type.kind === "union") {
      const member = type.members[index];
      if (member === undefined) throw bad(`names member ${index} of ${describeType(btf, id)}`);
      bitOffset += member.bitOffset;
      id = skipModifiers(btf, member.type);
      flexible = type.kind === "struct" && index === type.members.length - 1;
      if (member.name !== "") steps.push({ kind: "member", name: member.name, type: id, member });
    } else if (type.kind === "array") {
      if (index >= type.length && !(flexible && type.length === 0))
        throw bad(`is past ${type.length} elements`);
      id = skipModifiers(btf, type.type);
      steps.push({ kind: "element", type: id, index });
      bitOffset += index * sizeOfType(btf, id) * 8;
      flexible = false;
    } else throw bad(`goes into ${describeType(btf, id)}`);
  }
  return { root, steps, bitOffset };
}

/** The path as one writes it: `task_struct.real_parent`, `sock.addresses[2]`. */
export function describePath(btf: Btf, path: CorePath): string {
  const root = typeAt(btf, path.root);
  let text = "name" in root && root.name !== "" ? root.name : describeType(btf, path.root);
  for (const [at, step] of path.steps.entries()) {
    if (step.kind === "member") text += `.${step.name}`;
    else if (at > 0 || step.index > 0) text += `[${step.index}]`;
  }
  return text;
}

/** The same path in another BTF from a candidate for its root, or null when that has no such field. */
export function targetPath(local: Btf, path: CorePath, target: Btf, root: TypeId): CorePath | null {
  let id = skipModifiers(target, root);
  let bitOffset = 0;
  let flexible = false;
  const steps: CoreStep[] = [];
  for (const [at, step] of path.steps.entries()) {
    if (step.kind === "member") {
      const found = findMember(target, id, step.name, 0);
      if (found === null || !fieldsMatch(local, step.type, target, found.member.type)) return null;
      bitOffset += found.bitOffset;
      flexible = found.last;
      id = skipModifiers(target, found.member.type);
      steps.push({ kind: "member", name: step.name, type: id, member: found.member });
      continue;
    }
    if (at > 0) {
      const array = typeAt(target, id);
      if (array.kind !== "array") return null;
      if (step.index >= array.length && !(flexible && array.length === 0)) return null;
      id = skipModifiers(target, array.type);
    }
    flexible = false;
    bitOffset += step.index * sizeOfType(target, id) * 8;
    steps.push({ kind: "element", type: id, index: step.index });
  }
  return { root, steps, bitOffset };
}

interface FoundMember {
  readonly member: BtfMember;
  readonly bitOffset: number;
  readonly last: boolean;
}

/** A member by name, also inside members without one. */
function findMember(btf: Btf, id: TypeId, name: string, depth: number): FoundMember | null {
  const type = typeAt(btf, id);
  if ((type.kind !== "struct" && type.kind !== "union") || depth > MAX_STEPS) return null;
  for (const [index, member] of type.members.entries()) {
    if (member.name === name) {
      const last = type.kind === "struct" && index === type.members.length - 1;
      return { member, bitOffset: member.bitOffset, last };
    }
    if (member.name !== "") continue;
    const inner = findMember(btf, skipModifiers(btf, member.type), name, depth + 1);
    if (inner !== null) return { ...inner, bitOffset: member.bitOffset + inner.bitOffset };
  }
  return null;
}

/** Whether a field may be read as another (`bpf_core_fields_are_compat`): sizes and signs of integers may differ. */
function fieldsMatch(local: Btf, localId: TypeId, target: Btf, targetId: TypeId): boolean {
  for (;;) {
    const a = typeAt(local, skipModifiers(local, localId));
    const b = typeAt(target, skipModifiers(target, targetId));
    const composite = (kind: string): boolean => kind === "struct" || kind === "union";
    if (composite(a.kind) && composite(b.kind)) return true;
    if ((a.kind === "enum" || a.kind === "enum64") && (b.kind === "enum" || b.kind === "enum64")) {
      return a.name === "" || b.name === "" || essentialName(a.name) === essentialName(b.name);
    }
    if (a.kind === "forward" && b.kind === "forward") return essentialName(a.name) === essentialName(b.name);
    if (a.kind === "int" && b.kind === "int") return a.bitOffset === 0 && b.bitOffset === 0;
    if (a.kind === "array" && b.kind === "array") {
      localId = a.type;
      targetId = b.type;
      continue;
    }
    return a.kind === b.kind && (a.kind === "pointer" || a.kind === "float");
  }
}
