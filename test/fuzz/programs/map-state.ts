/** The maps of a program that is evaluated. */
import type { MapTree } from "./tree.js";
import { copy, copyInto, isMemory, type Memory, type Value, zero } from "./values.js";

/** One map. */
export interface MapState {
  /** The value in place, or null. A number lies in a part named `value`. */
  get(key: Value): Memory | null;
  set(key: Value, value: Value, mode: "any" | "create"): void;
  delete(key: Value): void;
}

const textOf = (key: Value): string =>
  isMemory(key) ? `(${[...key.parts.values()].map(textOf).join()})` : String(key);

/** The maps, empty; those with indexes for keys full of zeroes. */
export function createMaps(trees: readonly MapTree[]): ReadonlyMap<string, MapState> {
  return new Map(trees.map((tree) => [tree.name, createMap(tree)]));
}

function createMap({ form, value, entries }: MapTree): MapState {
  const isArray = form === "ArrayMap" || form === "PerCpuArrayMap";
  const boxed = (content: Value): Memory =>
    isMemory(content) ? content : { parts: new Map([["value", content]]) };
  const items = new Map<string, Memory>();
  if (isArray) for (let index = 0; index < entries; index++) items.set(String(index), boxed(zero(value)));
  return {
    get: (key) => items.get(textOf(key)) ?? null,
    set: (key, content, mode) => {
      const old = items.get(textOf(key));
      if (old !== undefined && mode === "create") return;
      if (old === undefined && (isArray || items.size >= entries)) return;
      const given = copy(content);
      // An array keeps its memory; another map has new memory for a new value.
      if (isArray && old !== undefined) copyInto(old, boxed(given));
      else items.set(textOf(key), boxed(given));
    },
    delete: (key) => {
      if (!isArray) items.delete(textOf(key));
    },
  };
}
