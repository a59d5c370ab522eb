/** Reads perf event arrays: a buffer for each CPU, into which the kernel copies records (perf_event_open(2), "MMAP layout"). */
import type { MapSpec, ValueCodec } from "@waggle/object";
import { openPerfEvent } from "../attach/perf-event.js";
import { ClosedError, MapError } from "../errors/errors.js";
import { check } from "../errors/system-call-failure.js";
import { callBpf } from "../sys/bpf.js";
import { onlineCpus } from "../sys/cpus.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import {
  ioctl,
  mmap,
  munmap,
  pageSize,
  type ReadableWatch,
  viewOf,
  watchReadable,
} from "../sys/system-calls.js";
import { BpfCommand, Mmap, Perf } from "../sys/uapi.js";

/** A perf event array as its reader sees it. Records of one CPU are in order, those of several are not. */
export interface PerfEventArray<T> extends AsyncIterable<T> {
  readonly name: string;
  /** "perf-event-array". */
  readonly type: string;
  readonly maxEntries: number;
  /** Records that did not fit, as the kernel has counted them. */
  readonly lost: bigint;
  /**
   * Makes the buffers, from when on records are kept. Reading does it when it was not called.
   *
   * @param bytes of each CPU's buffer; rounded up to a power of two of pages. 64 KiB when not given
   */
  open(bytes?: number): void;
  /** Takes what is there now, without waiting. Returns how many records it has visited. */
  drain(visit: (record: T) => void): number;
  /** Iterates over the records as they come. The process stays alive while someone waits. */
  read(options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<T>;
}

/** PERF_COUNT_SW_BPF_OUTPUT */
const BPF_OUTPUT = 10n;
const DEFAULT_BYTES = 64 * 1024;
/** `data_head` and `data_tail` of `struct perf_event_mmap_page`, in 8 bytes. */
const [HEAD, TAIL] = [128, 129];
/** `enum perf_event_type`. */
const [LOST, SAMPLE] = [2, 9];
const HEADER = 8;

/** One CPU's buffer. */
class CpuBuffer implements Disposable {
  readonly #address: number;
  readonly #length: number;
  readonly #positions: BigUint64Array;
  readonly #data: Uint8Array;

  constructor(
    readonly event: Descriptor,
    readonly size: number,
  ) {
    const page = pageSize();
    this.#length = page + size;
    this.#address = check(mmap(this.#length, Mmap.Read | Mmap.Write, Mmap.Shared, event.fd, 0), {
      call: `mmap of ${event.what}`,
      capability: "CAP_IPC_LOCK, or a larger /proc/sys/kernel/perf_event_mlock_kb",
    });
    const view = viewOf(this.#address, this.#length);
    this.#positions = new BigUint64Array(view, 0, TAIL + 1);
    this.#data = new Uint8Array(view, page, size);
  }

