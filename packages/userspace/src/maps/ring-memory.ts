import { type MemoryViews, memoryViews, type RecordBatch } from "@waggle/object";
import { MapError } from "../errors/errors.js";
import { Mapping } from "../sys/mapping.js";
import { pageSize } from "../sys/system-calls.js";

const BUSY = 0x8000_0000 | 0;
const DISCARDED = 0x4000_0000;
const LENGTH = 0x3fff_ffff;
const HEADER = 8;
const WORD = 8;
/** Records that are looked up at a time: enough to make the stores of positions cheap, few enough for the cache. */
const BATCH_RECORDS = 1024;

/** x64 never reorders loads, so that plain ones acquire there. `Atomics.load` is a call: it costs as much as a record. */
const loadsAcquire = process.arch === "x64";

/**
 * The memory that a ring buffer shares with the kernel (Documentation/bpf/ringbuf.rst): a page with the consumer's
 * position, a page with the producer's, and the data, which is mapped twice in a row so that no record is ever split.
 *
 * Positions only grow. `Atomics` on the mapped arrays are sequentially consistent loads and stores, which is stronger
 * than the acquire and release that the protocol asks for, and just what the wake-up needs: the consumer stores its
 * position and then looks at the next header, the producer stores the header and then looks at the position.
 *
 * Records are found in batches and the consumer's position is stored once for each: `refill` gives back what was read
 * and looks for more. A batch spans a quarter of the buffer at most, so that the producer never waits for room for long.
 */
export class RingMemory {
  readonly #mappings: readonly Mapping[];
  readonly #offsets = new Uint32Array(BATCH_RECORDS);
  #consumer: BigInt64Array | null;
  #producer: BigInt64Array | null;
  /**
   * The records that were found; offsets are into the data area, which is there twice in a row. Whoever reads moves
   * `at`, and must not touch the memory without having looked at `end`: `close` ends the batch.
   */
  readonly batch: RecordBatch;
  /** Position of the first header of the batch, and that header's offset. */
  #start: number;
  #startOffset = 0;
  /** Position after the batch. */
  #next: number;
  #published: number;
  #discarded = 0;

  /**
   * @param fd of the ring buffer map; it may be closed afterwards
   * @param size of the data, in bytes
   * @param recordSize bytes that a record has at least
   */
  constructor(
    fd: number,
    private readonly size: number,
    private readonly name: string,
    private readonly recordSize: number,
  ) {
    const page = pageSize();
    const context = { call: `mmap of ring buffer ${name}`, capability: "CAP_BPF" };
    const consumer = Mapping.open({ fd, length: page, writable: true }, context);
    let data: Mapping;
    try {
      data = Mapping.open({ fd, length: page + 2 * size, offset: page }, context);
    } catch (error) {
      consumer.close();
      throw error;
    }
    this.#mappings = [consumer, data];
    this.#consumer = new BigInt64Array(consumer.buffer, 0, 1);
    const mapped = data.buffer;
    this.#producer = new BigInt64Array(mapped, 0, 1);
    this.batch = { memory: memoryViews(mapped, page, 2 * size), offsets: this.#offsets, at: 0, end: 0 };
    this.#next = Number(Atomics.load(this.#consumer, 0));
    this.#start = this.#next;
    this.#published = this.#next;
  }

  /** Typed arrays over the data. They must not be touched after `close`. */
  get views(): MemoryViews {
    return this.batch.memory;
  }

  /** Records that the kernel side reserved and then discarded, seen so far. */
  get discarded(): bigint {
    return BigInt(this.#discarded);
  }

  /** Length in bytes of the record at an offset of the batch. */
  lengthAt(offset: number): number {
    return (this.views.i32[(offset - HEADER) >>> 2] ?? 0) & LENGTH;
  }

  /**
   * Looks for records when all of the batch were read. Returns whether there are any. When it returns false, all that
   * was read is published and there was nothing new after that: waiting is safe.
   *
   * @throws MapError "record-size" for a record that is too short; the next call goes on after it
   */
  refill(): boolean {
    const { batch } = this;
    if (this.#producer === null) return false;
    while (batch.at === batch.end) {
      this.publish();
      if (!this.#find(Number(Atomics.load(this.#producer, 0)) - this.#next)) return false;
    }
    return true;
  }

  /** Gives what was read back to the kernel. */
  publish(): void {
    const position = this.#position();
    if (this.#consumer === null || this.#published === position) return;
    Atomics.store(this.#consumer, 0, BigInt(position));
    this.#published = position;
  }

  /** Bytes between what was read and what was produced, headers included. */
  get pending(): number {
    return this.#producer === null ? 0 : Number(Atomics.load(this.#producer, 0)) - this.#position();
  }

  /** Publishes, ends the batch and unmaps. Calling it twice does nothing. */
  close(): void {
    if (this.#consumer === null) return;
    this.publish();
    this.#consumer = null;
    this.#producer = null;
    this.batch.at = 0;
    this.batch.end = 0;
    for (const mapping of this.#mappings) mapping.close();
  }

  /** Where the next record to be read starts. */
  #position(): number {
    const { at, end } = this.batch;
    const offset = this.#offsets[at];
    if (at === end || offset === undefined) return this.#next;
    return this.#start + (offset - HEADER - this.#startOffset);
  }

  /** Fills the batch from what the producer has, `available` bytes. Returns whether it came past anything. */
  #find(available: number): boolean {
    const offsets = this.#offsets;
    const headers = this.views.i32;
    const { recordSize } = this;
    // Counted in words of 8 bytes, as all records are whole ones: small integers, where positions outgrow 32 bits.
    const first = ((this.#next % this.size) / WORD) | 0;
    const room = (Math.min(available, this.size / 4) / WORD) | 0;
    let passed = 0;
    let count = 0;
    let discarded = 0;
    let short = -1;
    while (count < BATCH_RECORDS && passed < room) {
      const word = first + passed;
      // The first load decides whether to wait: it has to come after the store of the position.
      const header =
        loadsAcquire && passed > 0 ? (headers[word * 2] ?? BUSY) : Atomics.load(headers, word * 2);
      if ((header & BUSY) !== 0) break;
      const length = header & LENGTH;
      if ((header & DISCARDED) !== 0) discarded++;
      else if (length >= recordSize) offsets[count++] = (word + 1) * WORD;
      else if (count === 0) short = length;
      else break;
      passed += 1 + ((length + 7) >>> 3);
      if (short >= 0) break;
    }
    this.#start = this.#next;
    this.#startOffset = first * WORD;
    this.#next += passed * WORD;
    this.#discarded += discarded;
    this.batch.at = 0;
    this.batch.end = count;
    if (short >= 0) {
      throw new MapError(
        "record-size",
        `ring buffer ${this.name} has a record of ${short} bytes where its type takes ${recordSize}.`,
      );
    }
    return passed > 0;
  }
}
