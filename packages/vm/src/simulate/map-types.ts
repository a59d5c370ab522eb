/** Whether `set` may create the key, replace its value, or both ("any", the default). */
export type SetMode = "any" | "create" | "update";

/** A simulated map whose keys are fixed: arrays. The same as in `@waggle/userspace`, and `size`. */
export interface SimulatedArray<K, V, KeyInput = K, ValueInput = V> extends Iterable<[K, V]> {
  readonly name: string;
  /** Waggle's name of the map type, e.g. "lru-hash". */
  readonly type: string;
  readonly maxEntries: number;
  /** How many entries there are. */
  readonly size: number;
  /** A copy of the value, or undefined when the key is not there. It does not count as a use of the entry. */
  get(key: KeyInput): V | undefined;
  has(key: KeyInput): boolean;
  /**
   * Throws a `VmError` with code "exists" (mode "create"), "not-found" (mode "update"), or "too-large" (the map is full,
   * or the index is not below its size), and an `ObjectError` for a key or value that does not fit its type.
   */
  set(key: KeyInput, value: ValueInput, options?: { readonly mode?: SetMode }): void;
  /** Keys in the order in which they came, of an LRU map the least recently used first. */
  keys(): IterableIterator<K>;
  values(): IterableIterator<V>;
  entries(): IterableIterator<[K, V]>;
  getBatch(): [K, V][];
  /** Returns how many it has set. */
  setBatch(entries: Iterable<readonly [KeyInput, ValueInput]>, options?: { readonly mode?: SetMode }): number;
}

/** A simulated map that has keys added and deleted. */
export interface SimulatedMap<K, V, KeyInput = K, ValueInput = V>
  extends SimulatedArray<K, V, KeyInput, ValueInput> {
  /** Whether the key was there. Throws a `VmError` with code "not-possible" for arrays. */
  delete(key: KeyInput): boolean;
  /** Returns how many of the keys were there. */
  deleteBatch(keys: Iterable<KeyInput>): number;
  /** Deletes every key. */
  clear(): void;
}

/** A simulated ring buffer. */
export interface SimulatedRingBuffer<T> {
  readonly name: string;
  readonly type: string;
  /** Size in bytes. */
  readonly maxEntries: number;
  /** Takes out the records that were submitted, oldest first. */
  records(): T[];
  /** Records that found no room so far. */
  readonly lost: bigint;
}
