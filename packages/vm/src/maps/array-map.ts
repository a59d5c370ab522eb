import type { Word } from "../memory/region.js";
import { Slab } from "./slab.js";
import { Errno, type MapContext, type TableMap, UpdateFlag } from "./table-map.js";

/** Array and per-CPU array (kernel/bpf/arraymap.c): every index exists from the start, zeroed, and none can be deleted. */
export function arrayMap(context: MapContext): TableMap {
  const { spec, space, littleEndian } = context;
  const slab = new Slab(context, spec.maxEntries, spec.data === null ? "map value" : "data section");
  const initial = spec.data?.initial.subarray(0, spec.valueSize) ?? new Uint8Array(0);
  if (initial.length > 0) slab.region.block(0, initial.length).set(initial);

  const indexOf = (key: Uint8Array): number =>
    new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(0, littleEndian);
  const keyOf = (index: number): Uint8Array => {
    const key = new Uint8Array(4);
    new DataView(key.buffer).setUint32(0, index, littleEndian);
    return key;
  };
  const refusal = (index: number, flags: number): number => {
    if (flags > UpdateFlag.Exist || flags < 0) return -Errno.EINVAL;
    if (index >= spec.maxEntries) return -Errno.E2BIG;
    return flags === UpdateFlag.NoExist ? -Errno.EEXIST : 0;
  };

  return {
    kind: "table",
    spec,
    handle: space.add({ kind: "map", name: `map ${spec.name}`, bytes: new Uint8Array(0), writable: false }),
    copies: slab.copies,
    size: spec.maxEntries,
    lookup: (key) => {
      const index = indexOf(key);
      return index < spec.maxEntries ? slab.address(index) : null;
    },
    update: (key, value, flags) => {
      const index = indexOf(key);
      const refused = refusal(index, flags);
      if (refused === 0) slab.bytes(index, slab.currentCopy()).set(value);
      return refused;
    },
    delete: () => -Errno.EINVAL,
    read: (key) => {
      const index = indexOf(key);
      return index < spec.maxEntries ? slab.snapshot(index) : null;
    },
    write: (key, values, flags) => {
      const index = indexOf(key);
      const refused = refusal(index, flags);
      if (refused === 0) slab.fill(index, values);
      return refused;
    },
    *keys() {
      for (let index = 0; index < spec.maxEntries; index++) yield keyOf(index);
    },
    memory: slab.region,
    direct: (offset): Word | null => slab.region.address(offset),
  };
}
