import { type Btf, type BtfType, skipModifiers, type TypeId } from "@waggle/object";

export interface TypeReference {
  readonly btf: Btf;
  readonly id: TypeId;
}

/**
 * Whether two objects declare one thing in the same way, as libbpf's `glob_sym_btf_matches` (src/linker.c) understands it:
 * modifiers, typedefs, the length of arrays and the encoding of integers do not count, and behind a pointer only the
 * kind and name of a struct do.
 *
 * @param exact for map definitions: lengths of arrays count, as they are the map's numbers, and its pointers are followed
 * @returns with `culprits`, the innermost structs that differ where it is the members of one that do
 */
export function compareTypes(
  one: TypeReference,
  other: TypeReference,
  exact: boolean,
): { readonly match: boolean; readonly culprits: readonly [TypeId, TypeId] | null } {
  const matcher = new Matcher(one.btf, other.btf);
  const match = exact ? matcher.matchMaps(one.id, other.id) : matcher.match(one.id, other.id, 0, 0);
  return { match, culprits: match ? null : matcher.culprits };
}

/** Deeper types are taken as equal; BTF has been checked not to contain itself, so this only bounds hostile nesting. */
const MAX_DEPTH = 32;

class Matcher {
  private readonly seen = new Set<string>();
  /** The structs whose members were first found to differ. */
  culprits: readonly [TypeId, TypeId] | null = null;

  constructor(
    private readonly left: Btf,
    private readonly right: Btf,
  ) {}

  /**
   * Map definitions are what their fields say, in whatever order (`map_defs_match` of libbpf, src/linker.c). A number that is left out
   * is 0.
   */
  matchMaps(leftId: TypeId, rightId: TypeId): boolean {
    const left = fieldsOf(this.left, leftId);
    const right = fieldsOf(this.right, rightId);
    if (left === null || right === null) return this.match(leftId, rightId, 2, 0);
    return [...new Set([...left.keys(), ...right.keys()])].every((name) => {
      const [one, other] = [left.get(name), right.get(name)];
      if (one !== undefined && other !== undefined) return this.match(one, other, 2, 0);
      const [btf, id] = one === undefined ? ([this.right, other] as const) : ([this.left, one] as const);
      return id !== undefined && numberOf(btf, id) === 0;
    });
  }

  /** @param exact how many pointers to follow while array lengths count */
  match(leftId: TypeId, rightId: TypeId, exact: number, depth: number): boolean {
    const a = this.left.types[skipModifiers(this.left, leftId)];
    const b = this.right.types[skipModifiers(this.right, rightId)];
    if (a === undefined || b === undefined) return false;
    const key = `${leftId} ${rightId} ${exact}`;
    if (depth > MAX_DEPTH || this.seen.has(key)) return true;
    this.seen.add(key);
    const inner = (left: TypeId, right: TypeId): boolean => this.match(left, right, exact, depth + 1);

    if (a.kind === "void") return b.kind === "void";
    if (a.kind === "int" || a.kind === "float") return b.kind === a.kind && a.size === b.size;
    if (a.kind === "enum" || a.kind === "enum64")
      return b.kind === a.kind && a.name === b.name && a.size === b.size;
    if (a.kind === "forward") return b.kind === "forward" && a.name === b.name && a.union === b.union;
    if (a.kind === "variable") {
      return (
        b.kind === "variable" && a.name === b.name && sameScope(a.linkage, b.linkage) && inner(a.type, b.type)
      );
    }
    if (a.kind === "function") {
      return (
        b.kind === "function" && a.name === b.name && sameScope(a.linkage, b.linkage) && inner(a.type, b.type)
      );
    }
    if (a.kind === "array") {
      return b.kind === "array" && (exact === 0 || a.length === b.length) && inner(a.type, b.type);
    }
    if (a.kind === "pointer") {
      if (b.kind !== "pointer") return false;
      return exact > 0 ? this.match(a.type, b.type, exact - 1, depth + 1) : this.sameTarget(a.type, b.type);
    }
    if (a.kind === "struct" || a.kind === "union") {
      if (b.kind !== a.kind) return false;
      const same = this.sameMembers(a, b, inner);
      if (!same) this.culprits ??= [leftId, rightId];
      return same;
    }
    if (a.kind === "function-proto") {
      if (b.kind !== "function-proto" || a.params.length !== b.params.length) return false;
      return (
        inner(a.returns, b.returns) &&
        a.params.every((param, at) => inner(param.type, b.params[at]?.type ?? 0))
      );
    }
    return false;
  }

  private sameMembers(
    a: Extract<BtfType, { kind: "struct" | "union" }>,
    b: Extract<BtfType, { kind: "struct" | "union" }>,
    inner: (left: TypeId, right: TypeId) => boolean,
  ): boolean {
    if (a.name !== b.name || a.size !== b.size || a.members.length !== b.members.length) return false;
    return a.members.every((member, at) => {
      const other = b.members[at];
      if (other === undefined) return false;
      const same =
        member.name === other.name &&
        member.bitOffset === other.bitOffset &&
        member.bitSize === other.bitSize;
      return same && inner(member.type, other.type);
    });
  }

  /** Behind a pointer a forward declaration is as good as the struct. */
  private sameTarget(leftId: TypeId, rightId: TypeId): boolean {
    const a = this.left.types[skipModifiers(this.left, leftId)];
    const b = this.right.types[skipModifiers(this.right, rightId)];
    if (a === undefined || b === undefined) return false;
    const kindOf = (type: BtfType): string =>
      type.kind === "forward" ? (type.union ? "union" : "struct") : type.kind;
    if (kindOf(a) !== kindOf(b)) return false;
    return !("name" in a && "name" in b) || a.kind === "int" || a.name === b.name;
  }
}

/** A static thing and a global one of the same name are two things. */
function sameScope(a: string, b: string): boolean {
  return (a === "static") === (b === "static");
}

/** The fields of a map's definition by name; null for what is no variable of a struct. */
function fieldsOf(btf: Btf, id: TypeId): ReadonlyMap<string, TypeId> | null {
  const variable = btf.types[id];
  const type = variable?.kind === "variable" ? btf.types[skipModifiers(btf, variable.type)] : undefined;
  return type?.kind === "struct" ? new Map(type.members.map((member) => [member.name, member.type])) : null;
}

/** A number as map definitions have it, `int (*)[N]`; null for other types. */
function numberOf(btf: Btf, id: TypeId): number | null {
  const pointer = btf.types[skipModifiers(btf, id)];
  const array = pointer?.kind === "pointer" ? btf.types[pointer.type] : undefined;
  return array?.kind === "array" ? array.length : null;
}