  /** Gives each record to `sample`, and counts of those that did not fit to `lost`. */
  drain(sample: (bytes: Uint8Array) => void, lost: (count: bigint) => void): number {
    let count = 0;
    const head = Atomics.load(this.#positions, HEAD);
    let tail = this.#positions[TAIL] ?? 0n;
    try {
      while (tail < head) {
        const header = this.#copy(tail, HEADER);
        const type = header.getUint32(0, true);
        const size = header.getUint16(6, true);
        if (size < HEADER) break;
        const body = this.#copy(tail + BigInt(HEADER), size - HEADER);
        tail += BigInt(size);
        if (type === LOST) lost(body.getBigUint64(8, true));
        if (type !== SAMPLE) continue;
        count++;
        sample(new Uint8Array(body.buffer, body.byteOffset + 4, body.getUint32(0, true)));
      }
    } finally {
      Atomics.store(this.#positions, TAIL, tail);
    }
    return count;
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

  [Symbol.dispose](): void {
    munmap(this.#address, this.#length);
    this.event.close();
  }
}

/** A perf event array of the kernel. */
export class PerfBufferReader<T> implements PerfEventArray<T>, Disposable {
  readonly name: string;
  readonly type: string;
  #buffers: CpuBuffer[] = [];
  #watches: ReadableWatch[] = [];
  #lost = 0n;
  #isReading = false;
  #wake: () => void = () => {};
  #closed = false;

  /** @param codec of a record; null gives each record as a Uint8Array */
  constructor(
    readonly spec: MapSpec,
    readonly maxEntries: number,
    readonly descriptor: Descriptor,
    readonly codec: ValueCodec | null,
  ) {
    this.name = spec.name;
    this.type = spec.type.name;
  }

  get lost(): bigint {
    return this.#lost;
  }

  open(bytes: number = DEFAULT_BYTES): void {
    if (this.#closed) throw new ClosedError(`map ${this.name}`);
    if (this.#buffers.length > 0) return;
    if (!Number.isInteger(bytes) || bytes < 1)
      throw new MapError("bad-value", `a buffer of ${bytes} bytes cannot be.`);
    let size = pageSize();
    while (size < bytes) size *= 2;
    try {
      for (const cpu of onlineCpus().filter((each) => each < this.maxEntries)) this.#openCpu(cpu, size);
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  #openCpu(cpu: number, size: number): void {
    const title = `perf event array ${this.name} on CPU ${cpu}`;
    const event = openPerfEvent(title, { type: Perf.typeSoftware, config: BPF_OUTPUT, cpu });
    const buffer = new CpuBuffer(event, size);
    this.#buffers.push(buffer);
    const attribute = new NativeMemory(32);
    const [key, value] = [new NativeMemory(4), new NativeMemory(4)];
    key.setU32(0, cpu);
    value.setU32(0, event.fd);
    attribute.setU32(0, this.descriptor.fd);
    attribute.setPointer(8, key);
    attribute.setPointer(16, value);
    callBpf(BpfCommand.MapUpdate, attribute, `on map ${this.name}`);
    check(ioctl(event.fd, Perf.ioctlEnable, 0), { call: `PERF_EVENT_IOC_ENABLE of ${title}` });
  }

  drain(visit: (record: T) => void): number {
    this.open();
    let count = 0;
    for (const buffer of this.#buffers)
      count += buffer.drain(
        (bytes) => visit(this.#decode(bytes)),
        (lost) => {
          this.#lost += lost;
        },
      );
    return count;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.read();
  }

  async *read(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<T, undefined> {
    this.open();
    if (this.#isReading)
      throw new MapError("already-reading", `map ${this.name} is being read already: leave that loop first.`);
    this.#isReading = true;
    const { signal } = options;
    const wake = (): void => this.#wake();
    signal?.addEventListener("abort", wake);
    const isOver = (): boolean => this.#closed || signal?.aborted === true;
    try {
      while (!isOver()) {
        const records: T[] = [];
        this.drain((record) => records.push(record));
        yield* records;
        if (records.length === 0 && !isOver()) await this.#wait();
      }
    } finally {
      this.#isReading = false;
      signal?.removeEventListener("abort", wake);
      this.#stopWatching();
    }
    return undefined;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#stopWatching();
        resolve();
      };
      for (const { event } of this.#buffers) {
        const watch = watchReadable(event.fd, () => this.#wake());
        this.#watches.push(watch);
        watch.start();
      }
    });
  }

  #stopWatching(): void {
    for (const watch of this.#watches.splice(0)) watch.close();
  }

  #decode(bytes: Uint8Array): T {
    if (this.codec === null) return bytes as T;
    if (bytes.length < this.codec.size)
      throw new MapError(
        "record-size",
        `map ${this.name} has a record of ${bytes.length} bytes where its type takes ${this.codec.size}.`,
      );
    return this.codec.decode(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0) as T;
  }

  #release(): void {
    for (const buffer of this.#buffers.splice(0)) buffer[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake();
    this.#stopWatching();
    this.#release();
  }
}
