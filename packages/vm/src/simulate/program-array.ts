import { VmError } from "../errors.js";
import type { VmMap } from "../maps/map-kinds.js";
import type { TableMap } from "../maps/table-map.js";
import { numberOf } from "./program.js";

/** Programs by index, for tail calls. The same as in `@waggle/userspace`. */
export interface SimulatedProgramArray {
  readonly name: string;
  readonly type: string;
  readonly maxEntries: number;
  /** Puts a program of this simulation at an index. Throws a `VmError` with code "too-large" or "bad-input". */
  set(index: number, program: { readonly name: string }): void;
  has(index: number): boolean;
  /** Whether there was one. */
  delete(index: number): boolean;
}

/** Puts the programs that the object names as first values into a program array; does nothing with other maps. */
export function fillProgramArray(
  map: VmMap,
  programs: ReadonlyMap<string, { readonly name: string }>,
  littleEndian: boolean,
): void {
  if (map.kind !== "table" || map.spec.type.name !== "program-array") return;
  const view = programArrayView(map, littleEndian);
  for (const { index, name } of map.spec.slots ?? []) {
    const program = programs.get(name);
    if (program !== undefined) view.set(index, program);
  }
}

/** What a test sees of a program array. */
export function programArrayView(map: TableMap, littleEndian: boolean): SimulatedProgramArray {
  const { name, type, maxEntries } = map.spec;
  const keyOf = (index: number): Uint8Array => {
    const key = new Uint8Array(4);
    new DataView(key.buffer).setUint32(0, index, littleEndian);
    return key;
  };
  const numberAt = (index: number): number => {
    const [value] = map.read(keyOf(index)) ?? [];
    return value === undefined ? 0 : new DataView(value.buffer, value.byteOffset).getUint32(0, true);
  };
  const write = (index: number, number: number): void => {
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, number, true);
    if (map.write(keyOf(index), [value], 0) !== 0)
      throw new VmError("too-large", `map ${name} has no place ${index}`, `it has ${maxEntries}`);
  };
  return {
    name,
    type: type.name,
    maxEntries,
    set: (index, program) => {
      const number = numberOf(program);
      if (number === null)
        throw new VmError("bad-input", `map ${name} takes simulated programs`, "give sim.programs.NAME");
      write(index, number);
    },
    has: (index) => numberAt(index) !== 0,
    delete: (index) => {
      const had = numberAt(index) !== 0;
      if (had) write(index, 0);
      return had;
    },
  };
}
