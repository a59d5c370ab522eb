/** Where everything lies in the object: functions in code sections, variables in data sections, maps in `.maps`. */
import type { DataDefinition, MapDefinition, Module } from "../ir/types.js";
import type { CompiledFunction } from "../target/generate.js";
import { alignOf } from "../types/layout.js";

export interface PlacedFunction {
  readonly function: CompiledFunction;
  /** Bytes from the start of its section. */
  readonly offset: number;
}
export interface CodeSection {
  readonly name: string;
  readonly functions: readonly PlacedFunction[];
}
export interface PlacedVariable {
  readonly data: DataDefinition;
  readonly offset: number;
}
export interface DataSection {
  readonly name: string;
  readonly variables: readonly PlacedVariable[];
  readonly size: number;
  readonly align: number;
}
export interface PlacedMap {
  readonly map: MapDefinition;
  readonly offset: number;
  /** Fields of its definition, 8 bytes each. */
  readonly fields: readonly MapField[];
}
/** A field of a map's definition: a number (as an array's length) or a type (as a pointer). */
type MapNumber = "type" | "key_size" | "value_size" | "max_entries" | "map_flags" | "map_extra" | "pinning";
export type MapField =
  | { readonly name: "values"; readonly inner: readonly MapField[]; readonly map: MapDefinition }
  | { readonly name: MapNumber; readonly number: number }
  | { readonly name: "key" | "value"; readonly type: "key" | "value" };

/** Section of functions that are not programs. */
export const subprogramSection = ".text";

/** Code sections in order of their first function, subprograms last. */
export function layoutCode(functions: readonly CompiledFunction[]): readonly CodeSection[] {
  const groups = new Map<string, PlacedFunction[]>();
  const ends = new Map<string, number>();
  const ordered = [
    ...functions.filter((f) => f.section !== null),
    ...functions.filter((f) => f.section === null),
  ];
  for (const f of ordered) {
    const name = f.section ?? subprogramSection;
    const offset = ends.get(name) ?? 0;
    groups.set(name, [...(groups.get(name) ?? []), { function: f, offset }]);
    ends.set(name, offset + f.instructions.length * 8);
  }
  return [...groups].map(([name, placed]) => ({ name, functions: placed }));
}

export function layoutData(module: Module): readonly DataSection[] {
  const groups = new Map<string, PlacedVariable[]>();
  const ends = new Map<string, number>();
  for (const data of module.data) {
    const align = alignOf(data.type);
    const offset = Math.ceil((ends.get(data.section) ?? 0) / align) * align;
    groups.set(data.section, [...(groups.get(data.section) ?? []), { data, offset }]);
    ends.set(data.section, offset + data.initial.length);
  }
  return [...groups].map(([name, variables]) => ({
    name,
    variables,
    size: ends.get(name) ?? 0,
    align: Math.max(...variables.map(({ data }) => alignOf(data.type))),
  }));
}

/** @param typeNumber gives the `BPF_MAP_TYPE_*` number of a map */
export function layoutMaps(module: Module, typeNumber: (map: MapDefinition) => number): readonly PlacedMap[] {
  let offset = 0;
  return module.maps.map((map) => {
    const fields = mapFields(map, typeNumber);
    const placed = { map, offset, fields };
    offset += fields.filter((field) => !("inner" in field)).length * 8;
    return placed;
  });
}

function mapFields(map: MapDefinition, typeNumber: (map: MapDefinition) => number): readonly MapField[] {
  const { inner } = map;
  return [
    { name: "type", number: typeNumber(map) },
    ...(map.key === null ? [] : [{ name: "key", type: "key" } as const]),
    // The kernel has a number for the map, whatever it is.
    ...(map.value === null ? [] : [{ name: "value", type: "value" } as const]),
    // Numbers of the kernel's own: CPUs, and descriptors of events.
    ...(map.type === "perf-event-array"
      ? ([
          { name: "key_size", number: 4 },
          { name: "value_size", number: 4 },
        ] as const)
      : []),
    { name: "max_entries", number: map.maxEntries },
    ...(map.flags === 0 ? [] : [{ name: "map_flags", number: map.flags } as const]),
    ...(map.extra === undefined ? [] : [{ name: "map_extra", number: map.extra } as const]),
    ...(map.pinned ? [{ name: "pinning", number: 1 } as const] : []),
    ...(inner === undefined
      ? []
      : [{ name: "values", inner: mapFields(inner, typeNumber), map: inner } as const]),
  ];
}
