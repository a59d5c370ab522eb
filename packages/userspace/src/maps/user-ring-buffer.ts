/** Records that user space gives to programs (Documentation/bpf/ringbuf.rst, `BPF_MAP_TYPE_USER_RINGBUF`). */
import type { MapSpec, ValueCodec } from "@waggle/object";
import { ClosedError, MapError } from "../errors/errors.js";
import { check } from "../errors/system-call-failure.js";
import type { Descriptor } from "../sys/descriptor.js";
import { mmap, munmap, pageSize, viewOf } from "../sys/system-calls.js";
import { Mmap } from "../sys/uapi.js";

/** A ring buffer whose records programs take with `drain`. Kernel 6.1. */
export interface UserRingBuffer<Input> {
  readonly name: string;
  /** "user-ring-buffer". */
  readonly type: string;
  /** Size of the data in bytes. */
  readonly maxEntries: number;
  /** Puts a record into the buffer. False when it is full: a program has to take some first. */
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
  readonly #page = pageSize();
  readonly #consumerAddress: number;
  readonly #dataAddress: number;
  readonly #dataLength: number;
  readonly #consumer: BigInt64Array;
  readonly #producer: BigInt64Array;
  readonly #data: DataView;
  readonly #headers: Int32Array;
  #position: number;
  #closed = false;

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
    this.#consumerAddress = check(mmap(this.#page, Mmap.Read, Mmap.Shared, descriptor.fd, 0), context);
    // The data is there twice in a row, so that no record is split.
    this.#dataLength = this.#page + 2 * maxEntries;
    const data = mmap(this.#dataLength, Mmap.Read | Mmap.Write, Mmap.Shared, descriptor.fd, this.#page);
    if (data < 0) munmap(this.#consumerAddress, this.#page);
    this.#dataAddress = check(data, context);
    this.#consumer = new BigInt64Array(viewOf(this.#consumerAddress, this.#page), 0, 1);
    const mapped = viewOf(this.#dataAddress, this.#dataLength);
    this.#producer = new BigInt64Array(mapped, 0, 1);
    this.#data = new DataView(mapped, this.#page);
    this.#headers = new Int32Array(mapped, this.#page);
    this.#position = Number(Atomics.load(this.#producer, 0));
  }

  send(record: unknown): boolean {
    if (this.#closed) throw new ClosedError(this.descriptor.what);
    const size = this.recordCodec?.size ?? bytesOf(record, this.name).length;
    const step = HEADER + Math.ceil(size / 8) * 8;
    const used = this.#position - Number(Atomics.load(this.#consumer, 0));
    if (used + step > this.maxEntries) return false;
    const offset = this.#position % this.maxEntries;
    // A value that does not fit its type throws here, before anything of it counts.
    if (this.recordCodec !== null) this.recordCodec.encode(this.#data, offset + HEADER, record);
    else
      new Uint8Array(this.#data.buffer, this.#data.byteOffset + offset + HEADER).set(
        bytesOf(record, this.name),
      );
    this.#headers[offset / 4] = size;
    this.#headers[offset / 4 + 1] = 0;
    this.#position += step;
    // The kernel sees the record when it sees the position, which is stored after it.
    Atomics.store(this.#producer, 0, BigInt(this.#position));
    return true;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    munmap(this.#dataAddress, this.#dataLength);
    munmap(this.#consumerAddress, this.#page);
  }
}
