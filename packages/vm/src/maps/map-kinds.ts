import type { MapSpec } from "@waggle/object";
import { VmError } from "../errors.js";
import { arrayMap } from "./array-map.js";
import { hashMap } from "./hash-map.js";
import { type Reservations, type RingMap, ringBuffer } from "./ring-buffer.js";
import type { MapContext, TableMap } from "./table-map.js";

/** A simulated map. */
export type VmMap = TableMap | RingMap;

type Make = (context: MapContext, reservations: Reservations) => VmMap;

/** The map types that are simulated, by UAPI name. */
const kinds: Readonly<Record<string, Make>> = {
  BPF_MAP_TYPE_HASH: (context) => hashMap(context, false),
  BPF_MAP_TYPE_PERCPU_HASH: (context) => hashMap(context, false),
  BPF_MAP_TYPE_LRU_HASH: (context) => hashMap(context, true),
  BPF_MAP_TYPE_LRU_PERCPU_HASH: (context) => hashMap(context, true),
  BPF_MAP_TYPE_ARRAY: arrayMap,
  BPF_MAP_TYPE_PERCPU_ARRAY: arrayMap,
  BPF_MAP_TYPE_PROG_ARRAY: arrayMap,
  BPF_MAP_TYPE_RINGBUF: ringBuffer,
};

/** Sizes that the kernel insists on, in bytes (array_map_alloc_check and fd_array_map_alloc_check of kernel/bpf/arraymap.c). */
const fixedSizes: Readonly<Record<string, { readonly keySize: number; readonly valueSize?: number }>> = {
  BPF_MAP_TYPE_ARRAY: { keySize: 4 },
  BPF_MAP_TYPE_PERCPU_ARRAY: { keySize: 4 },
  BPF_MAP_TYPE_PROG_ARRAY: { keySize: 4, valueSize: 4 },
};

/** Makes the simulated map of a spec. Throws a `VmError` for a map type that is not simulated and for impossible sizes. */
export function makeMap(context: MapContext, reservations: Reservations): VmMap {
  const { spec } = context;
  const make = kinds[spec.type.uapi];
  if (make === undefined) {
    throw new VmError(
      "unsupported-map",
      `map ${spec.name} is of type ${spec.type.name} (${spec.type.uapi}), which is not simulated yet`,
      `simulated are ${Object.keys(kinds).join(", ")}; test programs that need it on a kernel`,
    );
  }
  if (spec.maxEntries <= 0) {
    throw new VmError(
      "bad-map",
      `map ${spec.name} has room for ${spec.maxEntries} entries`,
      "give it at least one entry (maxEntries)",
    );
  }
  checkSizes(spec);
  return make(context, reservations);
}

function checkSizes(spec: MapSpec): void {
  const { keySize, valueSize } = fixedSizes[spec.type.uapi] ?? {};
  const check = (what: string, size: number, wanted: number | undefined): void => {
    if (wanted === undefined || size === wanted) return;
    throw new VmError(
      "bad-map",
      `map ${spec.name} (${spec.type.name}) has ${what}s of ${size} bytes`,
      `the kernel takes ${what}s of ${wanted} bytes here`,
    );
  };
  check("key", spec.keySize, keySize);
  check("value", spec.valueSize, valueSize);
}
