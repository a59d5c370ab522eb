/** Records that user space gives to programs (Documentation/bpf/ringbuf.rst, `BPF_MAP_TYPE_USER_RINGBUF`). */
import type { MapSpec, ValueCodec } from "@waggle/object";
import { ClosedError, MapError } from "../errors/errors.js";
import type { Descriptor } from "../sys/descriptor.js";
import { Mapping } from "../sys/mapping.js";
import { pageSize } from "../sys/system-calls.js";

/** A ring buffer whose records programs take with `drain`. Kernel 6.1. */
export interface UserRingBuffer<Input> {
  readonly name: string;
  /** "user-ring-buffer". */
  readonly type: string;
  /** Size of the data in bytes. */
  readonly maxEntries: number;
  /**
   * Puts a record into the buffer. False when it is full: a program has to take some first.
   *
   * @throws MapError "bad-value" for a record that does not fit its type, or the empty buffer
   */
  send(record: Input): boolean;
}

const HEADER = 8;

function bytesOf(record: unknown, name: string): Uint8Array {
  if (record instanceof Uint8Array) return record;
  throw new MapError(
    "bad-value",
    `the object does not tell what records of ${name} are: give their bytes, a Uint8Array.`,
  );
}

/** The buffer as it is mapped: here user space is the producer. One process at a time. */
export class UserRingWriter implements UserRingBuffer<unknown>, Disposable {
  readonly name: string;
  readonly type: string;
  readonly #mappings: readonly Mapping[];
  readonly #consumer: BigInt64Array;
  readonly #producer: BigInt64Array;
  readonly #data: Uint8Array;
  readonly #headers: Int32Array;
  #position: number;

  /**
   * @param descriptor closed by its owner
   * @param recordCodec null for an object that does not tell what records are: they are bytes then
   */
  constructor(
    spec: MapSpec,
    readonly maxEntries: number,
    readonly descriptor: Descriptor,
    readonly recordCodec: ValueCodec | null,
  ) {
    this.name = spec.name;
    this.type = spec.type.name;
    const context = { call: `mmap of ring buffer ${spec.name}`, capability: "CAP_BPF" };
    const page = pageSize();
    const { fd } = descriptor;
    const consumer = Mapping.open({ fd, length: page }, context);
    let data: Mapping;
    try {
      // The data is there twice in a row, so that no record is split.
      data = Mapping.open({ fd, length: page + 2 * maxEntries, offset: page, writable: true }, context);
    } catch (error) {
      consumer.close();
      throw error;
    }
    this.#mappings = [consumer, data];
    this.#consumer = new BigInt64Array(consumer.buffer, 0, 1);
    this.#producer = new BigInt64Array(data.buffer, 0, 1);
    this.#data = new Uint8Array(data.buffer, page);
    this.#headers = new Int32Array(data.buffer, page);
    this.#position = Number(Atomics.load(this.#producer, 0));
  }

  send(record: unknown): boolean {
    this.#requireOpen();
    // Encoding may run code of the caller's, getters, that sends another record or closes: it comes first.
    const bytes = this.#encode(record);
    this.#requireOpen();
    const step = HEADER + Math.ceil(bytes.length / 8) * 8;
    if (step > this.maxEntries)
      throw new MapError(
        "bad-value",
        `a record of ${bytes.length} bytes never fits ${this.name}, which has ${this.maxEntries} with headers of ${HEADER}.`,
      );
    const used = this.#position - Number(Atomics.load(this.#consumer, 0));
    if (used + step > this.maxEntries) return false;
    const offset = this.#position % this.maxEntries;
    this.#data.set(bytes, offset + HEADER);
    this.#headers[offset / 4] = bytes.length;
    this.#headers[offset / 4 + 1] = 0;
    this.#position += step;
    // The kernel sees the record when it sees the position, which is stored after it.
    Atomics.store(this.#producer, 0, BigInt(this.#position));
    return true;
  }

  #encode(record: unknown): Uint8Array {
    if (this.recordCodec === null) return bytesOf(record, this.name);
    const bytes = new Uint8Array(this.recordCodec.size);
    this.recordCodec.encode(new DataView(bytes.buffer), 0, record);
    return bytes;
  }

  #requireOpen(): void {
    if (this.#mappings.some((mapping) => mapping.closed)) throw new ClosedError(this.descriptor.what);
  }

  [Symbol.dispose](): void {
    for (const mapping of this.#mappings) mapping.close();
  }
}
