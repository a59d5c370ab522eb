/** What is being generated: the kernel's types, and which of them the declarations so far need. */
import type { Btf, BtfType, TypeId } from "@waggle/object";
import type { Importable } from "./names.js";
import { typeName } from "./names.js";

/** A struct or union, or an enum, that has a declaration of its own. */
export type Composite = Extract<BtfType, { kind: "struct" | "union" }>;

/** State of one run of the generator. */
export interface Scope {
  readonly btf: Btf;
  /** "Linux 6.18.44": where the types are from, for comments. */
  readonly label: string;
  /** Types by name, in the order of their ids. */
  readonly byName: ReadonlyMap<string, readonly TypeId[]>;
  /** Names of @waggle/kernel that the text uses. */
  readonly imports: Set<Importable>;
  /** Declared with all their members: what was asked for and what that holds by value. Grows while it is walked. */
  readonly full: Set<TypeId>;
  /** The fields that were asked for, of types of which not all was. */
  readonly fields: Map<TypeId, ReadonlySet<string>>;
  /** Known by name only: what pointers lead to. Some are in `full` too. */
  readonly named: Set<TypeId>;
}

/** A run over `btf`. */
export function createScope(btf: Btf, label: string): Scope {
  const byName = new Map<string, TypeId[]>();
  for (const [id, type] of btf.types.entries()) {
    if (!("name" in type) || type.name === "" || type.kind === "decl-tag" || type.kind === "type-tag")
      continue;
    const ids = byName.get(type.name);
    if (ids === undefined) byName.set(type.name, [id]);
    else ids.push(id);
  }
  return { btf, label, byName, imports: new Set(), full: new Set(), fields: new Map(), named: new Set() };
}

/** The type with an id that the BTF is known to have. */
export function at(scope: Scope, id: TypeId): BtfType {
  return scope.btf.types[id] ?? { kind: "void" };
}

/** The first type of one of the kinds with the name; null when there is none. */
export function find(scope: Scope, name: string, ...kinds: readonly BtfType["kind"][]): TypeId | null {
  return scope.byName.get(name)?.find((id) => kinds.includes(at(scope, id).kind)) ?? null;
}

/** A type without what only qualifies it. */
export interface Stripped {
  readonly id: TypeId;
  readonly type: BtfType;
  /** The last typedef on the way, or null; what an anonymous struct is known by. */
  readonly typedef: { readonly id: TypeId; readonly name: string } | null;
  /** Type tags on the way: "user", "rcu", "percpu". */
  readonly tags: readonly string[];
}

/** Follows `const`, `volatile`, `restrict`, type tags and typedefs. Checked BTF has no circles of them. */
export function strip(scope: Scope, from: TypeId): Stripped {
  const tags: string[] = [];
  let typedef: Stripped["typedef"] = null;
  for (let id = from; ; ) {
    const type = at(scope, id);
    if (type.kind === "typedef") typedef = { id, name: type.name };
    else if (type.kind === "type-tag") tags.push(type.name);
    else if (type.kind !== "const" && type.kind !== "volatile" && type.kind !== "restrict") {
      return { id, type, typedef, tags };
    }
    id = type.type;
  }
}

/** Kinds that have declarations of their own. */
const declarable: readonly BtfType["kind"][] = ["struct", "union", "enum", "enum64"];

/**
 * The type that a declaration stands for: a struct, union or enum by its own name, one without a name by its typedef's, and
 * for a forward declaration the struct or union itself where the BTF has it. null for what has no name.
 */
export function entityOf(scope: Scope, { id, type, typedef }: Stripped): TypeId | null {
  if (type.kind === "forward") {
    return find(scope, type.name, type.union ? "union" : "struct") ?? find(scope, type.name, "forward");
  }
  if (!("name" in type) || !declarable.includes(type.kind)) return null;
  return type.name !== "" ? id : (typedef?.id ?? null);
}

/** The kernel's name of an entity. */
export function kernelName(scope: Scope, entity: TypeId): string {
  const type = at(scope, entity);
  return "name" in type ? type.name : "";
}

/**
 * The name of an entity's declaration. BTF may have several types of one name (of files that never meet in C): those behind
 * the first have "___2" and so on behind it, which CO-RE takes for the same name.
 */
export function entityName(scope: Scope, entity: TypeId): string {
  const kernel = kernelName(scope, entity);
  const rivals = (scope.byName.get(kernel) ?? []).filter((id) => isEntity(scope, id));
  const place = rivals.indexOf(entity);
  return place > 0 ? `${typeName(kernel)}___${place + 1}` : typeName(kernel);
}

/** Whether a type with a name has a declaration of its own: a typedef only of what has no other name. */
export function isEntity(scope: Scope, id: TypeId): boolean {
  const type = at(scope, id);
  if (type.kind !== "typedef") return declarable.includes(type.kind);
  const stripped = strip(scope, id);
  return entityOf(scope, stripped) === id;
}
