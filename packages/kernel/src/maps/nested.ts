/** Maps of maps: user space exchanges what programs use, in one step. */
import type { KernelMap } from "../boundary.js";
import type { u32 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { MAP } from "../symbols.js";
import type { MapOptions } from "./options.js";

/** How a map of maps is made. */
export interface NestedOptions<Inner> extends MapOptions {
  /** A map like those that it holds: it is the first of them, and not a map of its own. */
  readonly inner: Inner;
}

/** Maps by index; `BPF_MAP_TYPE_ARRAY_OF_MAPS`, kernel 4.12. */
export class ArrayOfMaps<Inner> implements KernelMap<"array-of-maps", u32, u32> {
  declare readonly [MAP]?: { kind: "array-of-maps"; key: u32; value: u32; inner: Inner };

  constructor(_options: NestedOptions<Inner>) {
    kernelOnly("a map");
  }

  /** The map at the index, or null when there is none; `bpf_map_lookup_elem`, kernel 4.12. */
  get(_index: u32): Inner | null {
    return kernelOnly("get()");
  }
}

/** Maps by key; `BPF_MAP_TYPE_HASH_OF_MAPS`, kernel 4.12. */
export class HashOfMaps<K, Inner> implements KernelMap<"hash-of-maps", K, u32> {
  declare readonly [MAP]?: { kind: "hash-of-maps"; key: K; value: u32; inner: Inner };

  constructor(_options: NestedOptions<Inner>) {
    kernelOnly("a map");
  }

  /** The map of the key, or null when there is none; `bpf_map_lookup_elem`, kernel 4.12. */
  get(_key: K): Inner | null {
    return kernelOnly("get()");
  }
}
