/** Maps without keys: queues, stacks and Bloom filters. */
import type { MapSpec, ValueCodec } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { ClosedError } from "../errors/errors.js";
import { systemCallError } from "../errors/system-call-failure.js";
import { bpfContext } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { bpf } from "../sys/system-calls.js";
import { BpfCommand, type BpfCommandRow, ElementFlag } from "../sys/uapi.js";

/** A queue or a stack. */
export interface Sequence<V, Input = V> {
  readonly name: string;
  /** "queue" or "stack". */
  readonly type: string;
  /** How many values fit. */
  readonly maxEntries: number;
  /**
   * Adds a value.
   *
   * @param whenFull "replace" drops the value that is next to go out; "fail" when not given
   * @throws SystemCallError "too-large" when it is full
   */
  push(value: Input, whenFull?: "fail" | "replace"): void;
  /** Takes the next value out; undefined when there is none. */
  pop(): V | undefined;
  /** The next value; undefined when there is none. */
  peek(): V | undefined;
}

/** A Bloom filter. */
export interface BloomFilter<Input> {
  readonly name: string;
  /** "bloom-filter". */
  readonly type: string;
  /** How many values it is made for. */
  readonly maxEntries: number;
  add(value: Input): void;
  /** Whether the value may have been added: false is certain. */
  mayHave(value: Input): boolean;
}

const ELEMENT_SIZE = 32;

/** A map of the kernel that has values only. */
export class KernelSequence implements Sequence<unknown>, BloomFilter<unknown> {
  readonly name: string;
  readonly type: string;
  readonly #attribute = new NativeMemory(ELEMENT_SIZE);
  readonly #value: NativeMemory;

  /** @param descriptor closed by its owner; every method throws `ClosedError` from then on */
  constructor(
    readonly spec: MapSpec,
    readonly maxEntries: number,
    readonly descriptor: Descriptor,
    readonly valueCodec: ValueCodec,
  ) {
    this.name = spec.name;
    this.type = spec.type.name;
    this.#value = new NativeMemory(valueCodec.size);
    this.#attribute.setPointer(16, this.#value);
  }

  push(value: unknown, whenFull: "fail" | "replace" = "fail"): void {
    this.#encode(value);
    // BPF_EXIST is how queues and stacks are told to make room.
    const result = this.#call(
      BpfCommand.MapUpdate,
      whenFull === "replace" ? ElementFlag.Update : ElementFlag.Any,
    );
    if (result < 0) throw this.#error(BpfCommand.MapUpdate, result);
  }

  pop(): unknown {
    return this.#take(BpfCommand.MapLookupAndDelete);
  }

  peek(): unknown {
    return this.#take(BpfCommand.MapLookup);
  }

  add(value: unknown): void {
    this.push(value);
  }

  mayHave(value: unknown): boolean {
    this.#encode(value);
    const result = this.#call(BpfCommand.MapLookup, ElementFlag.Any);
    if (result < 0 && result !== -Errno.ENOENT) throw this.#error(BpfCommand.MapLookup, result);
    return result >= 0;
  }

  /** Into memory of its own first: a getter of the value may use the map. */
  #encode(value: unknown): void {
    if (this.descriptor.closed) throw new ClosedError(this.descriptor.what);
    const bytes = new Uint8Array(this.valueCodec.size);
    this.valueCodec.encode(new DataView(bytes.buffer), 0, value);
    this.#value.bytes.set(bytes);
  }

  #take(command: BpfCommandRow): unknown {
    const result = this.#call(command, ElementFlag.Any);
    if (result === -Errno.ENOENT) return undefined;
    if (result < 0) throw this.#error(command, result);
    return this.valueCodec.decode(this.#value.view, 0);
  }

  #call(command: BpfCommandRow, flags: bigint): number {
    if (this.descriptor.closed) throw new ClosedError(this.descriptor.what);
    this.#attribute.setU32(0, this.descriptor.fd);
    this.#attribute.setU64(24, flags);
    return bpf(command.value, this.#attribute, ELEMENT_SIZE);
  }

  #error(command: BpfCommandRow, result: number): Error {
    return systemCallError(
      bpfContext(command, `on map ${this.name}`, {
        cures: {
          [Errno.E2BIG]: `It is full: it has room for ${this.maxEntries} values (maxEntries).`,
        },
      }),
      result,
    );
  }
}
