/** Variables of an object by name: what its data sections hold. */
import { isUserVariable, type ObjectSpec, valueCodec } from "@waggle/object";
import { VmError } from "../errors.js";
import type { VmMap } from "../maps/map-kinds.js";

/** A variable of a simulated object. The same as in `@waggle/userspace`. */
export interface SimulatedVariable<T, Input = T> {
  readonly name: string;
  /** Whether it is a constant once the object is made: a `@config` field or a table. */
  readonly readOnly: boolean;
  /** A copy of its value. */
  get(): T;
  /** Throws a `VmError` with code "read-only" for a constant, and an `ObjectError` for a value that does not fit its type. */
  set(value: Input): void;
}

/** The variables of the data sections among `maps`. */
export function simulatedVariables(
  spec: ObjectSpec,
  maps: ReadonlyMap<string, VmMap>,
): Record<string, SimulatedVariable<unknown>> {
  const { btf, byteOrder } = spec;
  const found: Record<string, SimulatedVariable<unknown>> = {};
  for (const { name: section, data } of spec.maps) {
    const map = maps.get(section);
    const memory = map?.kind === "table" ? map.memory : null;
    if (data === null || btf === null || memory === null) continue;
    for (const { name, offset, type } of data.variables.filter(isUserVariable)) {
      const codec = valueCodec(btf, type, byteOrder, name);
      found[name] = {
        name,
        readOnly: data.readOnly,
        get: () => codec.decode(viewOf(memory.copy(offset, codec.size)), 0),
        set: (value) => {
          if (data.readOnly)
            throw new VmError(
              "read-only",
              `${name} is constant once the object is made`,
              `give it to simulate: simulate({ config: { ${name}: … } })`,
            );
          const bytes = new Uint8Array(codec.size);
          codec.encode(viewOf(bytes), 0, value);
          memory.block(offset, codec.size).set(bytes);
        },
      };
    }
  }
  return found;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
