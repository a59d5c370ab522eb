/** Maps: memory shared between programs and with user space. Each is a static field of a kernel class. */
import type { KernelMap, ProgramContext } from "./boundary.js";
import type { i64, u32 } from "./integers.js";
import { kernelOnly } from "./kernel-only.js";
import type { Visit } from "./loops.js";
import type { Pointee } from "./pointers.js";
import type { MAP } from "./symbols.js";

/** How many entries a map holds at most. */
export interface MapOptions {
  /** A constant above 0. The loader may change it before the map is made. */
  readonly maxEntries: number;
}

/** How large a ring buffer is. */
export interface RingBufferOptions {
  /** A power of two and a multiple of the page size, in bytes. The loader may change it before the map is made. */
  readonly bytes: number;
}

/** What `set` does about an entry that exists: "any" replaces or creates, "create" fails with -EEXIST, "update" fails with -ENOENT. */
export type SetMode = "any" | "create" | "update";

abstract class KeyedMap<Kind extends string, K, V> implements KernelMap<Kind, K, V> {
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

  /**
   * `for (const [key, value] of map)`: every entry, values in place. Arrays are walked on any kernel, other maps by
   * `bpf_for_each_map_elem`, kernel 5.13.
   */
  [Symbol.iterator](): IterableIterator<[K, Pointee<V>]> {
    return kernelOnly("for…of");
  }

  /** Copies the value into the map; 0 or a negative errno. `bpf_map_update_elem`, kernel 3.19. */
  set(_key: K, _value: V, _mode?: SetMode): i64 {
    return kernelOnly("set()");
  }

  /**
   * Visits the entries: `true` stops. Entries that are added or deleted meanwhile may be visited or not. The key cannot be written.
   * `bpf_for_each_map_elem`, kernel 5.13; array maps on older kernels too.
   */
  forEach(_visit: Visit<[key: Pointee<K>, value: Pointee<V>]>): void {
    kernelOnly("forEach()");
  }
}

/** A hash table that refuses new keys when it is full; `BPF_MAP_TYPE_HASH`, kernel 3.19. */
export class HashMap<K, V> extends KeyedMap<"hash", K, V> {
  /** Removes the entry; 0 or -ENOENT. `bpf_map_delete_elem`, kernel 3.19. */
  delete(_key: K): i64 {
    return kernelOnly("delete()");
  }
}

/** A hash table that drops the least recently used entry when it is full; `BPF_MAP_TYPE_LRU_HASH`, kernel 4.10. */
export class LruHashMap<K, V> extends KeyedMap<"lru-hash", K, V> {
  /** Removes the entry; 0 or -ENOENT. `bpf_map_delete_elem`, kernel 3.19. */
  delete(_key: K): i64 {
    return kernelOnly("delete()");
  }
}

/** A hash table with a value for each CPU; `BPF_MAP_TYPE_PERCPU_HASH`, kernel 4.6. */
export class PerCpuHashMap<K, V> extends KeyedMap<"per-cpu-hash", K, V> {
  /** Removes the entry; 0 or -ENOENT. `bpf_map_delete_elem`, kernel 3.19. */
  delete(_key: K): i64 {
    return kernelOnly("delete()");
  }
}

/** Values by index, all there and zero from the start; `BPF_MAP_TYPE_ARRAY`, kernel 3.19. */
export class ArrayMap<V> extends KeyedMap<"array", u32, V> {}

/** Values by index, for each CPU its own; `BPF_MAP_TYPE_PERCPU_ARRAY`, kernel 4.6. */
export class PerCpuArrayMap<V> extends KeyedMap<"per-cpu-array", u32, V> {}

/** Records in order for one reader in user space; `BPF_MAP_TYPE_RINGBUF`, kernel 5.8. */
export class RingBuffer<T> implements KernelMap<"ring-buffer", never, T> {
  declare readonly [MAP]?: { kind: "ring-buffer"; key: never; value: T };

  constructor(_options: RingBufferOptions) {
    kernelOnly("a map");
  }

  /**
   * A zeroed record in the buffer to fill in place, or null when the buffer is full. Every path must `submit` or
   * `discard` it. `bpf_ringbuf_reserve`, kernel 5.8.
   */
  reserve(): Pointee<T> | null {
    return kernelOnly("reserve()");
  }

  /** Hands a reserved record to the reader; it must not be touched after. `bpf_ringbuf_submit`, kernel 5.8. */
  submit(_record: Pointee<T>): void {
    kernelOnly("submit()");
  }

  /** Drops a reserved record; it must not be touched after. `bpf_ringbuf_discard`, kernel 5.8. */
  discard(_record: Pointee<T>): void {
    kernelOnly("discard()");
  }

  /** Copies a record into the buffer; 0 or -EAGAIN when it is full. `bpf_ringbuf_output`, kernel 5.8. */
  output(_record: T): i64 {
    return kernelOnly("output()");
  }
}

/**
 * Programs of one kind by index, to go on in: `BPF_MAP_TYPE_PROG_ARRAY`, kernel 4.2. User space puts them there:
 * `app.maps.next.set(0, app.programs.second)`.
 */
export class ProgramArray<Kind extends string> implements KernelMap<"program-array", u32, u32> {
  declare readonly [MAP]?: { kind: "program-array"; key: u32; value: u32; program: Kind };

  constructor(_options: MapOptions) {
    kernelOnly("a map");
  }

  /**
   * Goes on in the program at the index and does not come back. Where there is none, or 33 such calls were made, the code after it
   * runs; references to packets are not valid there any more. `bpf_tail_call`, kernel 4.2.
   */
  call(_ctx: ProgramContext<Kind>, _index: u32): void {
    kernelOnly("call()");
  }
}
