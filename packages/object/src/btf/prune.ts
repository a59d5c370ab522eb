import { forEachReference, mapReferences } from "./references.js";
import type { Btf, BtfType, TypeId } from "./types.js";

/**
 * Keeps the types that `roots` reach, in their order, and the declaration tags of what is kept. `map[old]` is the new
 * id, or undefined for what was dropped.
 */
export function pruneBtf(
  btf: Btf,
  roots: Iterable<TypeId>,
): { readonly btf: Btf; readonly map: readonly (TypeId | undefined)[] } {
  const kept = reach(btf, roots);
  for (const [id, type] of btf.types.entries()) {
    if (type.kind === "decl-tag" && kept[type.type] === 1) kept[id] = 1;
  }
  const map: (TypeId | undefined)[] = [];
  let next = 0;
  for (const id of btf.types.keys()) map.push(kept[id] === 1 ? next++ : undefined);
  const types: BtfType[] = [];
  for (const [id, type] of btf.types.entries()) {
    // What a kept type refers to is kept, so the map has it.
    if (kept[id] === 1) types.push(mapReferences(type, (to) => map[to] ?? 0));
  }
  return { btf: { types }, map };
}

function reach(btf: Btf, roots: Iterable<TypeId>): Uint8Array {
  const kept = new Uint8Array(btf.types.length);
  kept[0] = 1;
  const work: TypeId[] = [];
  const keep = (id: TypeId): void => {
    if (id >= kept.length || kept[id] === 1) return;
    kept[id] = 1;
    work.push(id);
  };
  for (const root of roots) keep(root);
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const type = btf.types[id];
    if (type !== undefined) forEachReference(type, keep);
  }
  return kept;
}
