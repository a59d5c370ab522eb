/** Reads perf event arrays: a buffer for each CPU, into which the kernel copies records (perf_event_open(2), "MMAP layout"). */
import type { MapSpec, ValueCodec } from "@waggle/object";
import { openPerfEvent } from "../attach/perf-event.js";
import { ClosedError, MapError } from "../errors/errors.js";
import { check } from "../errors/system-call-failure.js";
import { callBpf } from "../sys/bpf.js";
import { onlineCpus } from "../sys/cpus.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { ioctl, pageSize } from "../sys/system-calls.js";
import { BpfCommand, Perf } from "../sys/uapi.js";
import { CpuBuffer, readsLosses } from "./cpu-buffer.js";
import { type ReadOptions, RecordStream } from "./record-stream.js";

/** A perf event array as its reader sees it. Records of one CPU are in order, those of several are not. */
export interface PerfEventArray<T> extends AsyncIterable<T> {
  readonly name: string;
  /** "perf-event-array". */
  readonly type: string;
  readonly maxEntries: number;
  /**
   * Records that did not fit, as the kernel has counted them: at once from Linux 6.0 on; before, those that a record
   * which was read came after.
   */
  readonly lost: bigint;
  /**
   * Makes the buffers, from when on records are kept. Reading does it when it was not called.
   *
   * @param bytes of each CPU's buffer; rounded up to a power of two of pages. 64 KiB when not given
   */
  open(bytes?: number): void;
  /**
   * Takes what is there now, without waiting. Returns how many records it has visited. A record counts as read when its
   * visit starts, also when that throws.
   */
  drain(visit: (record: T) => void): number;
  /**
   * Iterates over the records as they come. The process stays alive only while someone waits. A loop that is left, or
   * aborted, leaves what it has not taken for the next reader.
   *
   * @throws MapError when it is being read already, ClosedError when the app is disposed
   */
  read(options?: ReadOptions): AsyncIterableIterator<T>;
}

/** PERF_COUNT_SW_BPF_OUTPUT */
const BPF_OUTPUT = 10n;
const DEFAULT_BYTES = 64 * 1024;

/** A perf event array of the kernel. */
export class PerfBufferReader<T> implements PerfEventArray<T>, Disposable {
  readonly name: string;
  readonly type: string;
  readonly #stream: RecordStream<T>;
  #buffers: readonly CpuBuffer[] = [];
  /** Index of the buffer that the last record came from. */
  #at = 0;
  /** What was lost in buffers that are closed. */
  #lost = 0n;
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
    this.#stream = new RecordStream({
      what: `perf event array ${spec.name}`,
      take: () => this.#take(),
      descriptors: () => this.#buffers.map(({ event }) => event.fd),
    });
  }

  get lost(): bigint {
    return this.#buffers.reduce((sum, buffer) => sum + buffer.lost, this.#lost);
  }

  open(bytes: number = DEFAULT_BYTES): void {
    if (this.#closed || this.descriptor.closed) throw new ClosedError(`map ${this.name}`);
    if (this.#buffers.length > 0) return;
    if (!Number.isInteger(bytes) || bytes < 1)
      throw new MapError("bad-value", `a buffer of ${bytes} bytes cannot be.`);
    let size = pageSize();
    while (size < bytes) size *= 2;
    const buffers: CpuBuffer[] = [];
    try {
      for (const cpu of onlineCpus().filter((each) => each < this.maxEntries))
        buffers.push(this.#openCpu(cpu, size));
    } catch (error) {
      for (const buffer of buffers) buffer.close();
      throw error;
    }
    this.#buffers = buffers;
  }

  #openCpu(cpu: number, size: number): CpuBuffer {
    const title = `perf event array ${this.name} on CPU ${cpu}`;
    const event = openPerfEvent(title, {
      type: Perf.typeSoftware,
      config: BPF_OUTPUT,
      cpu,
      ...(readsLosses() && { readFormat: Perf.formatLost }),
    });
    let buffer: CpuBuffer;
    try {
      buffer = new CpuBuffer(event, size);
    } catch (error) {
      event.close();
      throw error;
    }
    try {
      const attribute = new NativeMemory(32);
      const [key, value] = [new NativeMemory(4), new NativeMemory(4)];
      key.setU32(0, cpu);
      value.setU32(0, event.fd);
      attribute.setU32(0, this.descriptor.fd);
      attribute.setPointer(8, key);
      attribute.setPointer(16, value);
      callBpf(BpfCommand.MapUpdate, attribute, `on map ${this.name}`);
      check(ioctl(event.fd, Perf.ioctlEnable, 0), { call: `PERF_EVENT_IOC_ENABLE of ${title}` });
    } catch (error) {
      buffer.close();
      throw error;
    }
    return buffer;
  }

  drain(visit: (record: T) => void): number {
    this.open();
    let count = 0;
    for (const buffer of this.#buffers) {
      // A producer that is faster than the visits would else never let this end.
      const end = buffer.head();
      for (let bytes = buffer.next(end); bytes !== null; bytes = buffer.next(end)) {
        count++;
        visit(this.#decode(bytes));
      }
    }
    return count;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.read();
  }

  read(options: ReadOptions = {}): AsyncIterableIterator<T> {
    this.open();
    return this.#stream.read(options);
  }

  /** The next record of any CPU: the next one of the same buffer, so long as it has some. */
  #take(): IteratorYieldResult<T> | null {
    for (let turn = 0; turn < this.#buffers.length; turn++) {
      const buffer = this.#buffers[this.#at];
      const bytes = buffer?.next(buffer.seen()) ?? null;
      if (bytes !== null) return { done: false, value: this.#decode(bytes) };
      this.#at = (this.#at + 1) % this.#buffers.length;
    }
    return null;
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

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lost = this.lost;
    const buffers = this.#buffers;
    this.#buffers = [];
    this.#stream.close();
    for (const buffer of buffers) buffer.close();
  }
}
