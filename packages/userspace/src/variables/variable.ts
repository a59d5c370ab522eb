/** Variables of a loaded object by name: what its data sections hold. */
import {
  hostByteOrder,
  isUserVariable,
  ObjectError,
  type ObjectSpec,
  type ValueCodec,
  valueCodec,
} from "@waggle/object";
import { MapError } from "../errors/errors.js";
import type { SectionMemory } from "./section-memory.js";

/** A variable of a kernel class in the kernel. Nothing is cached: programs may change it at any time. */
export interface Variable<T, Input = T> {
  readonly name: string;
  /** Whether it is constant once it is loaded: a `@config` field or a table. */
  readonly readOnly: boolean;
  /** A copy of its value. One of more than 8 bytes may be half old and half new where a program is writing it. */
  get(): T;
  /**
   * Sets its value, all at once where it has 1, 2, 4 or 8 bytes.
   *
   * @throws MapError "read-only" for a constant, "bad-value" for a value that does not fit its type
   */
  set(value: Input): void;
}

/** The variables of the data sections, whose memory is by the name of the section. */
export function variablesOf(
  spec: ObjectSpec,
  sections: ReadonlyMap<string, SectionMemory>,
): Record<string, Variable<unknown>> {
  const { btf } = spec;
  const found: Record<string, Variable<unknown>> = {};
  for (const { name: section, data } of spec.maps) {
    const memory = sections.get(section);
    if (data === null || btf === null || memory === undefined) continue;
    for (const { name, offset, type, size } of data.variables.filter(isUserVariable)) {
      const codec = valueCodec(btf, type, hostByteOrder, name);
      found[name] = {
        name,
        readOnly: data.readOnly,
        get: () => codec.decode(memory.read(), offset),
        set: (value) => {
          if (data.readOnly)
            throw new MapError(
              "read-only",
              `${name} is constant once it is loaded: give it to load, as in load({ config: { ${name}: … } }).`,
            );
          const bytes = new Uint8Array(size);
          encode(codec, new DataView(bytes.buffer), value);
          memory.write(offset, bytes);
        },
      };
    }
  }
  return found;
}

/** The codec names the variable. */
function encode(codec: ValueCodec, view: DataView, value: unknown): void {
  try {
    codec.encode(view, 0, value);
  } catch (error) {
    if (error instanceof ObjectError) throw new MapError("bad-value", error.message, { cause: error });
    throw error;
  }
}
