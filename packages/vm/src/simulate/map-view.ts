import { type Btf, type ByteOrder, type TypeId, type ValueCodec, valueCodec } from "@waggle/object";
import { VmError } from "../errors.js";
import type { VmMap } from "../maps/map-kinds.js";
import type { RingMap } from "../maps/ring-buffer.js";
import { Errno, type TableMap, UpdateFlag } from "../maps/table-map.js";
import type { SetMode, SimulatedMap, SimulatedRingBuffer } from "./map-types.js";
import { programArrayView } from "./program-array.js";

/** What a test sees of a simulated map. */
export function mapView(
  map: VmMap,
  btf: Btf | null,
  byteOrder: ByteOrder,
): SimulatedMap<unknown, unknown> | SimulatedRingBuffer<unknown> {
  // The type of maps whose class is not known has what most maps have.
  if (map.kind === "table" && map.spec.type.name === "program-array")
    return programArrayView(map, byteOrder === "little") as unknown as SimulatedMap<unknown, unknown>;
  return map.kind === "ring" ? ringView(map, btf, byteOrder) : tableView(map, btf, byteOrder);
}

interface BytesCodec {
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly encode: (value: unknown) => Uint8Array;
}

const modes: Readonly<Record<SetMode, number>> = {
  any: UpdateFlag.Any,
  create: UpdateFlag.NoExist,
  update: UpdateFlag.Exist,
};

function tableView(map: TableMap, btf: Btf | null, byteOrder: ByteOrder): SimulatedMap<unknown, unknown> {
  const { spec } = map;
  const isArray = spec.type.uapi.endsWith("_ARRAY");
  const keyCodec =
    isArray && spec.keyType === null
      ? indexCodec(byteOrder)
      : codecOf(btf, spec.keyType, spec.keySize, byteOrder, `key of map ${spec.name}`);
  const single = codecOf(
    btf,
    spec.data === null ? spec.valueType : null,
    spec.valueSize,
    byteOrder,
    `value of map ${spec.name}`,
  );

  const decode = (copies: readonly Uint8Array[]): unknown =>
    spec.type.perCpu ? copies.map(single.decode) : single.decode(copies[0] ?? new Uint8Array(spec.valueSize));
  const encode = (value: unknown): Uint8Array[] => {
    if (!spec.type.perCpu) return [single.encode(value)];
    if (Array.isArray(value) && value.length === map.copies) return value.map(single.encode);
    throw new VmError(
      "bad-input",
      `value of map ${spec.name} must be an array of ${map.copies} value${map.copies === 1 ? "" : "s"}, one for each CPU`,
      "give one value for each CPU; `cpus` of simulate says how many there are",
    );
  };

  const view: SimulatedMap<unknown, unknown> = {
    name: spec.name,
    type: spec.type.name,
    maxEntries: spec.maxEntries,
    get size() {
      return map.size;
    },
    get: (key) => {
      const copies = map.read(keyCodec.encode(key));
      return copies === null ? undefined : decode(copies);
    },
    has: (key) => map.read(keyCodec.encode(key)) !== null,
    set: (key, value, options = {}) => {
      const mode = options.mode ?? "any";
      if (!Object.hasOwn(modes, mode)) {
        throw new VmError(
          "bad-option",
          `set on map ${spec.name}: there is no mode ${String(mode)}`,
          `it is one of ${Object.keys(modes).join(", ")}`,
        );
      }
      const errno = -map.write(keyCodec.encode(key), encode(value), modes[mode]);
      if (errno !== 0) throw setError(map, errno);
    },
    delete: (key) => {
      const errno = -map.delete(keyCodec.encode(key));
      if (errno === Errno.EINVAL) {
        throw new VmError(
          "not-possible",
          `entries of map ${spec.name} (${spec.type.name}) cannot be deleted`,
          "arrays always have all their entries: set the value to zero instead",
        );
      }
      return errno === 0;
    },
    *keys() {
      for (const key of map.keys()) yield keyCodec.decode(key);
    },
    *values() {
      for (const [, value] of view.entries()) yield value;
    },
    *entries() {
      for (const key of map.keys()) {
        const copies = map.read(key);
        if (copies !== null) yield [keyCodec.decode(key), decode(copies)];
      }
    },
    [Symbol.iterator]: () => view.entries(),
    getBatch: () => [...view.entries()],
    setBatch: (entries, options) => {
      let count = 0;
      for (const [key, value] of entries) {
        view.set(key, value, options);
        count++;
      }
      return count;
    },
    deleteBatch: (keys) => {
      let count = 0;
      for (const key of keys) if (view.delete(key)) count++;
      return count;
    },
    clear: () => {
      view.deleteBatch(view.keys());
    },
  };
  return view;
}

function setError(map: TableMap, errno: number): VmError {
  const { name, type, maxEntries } = map.spec;
  if (errno === Errno.EEXIST) {
    return new VmError(
      "exists",
      `set on map ${name}: the key is there already (EEXIST)`,
      'use the mode "any" or "update"',
    );
  }
  if (errno === Errno.ENOENT) {
    return new VmError(
      "not-found",
      `set on map ${name}: the key is not there (ENOENT)`,
      'use the mode "any" or "create"',
    );
  }
  return new VmError(
    "too-large",
    type.uapi.endsWith("_ARRAY")
      ? `set on map ${name}: the index is not below its ${maxEntries} entries (E2BIG)`
      : `set on map ${name}: all its ${maxEntries} entries are taken (E2BIG)`,
    "give the map more entries, or delete some first",
  );
}

function ringView(map: RingMap, btf: Btf | null, byteOrder: ByteOrder): SimulatedRingBuffer<unknown> {
  const { spec } = map;
  const codec =
    btf === null || spec.valueType === null
      ? null
      : valueCodec(btf, spec.valueType, byteOrder, `record of ring buffer ${spec.name}`);
  return {
    name: spec.name,
    type: spec.type.name,
    maxEntries: spec.maxEntries,
    get lost() {
      return map.lost;
    },
    records: () => map.drain().map((bytes) => (codec === null ? bytes : codec.decode(viewOf(bytes), 0))),
  };
}

/** By BTF type; bytes when there is none or it has another size. */
function codecOf(
  btf: Btf | null,
  type: TypeId | null,
  size: number,
  byteOrder: ByteOrder,
  label: string,
): BytesCodec {
  const codec: ValueCodec | null =
    btf === null || type === null ? null : valueCodec(btf, type, byteOrder, label);
  if (codec !== null && codec.size === size) {
    return {
      decode: (bytes) => codec.decode(viewOf(bytes), 0),
      encode: (value) => {
        const bytes = new Uint8Array(size);
        codec.encode(viewOf(bytes), 0, value);
        return bytes;
      },
    };
  }
  return {
    decode: (bytes) => bytes,
    encode: (value) => {
      if (value instanceof Uint8Array && value.length === size) return value;
      throw new VmError(
        "bad-input",
        `${label} must be a Uint8Array of ${size} bytes: the object has no type for it`,
        "compile with BTF to use plain values",
      );
    },
  };
}

function indexCodec(byteOrder: ByteOrder): BytesCodec {
  const little = byteOrder === "little";
  return {
    decode: (bytes) => viewOf(bytes).getUint32(0, little),
    encode: (value) => {
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
        throw new VmError(
          "bad-input",
          `index ${String(value)} is not a whole number from 0 to 2^32 - 1`,
          "give the index as a number",
        );
      }
      const bytes = new Uint8Array(4);
      viewOf(bytes).setUint32(0, value, little);
      return bytes;
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
