/** Maps of keys and values: memory shared between programs and with user space. Each map is a static field of a kernel class. */
import type { KernelMap } from "../boundary.js";
import type { i64, u32 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { Packed } from "../layouts.js";
import type { Visit } from "../loops.js";
import type { Pointee } from "../pointers.js";
import type { MAP } from "../symbols.js";
import type { MapOptions, SetMode } from "./options.js";

abstract class Lookups<Kind extends string, K, V> implements KernelMap<Kind, K, V> {
  declare readonly [MAP]?: { kind: Kind; key: K; value: V };

  constructor(_options: MapOptions) {
    kernelOnly("a map");
  }

  /** The value in place, or null when there is none; `bpf_map_lookup_elem`, kernel 3.19. */
  get(_key: K): Pointee<V> | null {
    return kernelOnly("get()");
  }

  /** Whether there is a value; `bpf_map_lookup_elem`, kernel 3.19. Code that needs the value too asks `get` once. */
  has(_key: K): boolean {
    return kernelOnly("has()");
  }

  /** Copies the value into the map; 0 or a negative errno. `bpf_map_update_elem`, kernel 3.19. */
  set(_key: K, _value: V, _mode?: SetMode): i64 {
    return kernelOnly("set()");
  }
}

abstract class KeyedMap<Kind extends string, K, V> extends Lookups<Kind, K, V> {
  /**
   * `for (const [key, value] of map)`: every entry, values in place. Arrays are walked on any kernel, other maps by
   * `bpf_for_each_map_elem`, kernel 5.13.
   */
  [Symbol.iterator](): IterableIterator<[K, Pointee<V>]> {
    return kernelOnly("for…of");
  }

  /**
   * Visits the entries: `true` stops. Entries that are added or deleted meanwhile may be visited or not. The key cannot be written.
   * `bpf_for_each_map_elem`, kernel 5.13; array maps on older kernels too.
   */
  forEach(_visit: Visit<[key: Pointee<K>, value: Pointee<V>]>): void {
    kernelOnly("forEach()");
  }
}

abstract class Table<Kind extends string, K, V> extends KeyedMap<Kind, K, V> {
  /** Removes the entry; 0 or -ENOENT. `bpf_map_delete_elem`, kernel 3.19. */
  delete(_key: K): i64 {
    return kernelOnly("delete()");
  }

  /**
   * The value in place; where there is none, `initial` is inserted first, and of two CPUs that insert one's stays. Null when the table
   * is full. `bpf_map_lookup_elem` and `bpf_map_update_elem`, kernel 3.19.
   */
  getOrInsert(_key: K, _initial: V): Pointee<V> | null {
    return kernelOnly("getOrInsert()");
  }
}

/** A hash table that refuses new keys when it is full; `BPF_MAP_TYPE_HASH`, kernel 3.19. */
export class HashMap<K, V> extends Table<"hash", K, V> {}

/** A hash table that drops the least recently used entry when it is full; `BPF_MAP_TYPE_LRU_HASH`, kernel 4.10. */
export class LruHashMap<K, V> extends Table<"lru-hash", K, V> {}

/** A hash table with a value for each CPU; `BPF_MAP_TYPE_PERCPU_HASH`, kernel 4.6. */
export class PerCpuHashMap<K, V> extends Table<"per-cpu-hash", K, V> {}

/** A hash table with a value for each CPU that drops the least recently used entry when it is full; `BPF_MAP_TYPE_LRU_PERCPU_HASH`, kernel 4.10. */
export class LruPerCpuHashMap<K, V> extends Table<"lru-per-cpu-hash", K, V> {}

/** A prefix of bits: an address and how many of its first bits count; `struct bpf_lpm_trie_key`. */
export interface Prefix<Data> extends Packed {
  /** Bits that count, from the first byte's highest on. Of a key that is looked up, all of them. */
  prefixLength: u32;
  /** In network order, as addresses are: a `be32`, or an array of bytes or of `be32`. */
  data: Data;
}

/** Values by prefix: a lookup finds the longest that fits; `BPF_MAP_TYPE_LPM_TRIE`, kernel 4.11. */
export class LpmTrie<Data, V> extends Lookups<"lpm-trie", Prefix<Data>, V> {
  /** Removes the entry with just this prefix; 0 or -ENOENT. `bpf_map_delete_elem`, kernel 4.11. */
  delete(_key: Prefix<Data>): i64 {
    return kernelOnly("delete()");
  }
}

/** Values by index, all there and zero from the start; `BPF_MAP_TYPE_ARRAY`, kernel 3.19. */
export class ArrayMap<V> extends KeyedMap<"array", u32, V> {}

/** Values by index, for each CPU its own; `BPF_MAP_TYPE_PERCPU_ARRAY`, kernel 4.6. */
export class PerCpuArrayMap<V> extends KeyedMap<"per-cpu-array", u32, V> {}
