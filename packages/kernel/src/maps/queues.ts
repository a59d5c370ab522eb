/** Maps without keys. */
import type { KernelMap } from "../boundary.js";
import type { i64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { Pointee } from "../pointers.js";
import type { MAP } from "../symbols.js";
import type { MapOptions } from "./options.js";

abstract class Sequence<Kind extends string, V> implements KernelMap<Kind, never, V> {
  declare readonly [MAP]?: { kind: Kind; key: never; value: V };

  constructor(_options: MapOptions) {
    kernelOnly("a map");
  }

  /** Adds a value; 0, or -E2BIG when it is full: "replace" drops the value that is next to go out. `bpf_map_push_elem`, kernel 4.20. */
  push(_value: V, _whenFull?: "fail" | "replace"): i64 {
    return kernelOnly("push()");
  }

  /** Takes the next value out: a copy, or null when there is none. `bpf_map_pop_elem`, kernel 4.20. */
  pop(): Pointee<V> | null {
    return kernelOnly("pop()");
  }

  /** A copy of the next value, or null when there is none. `bpf_map_peek_elem`, kernel 4.20. */
  peek(): Pointee<V> | null {
    return kernelOnly("peek()");
  }
}

/** First in, first out; `BPF_MAP_TYPE_QUEUE`, kernel 4.20. */
export class Queue<V> extends Sequence<"queue", V> {}

/** Last in, first out; `BPF_MAP_TYPE_STACK`, kernel 4.20. */
export class Stack<V> extends Sequence<"stack", V> {}

/** How a Bloom filter is made. */
export interface BloomFilterOptions extends MapOptions {
  /** Hash functions, 1 to 15; 5 when not given. More of them mistake less and take longer. */
  readonly hashes?: number;
}

/** Which values were added, with mistakes to one side: "no" is true, "yes" may not be. `BPF_MAP_TYPE_BLOOM_FILTER`, kernel 5.16. */
export class BloomFilter<V> implements KernelMap<"bloom-filter", never, V> {
  declare readonly [MAP]?: { kind: "bloom-filter"; key: never; value: V };

  /** `maxEntries` is how many values it is made for. */
  constructor(_options: BloomFilterOptions) {
    kernelOnly("a map");
  }

  /** Adds a value; 0 or a negative errno. `bpf_map_push_elem`, kernel 5.16. */
  add(_value: V): i64 {
    return kernelOnly("add()");
  }

  /** Whether the value may have been added. `bpf_map_peek_elem`, kernel 5.16. */
  mayHave(_value: V): boolean {
    return kernelOnly("mayHave()");
  }
}
