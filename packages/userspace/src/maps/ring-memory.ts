import { check } from "../errors/system-call-failure.js";
import { mmap, munmap, pageSize, viewOf } from "../sys/system-calls.js";
import { Mmap } from "../sys/uapi.js";

const BUSY = 0x8000_0000 | 0;
const DISCARDED = 0x4000_0000;
const LENGTH = 0x3fff_ffff;
const HEADER = 8;

/**
 * The memory that a ring buffer shares with the kernel (Documentation/bpf/ringbuf.rst): a page with the consumer's
 * position, a page with the producer's, and the data, which is mapped twice in a row so that no record is ever split.
 *
 * Positions only grow. `Atomics` on the mapped arrays are sequentially consistent loads and stores, which is stronger
 * than the acquire and release that the protocol asks for, and just what the wake-up needs: the consumer stores its
 * position and then looks at the next header, the producer stores the header and then looks at the position.
 */
export class RingMemory {
  readonly #consumerAddress: number;
  readonly #dataAddress: number;
  readonly #dataLength: number;
  readonly #page: number;
  readonly #size: number;
  #consumer: BigInt64Array | null;
  #producer: BigInt64Array | null;
  #headers: Int32Array | null;
  /** The data area, twice in a row. Offsets that `next` returns are into it. */
  view: DataView | null;
  #position: number;
  #published: number;
  #end: number;
  /** Records that the kernel side reserved and then discarded, seen so far. */
  discarded = 0n;
  /** Length of the record that `next` returned, in bytes. */
  length = 0;

  /**
   * @param fd of the ring buffer map; it may be closed afterwards
   * @param size of the data, in bytes
   */
  constructor(fd: number, size: number, name: string) {
    this.#page = pageSize();
    this.#dataLength = this.#page + 2 * size;
    this.#size = size;
    const context = { call: `mmap of ring buffer ${name}`, capability: "CAP_BPF" };
    this.#consumerAddress = check(mmap(this.#page, Mmap.Read | Mmap.Write, Mmap.Shared, fd, 0), context);
    const data = mmap(this.#dataLength, Mmap.Read, Mmap.Shared, fd, this.#page);
    if (data < 0) munmap(this.#consumerAddress, this.#page);
    this.#dataAddress = check(data, context);
    this.#consumer = new BigInt64Array(viewOf(this.#consumerAddress, this.#page), 0, 1);
    const mapped = viewOf(this.#dataAddress, this.#dataLength);
    this.#producer = new BigInt64Array(mapped, 0, 1);
    this.#headers = new Int32Array(mapped, this.#page);
    this.view = new DataView(mapped, this.#page);
    this.#position = Number(Atomics.load(this.#consumer, 0));
    this.#published = this.#position;
    this.#end = this.#position;
  }

  /**
   * Offset of the next record, whose length is then in `length`, or -1 when there is none yet. The record stays valid
   * until `next` or `publish` is called again. When it returns -1, all that was read is published: waiting is safe.
   */
  next(): number {
    const headers = this.#headers;
    if (headers === null) return -1;
    for (;;) {
      if (this.#position === this.#end) {
        this.#end = this.#producerPosition();
        if (this.#position === this.#end) {
          if (!this.publish()) return -1;
          continue;
        }
      }
      // Not `&`: a position soon has more than 32 bits.
      const offset = this.#position % this.#size;
      const header = Atomics.load(headers, offset >>> 2);
      if ((header & BUSY) !== 0) {
        if (!this.publish()) return -1;
        continue;
      }
      const length = header & LENGTH;
      this.#position += (HEADER + length + 7) & ~7;
      if ((header & DISCARDED) !== 0) {
        this.discarded += 1n;
        continue;
      }
      this.length = length;
      return offset + HEADER;
    }
  }

  /** Whether so much was read since the last `publish` that the producer may soon run out of room. */
  get lagging(): boolean {
    return this.#position - this.#published > this.#size / 4;
  }

  /** Gives what was read back to the kernel. Returns whether there was anything to give. */
  publish(): boolean {
    if (this.#consumer === null || this.#published === this.#position) return false;
    Atomics.store(this.#consumer, 0, BigInt(this.#position));
    this.#published = this.#position;
    return true;
  }

  /** Bytes between what was read and what was produced, headers included. */
  get pending(): number {
    return this.#producerPosition() - this.#position;
  }

  /** Publishes, forgets the views and unmaps. Calling it twice does nothing. */
  close(): void {
    if (this.#consumer === null) return;
    this.publish();
    this.#consumer = null;
    this.#producer = null;
    this.#headers = null;
    this.view = null;
    munmap(this.#dataAddress, this.#dataLength);
    munmap(this.#consumerAddress, this.#page);
  }

  #producerPosition(): number {
    return this.#producer === null ? this.#position : Number(Atomics.load(this.#producer, 0));
  }
}
