/** The kernel that an object's own declarations describe: what is simulated when a test names no other. */
import {
  type Btf,
  type BtfMember,
  type BtfType,
  essentialName,
  type ObjectSpec,
  sizeOfType,
  skipModifiers,
  type TypeId,
  typeAt,
} from "@waggle/object";

type Composite = Extract<BtfType, { readonly kind: "struct" | "union" }>;
type Enum = Extract<BtfType, { readonly kind: "enum" | "enum64" }>;

/**
 * A kernel that has all that the object declares. Declarations of one type, which are flavours of it or come from several
 * files, become one type with the members of all: of two members of one name that cannot be one, the first counts. Types
 * that are declared once stay as they are.
 */
export function declaredKernel({ btf, programs }: ObjectSpec): Btf | null {
  if (btf === null) return null;
  const groups = declaredTwice(
    btf,
    programs.flatMap((program) => program.coreRelocations.map((one) => one.type)),
  );
  if (groups.length === 0) return btf;
  const merged = new MergedTypes(btf);
  for (const [first, ...others] of groups)
    if (first !== undefined) for (const other of others) merged.join(first, other);
  return merged.build();
}

/** Types that relocations ask about and that have several declarations, the one without a flavour first. */
function declaredTwice(btf: Btf, roots: readonly TypeId[]): readonly (readonly TypeId[])[] {
  const keyOf = (id: TypeId): string | null => {
    const type = typeAt(btf, id);
    if (!("name" in type) || type.name === "") return null;
    return `${type.kind === "enum64" ? "enum" : type.kind} ${essentialName(type.name)}`;
  };
  const asked = new Set(roots.map(keyOf));
  const groups = new Map<string, TypeId[]>();
  for (const id of btf.types.keys()) {
    const key = keyOf(id);
    if (key !== null && asked.has(key)) groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  const isPlain = (id: TypeId): boolean => {
    const type = typeAt(btf, id);
    return "name" in type && essentialName(type.name) === type.name;
  };
  return [...groups.values()]
    .filter((ids) => ids.length > 1)
    .map((ids) => [...ids].sort((a, b) => Number(isPlain(b)) - Number(isPlain(a)) || a - b));
}

class MergedTypes {
  readonly #types: BtfType[];
  /** Structs and unions whose members are placed anew. */
  readonly #changed = new Set<TypeId>();
  readonly #joined = new Set<string>();

  constructor(readonly btf: Btf) {
    this.#types = [...btf.types];
  }

  /** Adds to one declaration what only the other has, and takes the name from the other: it is then found no more. */
  join(into: TypeId, from: TypeId): void {
    const other = this.#at(from);
    if (other.kind === "typedef") this.#join(into, from);
    else this.#joinBare(into, from);
    const left = this.#at(from);
    if ("name" in left) this.#types[from] = { ...left, name: "" };
  }

  build(): Btf {
    for (const id of this.#holders()) this.#place(id);
    return { types: this.#types };
  }

  #at(id: TypeId): BtfType {
    return this.#types[id] ?? { kind: "void" };
  }

  #join(into: TypeId, from: TypeId): void {
    this.#joinBare(skipModifiers(this.btf, into), skipModifiers(this.btf, from));
  }

  #joinBare(into: TypeId, from: TypeId): void {
    const pair = `${into} ${from}`;
    if (into === from || this.#joined.has(pair)) return;
    this.#joined.add(pair);
    const one = this.#at(into);
    const other = this.#at(from);
    if (isComposite(one) && isComposite(other)) this.#joinMembers(into, one, other);
    else if (isEnum(one) && isEnum(other)) {
      const known = new Set(one.values.map(({ name }) => essentialName(name)));
      const more = other.values.filter(({ name }) => !known.has(essentialName(name)));
      this.#types[into] = { ...one, values: [...one.values, ...more] };
    }
  }

  #joinMembers(into: TypeId, one: Composite, other: Composite): void {
    const more: BtfMember[] = [];
    for (const member of other.members) {
      const same = one.members.find(({ name }) => name !== "" && name === member.name);
      if (same === undefined) more.push(member);
      else this.#join(same.type, member.type);
    }
    if (more.length === 0) return;
    this.#types[into] = { ...one, members: [...one.members, ...more] };
    this.#changed.add(into);
  }

  /** What has changed and what holds that by value, the innermost first. */
  #holders(): readonly TypeId[] {
    const state = new Map<TypeId, boolean>();
    const ordered: TypeId[] = [];
    const visit = (id: TypeId): boolean => {
      const known = state.get(id);
      if (known !== undefined) return known;
      state.set(id, false);
      const type = this.#at(id);
      let changed = this.#changed.has(id);
      if (isComposite(type)) for (const { type: inner } of type.members) changed = visit(inner) || changed;
      else if (type.kind !== "pointer" && "type" in type) changed = visit(type.type);
      state.set(id, changed);
      if (changed && isComposite(type)) ordered.push(id);
      return changed;
    };
    for (const id of this.#types.keys()) visit(id);
    return ordered;
  }

  /** Gives each member room of its own, in words of 8 bytes. */
  #place(id: TypeId): void {
    const type = this.#at(id);
    if (!isComposite(type)) return;
    let end = 0;
    let widest = 0;
    const members = type.members.map((member) => {
      const size = Math.max(8, Math.ceil(sizeOfType({ types: this.#types }, member.type) / 8) * 8);
      const placed = { ...member, bitOffset: type.kind === "union" ? 0 : end * 8 };
      end += size;
      widest = Math.max(widest, size);
      return placed;
    });
    this.#types[id] = { ...type, members, size: type.kind === "union" ? widest : end };
  }
}

const isComposite = (type: BtfType): type is Composite => type.kind === "struct" || type.kind === "union";
const isEnum = (type: BtfType): type is Enum => type.kind === "enum" || type.kind === "enum64";
