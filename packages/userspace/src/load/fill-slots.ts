/** First values of program arrays and of maps of maps, which the object names. */
import type { MapSpec, ProgramSpec } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { LoadError } from "../errors/errors.js";
import { callBpf } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";

const UPDATE_SIZE = 32;

function put(map: MapSpec, descriptor: Descriptor, index: number, name: string, fd: number): void {
  const key = new NativeMemory(4);
  key.setU32(0, index);
  const value = new NativeMemory(4);
  value.setU32(0, fd);
  const attribute = new NativeMemory(UPDATE_SIZE);
  attribute.setU32(0, descriptor.fd);
  attribute.setPointer(8, key);
  attribute.setPointer(16, value);
  callBpf(BpfCommand.MapUpdate, attribute, `of map ${map.name}, first value ${index} (${name})`, {
    cures: {
      [Errno.E2BIG]: `The object gives it more first values than maxEntries has places.`,
      [Errno.EINVAL]:
        map.type.name === "program-array"
          ? "All programs of an array have the type of the programs that use it."
          : `${name} differs in its types or sizes from what ${map.name} is declared to hold.`,
    },
  });
}

/** Puts the maps that the object names into a map of maps. @param descriptors of the object's maps, by name */
export function fillWithMaps(map: MapSpec, descriptors: ReadonlyMap<string, Descriptor>): void {
  const own = descriptors.get(map.name);
  if (map.type.name === "program-array" || own === undefined) return;
  for (const { index, name } of map.slots ?? []) {
    const held = descriptors.get(name);
    if (held !== undefined) put(map, own, index, name, held.fd);
  }
}

/**
 * Puts the programs that the object names into a program array. A program that is not loaded leaves its place empty when no loaded
 * program uses the array.
 *
 * @param descriptors of the loaded programs, by name
 * @throws LoadError "missing-program" when a loaded program would find such a place empty
 */
export function fillWithPrograms(
  map: MapSpec,
  own: Descriptor,
  loaded: readonly ProgramSpec[],
  descriptors: ReadonlyMap<string, Descriptor>,
): void {
  if (map.type.name !== "program-array") return;
  for (const { index, name } of map.slots ?? []) {
    const held = descriptors.get(name);
    if (held !== undefined) {
      put(map, own, index, name, held.fd);
      continue;
    }
    const user = loaded.find(({ references }) => references.some((reference) => reference.map === map.name));
    if (user === undefined) continue;
    throw new LoadError(
      "missing-program",
      `program ${user.name} uses the program array ${map.name}, whose first value ${index} is ${name}, which is not loaded: ` +
        `name it in the option programs, too.`,
    );
  }
}
