/**
 * Merging BTF: types of several objects become one list in which equal types stand once.
 *
 * Types refer to each other in circles, so equality cannot be decided bottom up. Instead all types start in classes by
 * what they say of themselves (kind, name, sizes, members), and a class is split for as long as its types differ in the
 * classes that they refer to (partition refinement, as for minimal automata). What is then still together is equal in
 * every respect that can be seen by following references. Splitting gives new numbers to the part that moved away, and
 * only types that refer to it are looked at again.
 *
 * A forward declaration stands for the one struct or union of its name, where all definitions of that name are equal:
 * it is first taken for the definition, and taken back when the definitions turn out to differ. The outcome is that of
 * libbpf's `btf__dedup` (tools/lib/bpf/btf.c), which this shares no method with.
 */
import { forEachReference, mapReferences, shapeOf } from "./references.js";
import type { Btf, BtfType, TypeId } from "./types.js";

/** `maps[input][old]` is the id in `btf` of type `old` of that input. */
export interface MergedBtf {
  readonly btf: Btf;
  readonly maps: readonly (readonly TypeId[])[];
}

/**
 * Joins the types of `inputs`, each once, in the order in which they first come. Variables and sections are things, not
 * types, and are all kept: whoever lays out the sections decides about them.
 */
export function mergeBtf(inputs: readonly Btf[]): MergedBtf {
  const { types, offsets } = concatenate(inputs);
  const stands = resolveForwards(types);
  const classes = refine(types, stands);

  const idOfClass = new Map<number, TypeId>();
  const kept: BtfType[] = [];
  const ids = types.map((_, node) => {
    const definition = stands[node] ?? node;
    const group = classes[definition] ?? 0;
    const known = idOfClass.get(group);
    if (known !== undefined) return known;
    idOfClass.set(group, kept.length);
    return kept.push(types[definition] ?? { kind: "void" }) - 1;
  });
  return {
    btf: { types: kept.map((type) => mapReferences(type, (node) => ids[node] ?? 0)) },
    maps: inputs.map((input, index) =>
      input.types.map((_, id) => ids[id === 0 ? 0 : (offsets[index] ?? 0) + id] ?? 0),
    ),
  };
}

/** All types in one list that shares void; references are indexes of the list. */
function concatenate(inputs: readonly Btf[]): { types: BtfType[]; offsets: number[] } {
  const types: BtfType[] = [{ kind: "void" }];
  const offsets: number[] = [];
  for (const input of inputs) {
    const offset = types.length - 1;
    offsets.push(offset);
    for (const type of input.types.slice(1)) {
      types.push(mapReferences(type, (id) => (id === 0 ? 0 : id + offset)));
    }
  }
  return { types, offsets };
}

/** By node: the node that it stands for, itself but for a resolved forward declaration. */
function resolveForwards(types: readonly BtfType[]): number[] {
  const stands = types.map((_, node) => node);
  const definitions = definitionsByName(types);
  const open: { node: number; candidates: readonly number[] }[] = [];
  for (const [node, type] of types.entries()) {
    const candidates = definitions.get(forwardKey(type) ?? "") ?? [];
    const [first] = candidates;
    if (first === undefined) continue;
    stands[node] = first;
    open.push({ node, candidates });
  }
  // Taking one back may split what made others equal, so this goes on until all that are left hold.
  for (let changed = open.length > 0; changed; ) {
    changed = false;
    const classes = refine(types, stands);
    for (const { node, candidates } of open) {
      if (stands[node] === node) continue;
      if (candidates.every((candidate) => classes[candidate] === classes[candidates[0] ?? node])) continue;
      stands[node] = node;
      changed = true;
    }
  }
  return stands;
}

/** What a declaration without content is waiting for: "struct NAME", "union NAME", "enum NAME SIZE". */
function forwardKey(type: BtfType): string | null {
  if (type.kind === "forward") return `${type.union ? "union" : "struct"} ${type.name}`;
  if (type.kind === "enum" && type.values.length === 0 && type.name !== "")
    return `enum ${type.name} ${type.size}`;
  return null;
}

function definitionsByName(types: readonly BtfType[]): Map<string, number[]> {
  const definitions = new Map<string, number[]>();
  for (const [node, type] of types.entries()) {
    let key: string | null = null;
    if ((type.kind === "struct" || type.kind === "union") && type.name !== "")
      key = `${type.kind} ${type.name}`;
    if (type.kind === "enum" && type.values.length > 0 && type.name !== "")
      key = `enum ${type.name} ${type.size}`;
    if (key === null) continue;
    const list = definitions.get(key);
    if (list === undefined) definitions.set(key, [node]);
    else list.push(node);
  }
  return definitions;
}

/** The class of each node; nodes of one class are equal, taking forward declarations for what they stand for. */
function refine(types: readonly BtfType[], stands: readonly number[]): number[] {
  const references = types.map((type) => {
    const list: number[] = [];
    forEachReference(type, (node) => list.push(stands[node] ?? node));
    return list;
  });
  const users: number[][] = types.map(() => []);
  for (const [node, list] of references.entries()) for (const to of new Set(list)) users[to]?.push(node);

  const { classes, sizes } = initialClasses(types);
  let dirty = new Set(types.keys());
  while (dirty.size > 0) {
    const moved: number[] = [];
    for (const [group, parts] of splitDirty(dirty, classes, references)) {
      const lists = [...parts.values()];
      const touched = lists.reduce((sum, list) => sum + list.length, 0);
      // Types that were not looked at still agree with each other and keep the class; without any, the largest part does.
      const untouched = (sizes[group] ?? 0) - touched;
      if (untouched === 0) lists.splice(lists.indexOf(largest(lists)), 1);
      for (const list of lists) {
        const fresh = sizes.push(list.length) - 1;
        sizes[group] = (sizes[group] ?? 0) - list.length;
        for (const node of list) classes[node] = fresh;
        moved.push(...list);
      }
    }
    dirty = new Set(moved.flatMap((node) => users[node] ?? []));
  }
  return classes;
}

/** The dirty nodes of each class by the classes that they now refer to. */
function splitDirty(
  dirty: ReadonlySet<number>,
  classes: readonly number[],
  references: readonly (readonly number[])[],
): Map<number, Map<string, number[]>> {
  const groups = new Map<number, Map<string, number[]>>();
  for (const node of dirty) {
    const group = classes[node] ?? 0;
    const parts = groups.get(group) ?? new Map<string, number[]>();
    groups.set(group, parts);
    const signature = (references[node] ?? []).map((to) => classes[to]).join();
    const part = parts.get(signature);
    if (part === undefined) parts.set(signature, [node]);
    else part.push(node);
  }
  return groups;
}

function largest(lists: readonly number[][]): number[] {
  return lists.reduce((best, list) => (list.length > best.length ? list : best), []);
}

function initialClasses(types: readonly BtfType[]): { classes: number[]; sizes: number[] } {
  const sizes: number[] = [];
  const known = new Map<string, number>();
  const classes = types.map((type) => {
    const unique = type.kind === "variable" || type.kind === "section";
    const shape = unique ? "" : shapeOf(type);
    let group = unique ? undefined : known.get(shape);
    if (group === undefined) {
      group = sizes.push(0) - 1;
      if (!unique) known.set(shape, group);
    }
    sizes[group] = (sizes[group] ?? 0) + 1;
    return group;
  });
  return { classes, sizes };
}
