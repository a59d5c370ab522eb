import { describeType, sizeOfType, skipModifiers, typeAt } from "../btf/layout.js";
import type { Btf, BtfMember, TypeId } from "../btf/types.js";
import { ObjectError } from "../errors.js";
import { fieldsCompatible } from "./compatible.js";

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
/** Indexes are 32 bits wide in libbpf; an offset past 4 GiB is in no struct. */
const MAX_INDEX = 0xffff_ffff;
const MAX_BITS = 8 * 0xffff_ffff;

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
  if (indexes.length > MAX_STEPS) throw bad(`has ${indexes.length} steps, of ${MAX_STEPS} at most`);
  if (indexes.some((index) => index > MAX_INDEX)) throw bad("has an index past 32 bits");
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
      flexible = index === type.members.length - 1;
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
  if (bitOffset > MAX_BITS) throw bad("ends past 4 GiB");
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
      const found = findMember(target, id, step.name, new Set());
      if (found === null || !fieldsCompatible(local, step.type, target, found.member.type)) return null;
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
  return bitOffset > MAX_BITS ? null : { root, steps, bitOffset };
}

interface FoundMember {
  readonly member: BtfMember;
  readonly bitOffset: number;
  readonly last: boolean;
}

/** A member by name, also inside members without one; `searched` are those in which it is not. */
function findMember(btf: Btf, id: TypeId, name: string, searched: Set<TypeId>): FoundMember | null {
  const type = typeAt(btf, id);
  if ((type.kind !== "struct" && type.kind !== "union") || searched.has(id)) return null;
  searched.add(id);
  for (const [index, member] of type.members.entries()) {
    if (member.name === name) {
      const last = index === type.members.length - 1;
      return { member, bitOffset: member.bitOffset, last };
    }
    if (member.name !== "") continue;
    const inner = findMember(btf, skipModifiers(btf, member.type), name, searched);
    if (inner !== null) return { ...inner, bitOffset: member.bitOffset + inner.bitOffset };
  }
  return null;
}
