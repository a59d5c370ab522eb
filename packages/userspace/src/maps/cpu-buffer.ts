/** The part of a perf event array that one CPU writes to (perf_event_open(2), "MMAP layout"). */
import { readSync } from "node:fs";
import type { Descriptor } from "../sys/descriptor.js";
import { kernelAtLeast, thisMachine } from "../sys/machine.js";
import { Mapping } from "../sys/mapping.js";
import { pageSize } from "../sys/system-calls.js";

/** `data_head` and `data_tail` of `struct perf_event_mmap_page`, in 8 bytes. */
const [HEAD, TAIL] = [128, 129];
/** `enum perf_event_type`. */
const [LOST, SAMPLE] = [2, 9];
const HEADER = 8;

/** Whether the kernel tells how many records an event has lost when the event is read (`PERF_FORMAT_LOST`). */
export const readsLosses = (): boolean => kernelAtLeast(thisMachine().release, "6.0");

/** One CPU's buffer, a ring. Records are copied out of it one by one; once it is closed it has none. */
export class CpuBuffer {
  readonly #mapping: Mapping;
  readonly #positions: BigUint64Array;
  readonly #data: Uint8Array;
  /** Where the next record starts, and up to where the kernel had written when that was last looked up. */
  #tail: bigint;
  #head: bigint;
  #lost = 0n;

  /**
   * @param event closed with the buffer
   * @param size of the data, a power of two of pages
   */
  constructor(
    readonly event: Descriptor,
    readonly size: number,
  ) {
    const page = pageSize();
    this.#mapping = Mapping.open(
      { fd: event.fd, length: page + size, writable: true },
      {
        call: `mmap of ${event.what}`,
        capability: "CAP_IPC_LOCK, or a larger /proc/sys/kernel/perf_event_mlock_kb",
      },
    );
    this.#positions = new BigUint64Array(this.#mapping.buffer, 0, TAIL + 1);
    this.#data = new Uint8Array(this.#mapping.buffer, page, size);
    this.#tail = this.#positions[TAIL] ?? 0n;
    this.#head = this.#tail;
  }

  /** Records that found no room, as far as the kernel tells. */
  get lost(): bigint {
    if (!this.event.closed && readsLosses()) {
      const counts = new BigUint64Array(2);
      readSync(this.event.fd, counts);
      this.#lost = counts[1] ?? 0n;
    }
    return this.#lost;
  }

  /** Up to where the kernel has written. */
  head(): bigint {
    if (!this.#mapping.closed) this.#head = Atomics.load(this.#positions, HEAD);
    return this.#head;
  }

  /** As `head`, but looked up only when everything before was read. */
  seen(): bigint {
    return this.#tail < this.#head ? this.#head : this.head();
  }

  /** Takes the next record before the position `end`; null when there is none. */
  next(end: bigint): Uint8Array | null {
    while (!this.#mapping.closed && this.#tail < end) {
      const header = this.#copy(this.#tail, HEADER);
      const type = header.getUint32(0, true);
      const size = header.getUint16(6, true);
      if (size < HEADER) return null;
      const body = this.#copy(this.#tail + BigInt(HEADER), size - HEADER);
      this.#tail += BigInt(size);
      Atomics.store(this.#positions, TAIL, this.#tail);
      if (type === LOST && !readsLosses()) this.#lost += body.getBigUint64(8, true);
      if (type === SAMPLE) return new Uint8Array(body.buffer, 4, body.getUint32(0, true));
    }
    return null;
  }

  /** Records wrap around the end. */
  #copy(position: bigint, size: number): DataView {
    const bytes = new Uint8Array(size);
    const start = Number(position % BigInt(this.size));
    const first = Math.min(size, this.size - start);
    bytes.set(this.#data.subarray(start, start + first));
    bytes.set(this.#data.subarray(0, size - first), first);
    return new DataView(bytes.buffer);
  }

  /** Calling it twice does nothing. */
  close(): void {
    this.#lost = this.lost;
    this.#mapping.close();
    this.event.close();
  }
}
