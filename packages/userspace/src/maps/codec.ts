import {
  hostByteOrder,
  type MapSpec,
  ObjectError,
  type ObjectSpec,
  type RecordCodec,
  recordCodec,
  type ValueCodec,
  valueCodec,
} from "@waggle/object";
import { MapError } from "../errors/errors.js";

/** `prefixlen` of `struct bpf_lpm_trie_key`, which the data follows. */
const PREFIX_LENGTH_SIZE = 4;

/** Bytes as they are, for maps whose object says nothing about their types. */
export function bytesCodec(size: number): ValueCodec {
  return {
    size,
    decode: (view, offset) => new Uint8Array(view.buffer, view.byteOffset + offset, size).slice(),
    encode: (view, offset, value) => {
      if (!(value instanceof Uint8Array) || value.length !== size) {
        throw new MapError(
          "bad-value",
          `expected a Uint8Array of ${size} bytes: the object has no type for it.`,
        );
      }
      new Uint8Array(view.buffer, view.byteOffset + offset, size).set(value);
    },
  };
}

const indexCodec: ValueCodec = {
  size: 4,
  decode: (view, offset) => view.getUint32(offset, hostByteOrder === "little"),
  encode: (view, offset, value) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw new MapError("bad-value", `expected an index from 0 to 4294967295, got ${String(value)}.`);
    }
    view.setUint32(offset, value, hostByteOrder === "little");
  },
};

/** A data section as an object with a property for each variable. */
function sectionCodec(spec: ObjectSpec, map: MapSpec): ValueCodec | null {
  const { btf } = spec;
  if (map.data === null || btf === null) return null;
  const fields = map.data.variables.map(({ name, offset, type }) => ({
    name,
    offset,
    codec: valueCodec(btf, type, spec.byteOrder),
  }));
  return {
    size: map.valueSize,
    decode: (view, at) =>
      Object.fromEntries(fields.map(({ name, offset, codec }) => [name, codec.decode(view, at + offset)])),
    encode: (view, at, value) => {
      if (typeof value !== "object" || value === null) {
        throw new MapError("bad-value", `expected an object with the variables of ${map.name}.`);
      }
      const given = new Map(Object.entries(value));
      for (const { name, offset, codec } of fields) {
        if (!given.has(name)) throw new MapError("bad-value", `variable ${name} of ${map.name} is missing.`);
        codec.encode(view, at + offset, given.get(name));
      }
    },
  };
}

/** Keys of a trie: the kernel refuses a prefix that is longer than the data without saying so. */
function prefixCodec(codec: ValueCodec, map: MapSpec): ValueCodec {
  const longest = (map.keySize - PREFIX_LENGTH_SIZE) * 8;
  return {
    ...codec,
    encode: (view, offset, value) => {
      codec.encode(view, offset, value);
      const length = view.getUint32(offset, hostByteOrder === "little");
      if (length > longest)
        throw new MapError("bad-value", `the prefix has ${length} bits, but the data has only ${longest}.`);
    },
  };
}

/** How a map's keys are read and written. Maps that are indexed have numbers, with or without BTF. */
export function keyCodecOf(spec: ObjectSpec, map: MapSpec): ValueCodec {
  const codec = plainKeyCodec(spec, map);
  return map.type.name === "lpm-trie" ? prefixCodec(codec, map) : codec;
}

function plainKeyCodec(spec: ObjectSpec, map: MapSpec): ValueCodec {
  if (spec.btf !== null && map.keyType !== null) return valueCodec(spec.btf, map.keyType, spec.byteOrder);
  return map.type.name.endsWith("array") && map.keySize === 4 ? indexCodec : bytesCodec(map.keySize);
}

/** How one value of a map is read and written (one CPU's, where each CPU has its own). */
export function valueCodecOf(spec: ObjectSpec, map: MapSpec): ValueCodec {
  const section = sectionCodec(spec, map);
  if (section !== null) return section;
  if (spec.btf !== null && map.valueType !== null) return valueCodec(spec.btf, map.valueType, spec.byteOrder);
  return bytesCodec(map.valueSize);
}

/** How a ring buffer's records are read; null when the object does not say, so that a record is its bytes. */
export function recordCodecOf(spec: ObjectSpec, map: MapSpec): RecordCodec | null {
  if (spec.btf === null || map.valueType === null) return null;
  return recordCodec(spec.btf, map.valueType, spec.byteOrder);
}

const align8 = (size: number): number => (size + 7) & ~7;

/** An array with the value of each possible CPU; the kernel gives each one 8-byte aligned room. */
export function perCpuCodec(one: ValueCodec, cpus: number): ValueCodec {
  const stride = align8(one.size);
  return {
    size: stride * cpus,
    decode: (view, offset) =>
      Array.from({ length: cpus }, (_, cpu) => one.decode(view, offset + cpu * stride)),
    encode: (view, offset, value) => {
      if (!Array.isArray(value) || value.length !== cpus) {
        throw new MapError("bad-value", `expected an array with a value for each of ${cpus} CPUs.`);
      }
      for (let cpu = 0; cpu < cpus; cpu++) one.encode(view, offset + cpu * stride, value[cpu]);
    },
  };
}

/** The codec, with errors of encoding that say what it is of, e.g. `key of map stats`. */
export function namedCodec(codec: ValueCodec, what: string): ValueCodec {
  return {
    ...codec,
    encode: (view, offset, value) => {
      try {
        codec.encode(view, offset, value);
      } catch (error) {
        if (!(error instanceof ObjectError || error instanceof MapError)) throw error;
        throw new MapError("bad-value", `${what}: ${error.message}`, { cause: error });
      }
    },
  };
}
