import { Slab } from "./slab.js";
import { Errno, type MapContext, type TableMap, UpdateFlag } from "./table-map.js";

/**
 * Hash, LRU hash and their per-CPU forms (kernel/bpf/hashtab.c). An update of an entry puts the value into a new slot, so
 * that a pointer from an earlier lookup keeps the old value, as in the kernel. The kernel's LRU is approximate;
 * this one evicts exactly the entry that was used longest ago, so that tests are deterministic.
 */
export function hashMap(context: MapContext, evicts: boolean): TableMap {
  const { spec, space } = context;
  const slab = new Slab(context, spec.maxEntries + 1);
  /** Slot by key, in the order of use when the map evicts. */
  const slots = new Map<string, number>();
  const free: number[] = [];
  let made = 0;

  const allocate = (): number => {
    // One slot more than entries: an update holds the old and the new value at once.
    if (made <= spec.maxEntries) return made++;
    return free.shift() ?? 0;
  };
  const release = (id: string, slot: number): void => {
    slots.delete(id);
    free.push(slot);
  };
  const touch = (id: string, slot: number): void => {
    if (!evicts) return;
    slots.delete(id);
    slots.set(id, slot);
  };
  /** Finds room for a key, or says why there is none. */
  const refusal = (present: boolean, flags: number): number => {
    if (flags > UpdateFlag.Exist || flags < 0) return -Errno.EINVAL;
    if (present) return flags === UpdateFlag.NoExist ? -Errno.EEXIST : 0;
    if (flags === UpdateFlag.Exist) return -Errno.ENOENT;
    if (slots.size < spec.maxEntries) return 0;
    const oldest = evicts ? slots.entries().next().value : undefined;
    if (oldest === undefined) return -Errno.E2BIG;
    release(...oldest);
    return 0;
  };
  const put = (
    key: Uint8Array,
    flags: number,
    fill: (slot: number, old: number | undefined) => void,
  ): number => {
    const id = idOf(key);
    const old = slots.get(id);
    const refused = refusal(old !== undefined, flags);
    if (refused !== 0) return refused;
    const inPlace = old !== undefined && spec.type.perCpu;
    const slot = inPlace ? old : allocate();
    fill(slot, old);
    if (old !== undefined && !inPlace) {
      if (evicts) slots.delete(id);
      free.push(old);
    }
    slots.set(id, slot);
    touch(id, slot);
    return 0;
  };

  return {
    kind: "table",
    spec,
    handle: space.add({ kind: "map", name: `map ${spec.name}`, bytes: new Uint8Array(0), writable: false }),
    copies: slab.copies,
    get size() {
      return slots.size;
    },
    lookup: (key) => {
      const id = idOf(key);
      const slot = slots.get(id);
      if (slot === undefined) return null;
      touch(id, slot);
      return slab.address(slot);
    },
    update: (key, value, flags) =>
      put(key, flags, (slot, old) => {
        if (old === undefined || old !== slot) slab.fill(slot);
        slab.bytes(slot, slab.currentCopy()).set(value);
      }),
    delete: (key) => {
      const id = idOf(key);
      const slot = slots.get(id);
      if (slot === undefined) return -Errno.ENOENT;
      release(id, slot);
      return 0;
    },
    read: (key) => {
      const slot = slots.get(idOf(key));
      return slot === undefined ? null : slab.snapshot(slot);
    },
    write: (key, values, flags) => put(key, flags, (slot) => slab.fill(slot, values)),
    keys: () => Array.from(slots.keys(), keyOf),
    memory: null,
    direct: () => null,
  };
}

function idOf(key: Uint8Array): string {
  let id = "";
  for (const byte of key) id += String.fromCharCode(byte);
  return id;
}

function keyOf(id: string): Uint8Array {
  return Uint8Array.from(id, (character) => character.charCodeAt(0));
}
