/** Types by name. */
import type { Btf, BtfType, TypeId } from "./types.js";

/** Ids of the types with a name that has no flavour, in order. */
type Lookup = (name: string) => readonly TypeId[];

const lookups = new WeakMap<Btf, Lookup>();

/** A name without its flavour: `task_struct___old` is `task_struct` to the kernel (`bpf_core_essential_name_len`). */
export function essentialName(name: string): string {
  // Few names have one, and this runs for all types of a kernel.
  if (!name.includes("___")) return name;
  return /^(.*[^_])___[^_]/.exec(name)?.[1] ?? name;
}

function indexOf(btf: Btf): Lookup {
  const index = new Map<string, TypeId[]>();
  for (const [id, type] of btf.types.entries()) {
    if (!("name" in type) || type.name === "") continue;
    const name = essentialName(type.name);
    const ids = index.get(name);
    if (ids === undefined) index.set(name, [id]);
    else ids.push(id);
  }
  return (name) => index.get(name) ?? [];
}

/** Sets how the types of a `Btf` are found that are not all decoded. */
export function setLookup(btf: Btf, lookup: Lookup): void {
  lookups.set(btf, lookup);
}

/** The types that are called so, whatever their flavour. The first call for a `Btf` makes an index, later ones use it. */
export function typesNamed(btf: Btf, name: string): readonly TypeId[] {
  let lookup = lookups.get(btf);
  if (lookup === undefined) {
    lookup = indexOf(btf);
    lookups.set(btf, lookup);
  }
  return lookup(essentialName(name));
}

/** The first type of the kind with exactly this name, or null. */
export function findType(btf: Btf, kind: BtfType["kind"], name: string): TypeId | null {
  const found = typesNamed(btf, name).find((id) => {
    const type = btf.types[id];
    return type?.kind === kind && "name" in type && type.name === name;
  });
  return found ?? null;
}
