/** Maps by which programs and user space send each other records. */
import type { KernelMap, ProgramContext } from "../boundary.js";
import type { i64, u64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { Pointee } from "../pointers.js";
import type { MAP } from "../symbols.js";
import type { MapOptions, RingBufferOptions } from "./options.js";

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

  /** What the buffer has of the kind: bytes that wait to be read, its size, or a position. `bpf_ringbuf_query`, kernel 5.8. */
  query(_what: "available" | "size" | "consumer" | "producer"): u64 {
    return kernelOnly("query()");
  }

  /** Copies a record into the buffer; 0 or -EAGAIN when it is full. `bpf_ringbuf_output`, kernel 5.8. */
  output(_record: T): i64 {
    return kernelOnly("output()");
  }
}

/** Records of user space for programs; `BPF_MAP_TYPE_USER_RINGBUF`, kernel 6.1. */
export class UserRingBuffer<T> implements KernelMap<"user-ring-buffer", never, T> {
  declare readonly [MAP]?: { kind: "user-ring-buffer"; key: never; value: T };

  constructor(_options: RingBufferOptions) {
    kernelOnly("a map");
  }

  /**
   * Gives each record that waits to `visit`, a static method that is given a copy of it. How many there were, or a negative errno: -EBUSY
   * while another program does so. Records that are shorter than their type are passed over. `bpf_user_ringbuf_drain`, kernel 6.1.
   */
  drain(_visit: (record: T) => void): i64 {
    return kernelOnly("drain()");
  }
}

/**
 * Records for user space, a buffer for each CPU; `BPF_MAP_TYPE_PERF_EVENT_ARRAY`, kernel 4.4. `RingBuffer` is simpler, keeps the order and
 * needs less memory: this is for kernels before 5.8.
 */
export class PerfEventArray<T> implements KernelMap<"perf-event-array", never, T> {
  declare readonly [MAP]?: { kind: "perf-event-array"; key: never; value: T };

  /** Without a size it has a buffer for each CPU. */
  constructor(_options?: Partial<MapOptions>) {
    kernelOnly("a map");
  }

  /** Copies a record into this CPU's buffer; 0, or a negative errno when there is no reader or no room. `bpf_perf_event_output`, kernel 4.4. */
  output(_ctx: ProgramContext<string>, _record: T): i64 {
    return kernelOnly("output()");
  }
}
