import { ObjectError } from "../errors.js";
import { sizeOfType, skipModifiers } from "./layout.js";
import { forEachReference } from "./references.js";
import type { BtfType, TypeId } from "./types.js";

/**
 * Checks what everything else relies on: every id exists, references go to kinds that may stand there, sizes are sane,
 * and following modifiers, elements and members always ends. Mirrors the kernel's `btf_check_all_metas` and
 * `btf_check_all_types` (kernel/bpf/btf.c) where they protect a reader, and is no stricter than they are.
 *
 * @throws ObjectError "bad-btf"
 */
export function checkTypes(types: readonly BtfType[]): void {
  for (let id = 1; id < types.length; id++) {
    const type = types[id];
    if (type === undefined) throw problem(types, id, "is missing");
    checkReferences(types, id, type);
    checkShape(types, id, type);
  }
  checkContainment(types);
  checkMembersFit(types);
}

function checkReferences(types: readonly BtfType[], id: TypeId, type: BtfType): void {
  const anyTarget = type.kind === "decl-tag";
  forEachReference(type, (to) => {
    const target = types[to];
    if (target === undefined) {
      throw problem(types, id, `refers to type ${to}, but the last type is ${types.length - 1}`);
    }
    const declaration = target.kind === "variable" || target.kind === "section" || target.kind === "decl-tag";
    if (declaration && !anyTarget && !(type.kind === "section" && target.kind === "variable")) {
      throw problem(types, id, `refers to type ${to}, which is a ${target.kind} and not a type of values`);
    }
  });
}

function checkShape(types: readonly BtfType[], id: TypeId, type: BtfType): void {
  switch (type.kind) {
    case "int": {
      const fits = type.size > 0 && type.size <= 16 && type.bitOffset + type.bits <= type.size * 8;
      if (!fits || type.bits > 128) {
        throw problem(types, id, `has ${type.bits} bits at bit ${type.bitOffset} of ${type.size} bytes`);
      }
      return;
    }
    case "enum":
    case "enum64":
      if (![1, 2, 4, 8].includes(type.size)) throw problem(types, id, `has a size of ${type.size} bytes`);
      return;
    case "array":
      if (isVoid(types, type.type)) throw problem(types, id, "has elements of type void");
      return;
    case "struct":
    case "union":
      for (const member of type.members) {
        if (isVoid(types, member.type))
          throw problem(types, id, `has the member "${member.name}" of type void`);
        if (member.bitOffset + member.bitSize > type.size * 8) {
          throw problem(types, id, `has the member "${member.name}" past its end`);
        }
      }
      return;
    case "function":
      if (types[type.type]?.kind !== "function-proto") {
        throw problem(types, id, `refers to type ${type.type}, which is no function prototype`);
      }
      return;
    case "section":
      for (const variable of type.variables) {
        const kind = types[variable.type]?.kind;
        if (kind !== "variable" && kind !== "function") {
          throw problem(types, id, `lists type ${variable.type}, which is neither a variable nor a function`);
        }
      }
      return;
    default:
      return;
  }
}

/** Ids that `type` is made of; a pointer and a function only know their targets. */
function parts(type: BtfType): readonly TypeId[] {
  switch (type.kind) {
    case "typedef":
    case "volatile":
    case "const":
    case "restrict":
    case "type-tag":
    case "variable":
    case "array":
      return [type.type];
    case "struct":
    case "union":
      return type.members.map((member) => member.type);
    default:
      return [];
  }
}

/** Finds a type that contains itself, by a depth-first walk that keeps its own stack. */
function checkContainment(types: readonly BtfType[]): void {
  const open = 1;
  const done = 2;
  const state = new Uint8Array(types.length);
  const stack: { id: TypeId; parts: readonly TypeId[]; next: number }[] = [];
  const enter = (id: TypeId): void => {
    const type = types[id];
    const inner = type === undefined ? [] : parts(type);
    if (inner.length === 0) {
      state[id] = done;
      return;
    }
    state[id] = open;
    stack.push({ id, parts: inner, next: 0 });
  };
  for (let root = 1; root < types.length; root++) {
    if (state[root] !== 0) continue;
    enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const part = top.parts[top.next++];
      if (part === undefined) {
        state[top.id] = done;
        stack.pop();
      } else if (state[part] === open) {
        throw problem(types, part, "contains itself");
      } else if (state[part] === 0) {
        enter(part);
      }
    }
  }
}

/** Readers of values go by the types of members: one that is longer than its struct leads past the value's end. */
function checkMembersFit(types: readonly BtfType[]): void {
  const known = new Map<TypeId, number | null>();
  for (let id = 1; id < types.length; id++) {
    const type = types[id];
    if (type?.kind !== "struct" && type?.kind !== "union") continue;
    for (const member of type.members) {
      if (member.bitSize !== 0) continue;
      const bits = bitsOf(types, member.type, known);
      if (bits === null) throw problem(types, id, `has the member "${member.name}" of a type without a size`);
      if (member.bitOffset + bits > type.size * 8) {
        throw problem(types, id, `has the member "${member.name}" past its end`);
      }
    }
  }
}

/** The bits of a type, kept in `known`; null when it has no size. An integer with fewer than its bytes have is a bit field of the old form. */
function bitsOf(types: readonly BtfType[], id: TypeId, known: Map<TypeId, number | null>): number | null {
  const found = known.get(id);
  if (found !== undefined) return found;
  const type = types[skipModifiers({ types }, id)];
  const bits = type?.kind === "int" ? type.bitOffset + type.bits : sizedBits(types, id);
  known.set(id, bits);
  return bits;
}

function sizedBits(types: readonly BtfType[], id: TypeId): number | null {
  try {
    return sizeOfType({ types }, id) * 8;
  } catch (error) {
    if (error instanceof ObjectError) return null;
    throw error;
  }
}

function isVoid(types: readonly BtfType[], id: TypeId): boolean {
  return types[id]?.kind === "void";
}

function problem(types: readonly BtfType[], id: TypeId, what: string): ObjectError {
  const type = types[id];
  const name = type !== undefined && "name" in type && type.name !== "" ? ` "${type.name}"` : "";
  return new ObjectError(
    "bad-btf",
    `BTF type ${id}${type === undefined ? "" : ` (${type.kind}${name})`} ${what}`,
  );
}
