import type { PinOptions } from "../pin/bpf-file-system.js";

/** Whether `set` may create the key, replace its value, or both ("any", the default). */
export type SetMode = "any" | "create" | "update";

/** A map whose keys are fixed: arrays. Reading and writing are system calls; nothing is cached. */
export interface ArrayMap<K, V, KeyInput = K, ValueInput = V> extends Iterable<[K, V]> {
  readonly name: string;
  /** Waggle's name of the map type, e.g. "lru-hash". */
  readonly type: string;
  /** How many entries fit. */
  readonly maxEntries: number;
  /** A copy of the value, or undefined when the key is not there. */
  get(key: KeyInput): V | undefined;
  has(key: KeyInput): boolean;
  /**
   * @throws SystemCallError with code "exists" (mode "create"), "not-found" (mode "update", or an index that is out of
   * range) or "too-large" (the map is full)
   */
  set(key: KeyInput, value: ValueInput, options?: { readonly mode?: SetMode }): void;
  /**
   * Keys, values and entries as they are met: each entry is there once, and those that come or go meanwhile may or may
   * not be. Deleting while iterating is fine.
   */
  keys(): IterableIterator<K>;
  values(): IterableIterator<V>;
  entries(): IterableIterator<[K, V]>;
  /**
   * Gives it a path on a BPF file system (`/sys/fs/bpf/…`), by which other processes reach it. It then outlives the app, until that file
   * is removed. Folders that are missing are created there, and the file system is mounted at `/sys/fs/bpf` when it is not. Kernel 4.4.
   *
   * @throws PinError when the path is not on a BPF file system; SystemCallError when there is something at the path
   */
  pin(path: string, options?: PinOptions): void;
  /** Nobody changes it by system calls any more; programs still do. Kernel 5.2. */
  freeze(): void;
  /**
   * The values of an array as they lie in memory: reading and writing them is no system call, and programs see what is written at once.
   * Kernel 5.5, for arrays that are made with `mapped: true`.
   *
   * @throws MapError "unsupported-operation" for other maps
   */
  inPlace(): ValuesInPlace<V, ValueInput>;
  /** All entries, read in batches (Linux 5.6; one by one before). */
  getBatch(): [K, V][];
  /**
   * Sets many entries, in their order, with few system calls (Linux 5.6; one by one before, and in the modes "create" and "update").
   * Returns how many it has set.
   *
   * @throws BatchError at the first entry that the kernel refuses, with the codes of `set`; its `done` is how many were set before.
   * MapError "bad-value" at the first that does not fit its type: those before it are set
   */
  setBatch(entries: Iterable<readonly [KeyInput, ValueInput]>, options?: { readonly mode?: SetMode }): number;
}

/** Values of an array that this process has mapped. */
export interface ValuesInPlace<V, Input = V> {
  readonly length: number;
  /** The value at an index, as it is now; undefined beyond the last. A value of several words may be half of an older one. */
  get(index: number): V | undefined;
  /** @throws MapError "bad-value" beyond the last */
  set(index: number, value: Input): void;
  /** The memory itself, a value every `stride` bytes. Once the app is closed it has none: its methods throw a TypeError. */
  readonly view: DataView;
  readonly stride: number;
}

/** A map that has keys added and deleted. */
export interface BpfMap<K, V, KeyInput = K, ValueInput = V> extends ArrayMap<K, V, KeyInput, ValueInput> {
  /** Whether the key was there. */
  delete(key: KeyInput): boolean;
  /** Takes the value out: what it was, or undefined when the key was not there. Kernel 5.14 for hash tables. */
  take(key: KeyInput): V | undefined;
  /** Deletes many keys with few system calls. Returns how many of them were there. @throws as `setBatch` */
  deleteBatch(keys: Iterable<KeyInput>): number;
}
