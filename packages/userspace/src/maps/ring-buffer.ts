import type { MapSpec, RecordCodec } from "@waggle/object";
import { ClosedError, MapError } from "../errors/errors.js";
import type { Descriptor } from "../sys/descriptor.js";
import { type ReadOptions, RecordStream } from "./record-stream.js";
import { RingMemory } from "./ring-memory.js";
import { type RawRecord, RecordCursor } from "./ring-record.js";

/** A ring buffer as its reader sees it. One reader at a time: a second one is an error. */
export interface RingBuffer<T> extends AsyncIterable<T> {
  readonly name: string;
  readonly type: "ring-buffer";
  /** Size of the data in bytes. */
  readonly maxEntries: number;
  /**
   * Records that the kernel side could not write since the object was loaded, because the buffer was full. A ring
   * buffer itself counts none: this is the variable `<map>__lost` (u64) of the object's `.bss`, which compiled
   * programs add to when a reservation fails; 0 for an object without it.
   */
  readonly lost: bigint;
  /** Records that the kernel side reserved and then discarded, as far as they were met; readers look somewhat ahead. */
  readonly discarded: bigint;
  /**
   * Iterates over the records as they come. Waiting takes no thread and never blocks the event loop; the process stays
   * alive only while someone waits. Leaving the loop releases the reader.
   *
   * @throws MapError when it is being read already, ClosedError when the app is disposed
   */
  read(options?: ReadOptions): AsyncIterableIterator<T>;
  /**
   * Takes what is there now, without waiting and without promises. Returns how many records it has visited. A record
   * counts as read when its visit starts, also when that throws. This is the fastest way to decoded records.
   *
   * @param limit at most so many records
   */
  drain(visit: (record: T) => void, limit?: number): number;
  /**
   * As `drain`, with each record as it lies in memory: for records that are longer than their type, or that have none.
   * The record that is passed is good until the visit is over.
   *
   * @throws MapError "already-reading" from inside of its own visit
   */
  drainRaw(visit: (record: RawRecord) => void, limit?: number): number;
}

/** More than a batch has, and a small integer: engines compare those with less work. */
const BATCH_LIMIT = 1 << 20;

const bytesAt = (memory: RingMemory, offset: number): Uint8Array =>
  memory.views.u8.slice(offset, offset + memory.lengthAt(offset));

/** Visits records of an object that says nothing about their type, each as a copy of its bytes. */
function visitBytes<T>(memory: RingMemory, visit: (record: T) => void, limit: number): number {
  const { batch } = memory;
  let count = 0;
  for (; count < limit && batch.at < batch.end; count++) {
    visit(bytesAt(memory, batch.offsets[batch.at++] ?? 0) as T);
  }
  return count;
}

function visitRaw(
  memory: RingMemory,
  record: RecordCursor,
  visit: (record: RawRecord) => void,
  limit: number,
): number {
  const { batch } = memory;
  let count = 0;
  for (; count < limit && batch.at < batch.end; count++) {
    const offset = batch.offsets[batch.at++] ?? 0;
    record.move(offset, memory.lengthAt(offset));
    visit(record);
  }
  return count;
}

/** Reads a ring buffer map. Its memory is mapped on the first use and unmapped by `close`. */
export class RingBufferReader<T> implements RingBuffer<T>, Disposable {
  readonly name: string;
  readonly type = "ring-buffer";
  readonly #descriptor: Descriptor;
  readonly #codec: RecordCodec | null;
  readonly #lost: () => bigint;
  #memory: RingMemory | null = null;
  #raw: RecordCursor | null = null;
  readonly #stream: RecordStream<T>;
  #closed = false;
  #discarded = 0n;

  /**
   * @param maxEntries size of the data in bytes, as the kernel has it
   * @param codec of a record; null gives each record as a Uint8Array
   * @param lost reads the kernel side's counter
   */
  constructor(
    readonly spec: MapSpec,
    readonly maxEntries: number,
    descriptor: Descriptor,
    codec: RecordCodec | null,
    lost: () => bigint,
  ) {
    this.name = spec.name;
    this.#descriptor = descriptor;
    this.#codec = codec;
    this.#lost = lost;
    this.#stream = new RecordStream({
      what: `ring buffer ${spec.name}`,
      take: () => this.#take(),
      descriptors: () => [descriptor.fd],
      released: () => this.#memory?.publish(),
    });
  }

  get lost(): bigint {
    return this.#lost();
  }

  get discarded(): bigint {
    return this.#memory?.discarded ?? this.#discarded;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.read();
  }

  read(options: ReadOptions = {}): AsyncIterableIterator<T> {
    this.#open();
    return this.#stream.read(options);
  }

  drain(visit: (record: T) => void, limit = Number.POSITIVE_INFINITY): number {
    const codec = this.#codec;
    if (codec === null) return this.#drain((memory, most) => visitBytes(memory, visit, most), limit);
    // The type of the visitor says what the codec decodes: the class and the object's BTF come from one source.
    const visitor = visit as (record: unknown) => void;
    return this.#drain((memory, most) => codec.visit(memory.batch, visitor, most), limit);
  }

  drainRaw(visit: (record: RawRecord) => void, limit = Number.POSITIVE_INFINITY): number {
    if (this.#raw !== null) {
      throw new MapError("already-reading", `ring buffer ${this.name} is inside of a visit of drainRaw.`);
    }
    const record = new RecordCursor(this.#open().views);
    this.#raw = record;
    try {
      return this.#drain((memory, most) => visitRaw(memory, record, visit, most), limit);
    } finally {
      record.move(0, 0);
      this.#raw = null;
    }
  }

  /** Ends the iteration, if there is one, and unmaps the buffer. Calling it twice does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#discarded = this.discarded;
    // A visit may be under way.
    this.#raw?.move(0, 0);
    this.#memory?.close();
    this.#memory = null;
    this.#stream.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): RingMemory {
    if (this.#closed || this.#descriptor.closed) throw new ClosedError(`ring buffer ${this.name}`);
    this.#memory ??= new RingMemory(this.#descriptor.fd, this.maxEntries, this.name, this.#codec?.size ?? 0);
    return this.#memory;
  }

  /** Has batches of records visited until there are no more, or `limit` of them. Ends quietly when a visit closes. */
  #drain(visitBatch: (memory: RingMemory, limit: number) => number, limit: number): number {
    const memory = this.#open();
    let count = 0;
    try {
      while (count < limit && memory.refill())
        count += visitBatch(memory, Math.min(limit - count, BATCH_LIMIT));
    } finally {
      memory.publish();
    }
    return count;
  }

  /** The next record, or null when there is none; then all that was read has been given back to the kernel. */
  #take(): IteratorYieldResult<T> | null {
    const memory = this.#open();
    const { batch } = memory;
    if (batch.at === batch.end && !memory.refill()) return null;
    const offset = batch.offsets[batch.at++] ?? 0;
    const value = this.#codec === null ? bytesAt(memory, offset) : this.#codec.decode(batch.memory.v, offset);
    return { done: false, value: value as T };
  }
}
