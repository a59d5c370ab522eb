import type { MapSpec, ValueCodec } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { ClosedError, MapError } from "../errors/errors.js";
import { type CallContext, systemCallError } from "../errors/system-call-failure.js";
import type { PinOptions } from "../pin/bpf-file-system.js";
import { pinAt } from "../pin/pin.js";
import { bpfContext } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { bpf } from "../sys/system-calls.js";
import { BpfCommand, type BpfCommandRow, ElementFlag, MapFlag } from "../sys/uapi.js";
import { mappedSection, type SectionMemory } from "../variables/section-memory.js";
import { deleteBatch, readBatches, updateBatch } from "./batch.js";
import { freezeMap } from "./freeze.js";
import type { BpfMap, SetMode, ValuesInPlace } from "./types.js";

const ELEMENT_SIZE = 32;
const KEY_POINTER = 8;
const VALUE_POINTER = 16;
const FLAGS = 24;

const modes: Readonly<Record<SetMode, bigint>> = {
  any: ElementFlag.Any,
  create: ElementFlag.Create,
  update: ElementFlag.Update,
};

/**
 * The flag of a mode.
 *
 * @throws MapError "bad-value" for what is none, which plain JavaScript can pass
 */
export function modeFlag(mode: SetMode | undefined): bigint {
  const wanted = mode ?? "any";
  if (Object.hasOwn(modes, wanted)) return modes[wanted];
  throw new MapError(
    "bad-value",
    `there is no mode ${wanted}: it is one of ${Object.keys(modes).join(", ")}.`,
  );
}

/** The memory of a call on one entry. */
interface EntryCall {
  readonly attribute: NativeMemory;
  readonly key: NativeMemory;
  readonly value: NativeMemory;
}

/**
 * A map of the kernel with typed keys and values. The memory of its calls is made once, so that a call allocates no more
 * than the value that it returns. Encoding may run code of the caller's, getters, that uses the same map: that
 * inner call finds the memory taken and makes its own.
 */
export class KernelMap<K, V> implements BpfMap<K, V> {
  readonly name: string;
  readonly type: string;
  #spare: EntryCall | null = null;
  #memory: SectionMemory | null = null;

  /**
   * The codecs come from the object's BTF, and K and V from the class that it was compiled from: that they agree is
   * what the compiler guarantees.
   *
   * @param descriptor closed by its owner; every method throws `ClosedError` from then on
   */
  constructor(
    readonly spec: MapSpec,
    readonly maxEntries: number,
    readonly descriptor: Descriptor,
    readonly keyCodec: ValueCodec,
    readonly valueCodec: ValueCodec,
  ) {
    this.name = spec.name;
    this.type = spec.type.name;
  }

  get(key: K): V | undefined {
    const call = this.#start();
    try {
      return this.#lookup(call, key) ? this.#decode(call) : undefined;
    } finally {
      this.#spare = call;
    }
  }

  has(key: K): boolean {
    const call = this.#start();
    try {
      return this.#lookup(call, key);
    } finally {
      this.#spare = call;
    }
  }

  set(key: K, value: V, options?: { readonly mode?: SetMode }): void {
    const call = this.#start();
    try {
      const flag = modeFlag(options?.mode);
      this.keyCodec.encode(call.key.view, 0, key);
      this.valueCodec.encode(call.value.view, 0, value);
      const result = this.#call(call, BpfCommand.MapUpdate, flag);
      if (result < 0) throw this.#error(BpfCommand.MapUpdate, result);
    } finally {
      this.#spare = call;
    }
  }

  delete(key: K): boolean {
    this.#requireDeletes();
    const call = this.#start();
    try {
      this.keyCodec.encode(call.key.view, 0, key);
      const result = this.#call(call, BpfCommand.MapDelete, 0n);
      if (result < 0 && result !== -Errno.ENOENT) throw this.#error(BpfCommand.MapDelete, result);
      return result >= 0;
    } finally {
      this.#spare = call;
    }
  }

  take(key: K): V | undefined {
    const call = this.#start();
    try {
      this.keyCodec.encode(call.key.view, 0, key);
      const result = this.#call(call, BpfCommand.MapLookupAndDelete, 0n);
      if (result === -Errno.ENOENT) return undefined;
      if (result < 0)
        throw systemCallError(
          bpfContext(BpfCommand.MapLookupAndDelete, `on map ${this.name}`, {
            needs: [["taking values out of hash tables", "5.14"]],
          }),
          result,
        );
      return this.#decode(call);
    } finally {
      this.#spare = call;
    }
  }

  pin(path: string, options?: PinOptions): void {
    pinAt(this.descriptor, path, options);
  }

  inPlace(): ValuesInPlace<V> {
    if ((this.spec.flags & MapFlag.Mappable) === 0)
      throw new MapError(
        "unsupported-operation",
        `map ${this.name} is not mapped: make it with { maxEntries, mapped: true }, an array.`,
      );
    const { size } = this.valueCodec;
    const stride = (size + 7) & ~7;
    const length = this.maxEntries;
    this.#memory ??= mappedSection(this.descriptor, stride * length);
    const memory = this.#memory;
    if (memory === null)
      throw new MapError("unsupported-operation", `the kernel does not let map ${this.name} be mapped.`);
    const isThere = (index: number): boolean => Number.isInteger(index) && index >= 0 && index < length;
    return {
      length,
      stride,
      get view() {
        return memory.read();
      },
      get: (index) =>
        isThere(index) ? (this.valueCodec.decode(memory.read(), index * stride) as V) : undefined,
      set: (index, value) => {
        if (!isThere(index))
          throw new MapError("bad-value", `map ${this.name} has ${length} elements: there is no ${index}.`);
        const one = new Uint8Array(size);
        this.valueCodec.encode(new DataView(one.buffer), 0, value);
        memory.write(index * stride, one);
      },
    };
  }

  /** Takes the mapping away. Calling it twice does nothing. */
  [Symbol.dispose](): void {
    this.#memory?.[Symbol.dispose]();
  }

  freeze(): void {
    freezeMap(this.descriptor, `map ${this.name}`);
  }

  *entries(): IterableIterator<[K, V]> {
    for (const { keys, values, count } of readBatches(this)) {
      for (let i = 0; i < count; i++) {
        const key = this.keyCodec.decode(keys.view, i * this.keyCodec.size) as K;
        yield [key, this.valueCodec.decode(values.view, i * this.valueCodec.size) as V];
      }
    }
  }

  *keys(): IterableIterator<K> {
    for (const { keys, count } of readBatches(this)) {
      for (let i = 0; i < count; i++) yield this.keyCodec.decode(keys.view, i * this.keyCodec.size) as K;
    }
  }

  *values(): IterableIterator<V> {
    for (const { values, count } of readBatches(this)) {
      for (let i = 0; i < count; i++)
        yield this.valueCodec.decode(values.view, i * this.valueCodec.size) as V;
    }
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  getBatch(): [K, V][] {
    return [...this.entries()];
  }

  setBatch(entries: Iterable<readonly [K, V]>, options?: { readonly mode?: SetMode }): number {
    return updateBatch(this, entries, modeFlag(options?.mode));
  }

  deleteBatch(keys: Iterable<K>): number {
    this.#requireDeletes();
    return deleteBatch(this, keys);
  }

  /** A u64 in the value of an indexed map, for counters in data sections. */
  readU64(index: number, offset: number): bigint {
    const call = this.#start();
    try {
      call.key.setU32(0, index);
      const result = this.#call(call, BpfCommand.MapLookup, 0n);
      if (result < 0) throw this.#error(BpfCommand.MapLookup, result);
      return call.value.u64(offset);
    } finally {
      this.#spare = call;
    }
  }

  #requireDeletes(): void {
    if (!this.type.endsWith("array")) return;
    throw new MapError(
      "unsupported-operation",
      `elements of ${this.type} map ${this.name} cannot be deleted.`,
    );
  }

  #start(): EntryCall {
    if (this.descriptor.closed) throw new ClosedError(this.descriptor.what);
    const found = this.#spare;
    this.#spare = null;
    if (found !== null) return found;
    const attribute = new NativeMemory(ELEMENT_SIZE);
    const key = new NativeMemory(this.keyCodec.size);
    const value = new NativeMemory(this.valueCodec.size);
    attribute.setPointer(KEY_POINTER, key);
    attribute.setPointer(VALUE_POINTER, value);
    return { attribute, key, value };
  }

  #lookup(call: EntryCall, key: K): boolean {
    this.keyCodec.encode(call.key.view, 0, key);
    const result = this.#call(call, BpfCommand.MapLookup, 0n);
    if (result < 0 && result !== -Errno.ENOENT) throw this.#error(BpfCommand.MapLookup, result);
    return result >= 0;
  }

  #decode({ value }: EntryCall): V {
    return this.valueCodec.decode(value.view, 0) as V;
  }

  #call({ attribute }: EntryCall, command: BpfCommandRow, flags: bigint): number {
    attribute.setU32(0, this.descriptor.fd);
    attribute.setU64(FLAGS, flags);
    // The kernel wants zeros after a command's last field, and deleting has no value: what it does not see is zero.
    const size = command === BpfCommand.MapDelete ? VALUE_POINTER : ELEMENT_SIZE;
    return bpf(command.value, attribute, size);
  }

  #error(command: BpfCommandRow, result: number): Error {
    return systemCallError(this.callContext(command), result);
  }

  /** What a call on the map's entries is and needs, for its error. */
  callContext(command: BpfCommandRow): CallContext {
    return bpfContext(command, `on map ${this.name}`, {
      cures: {
        [Errno.E2BIG]: this.type.endsWith("array")
          ? `The map has ${this.maxEntries} elements: an index must be below that.`
          : `The map is full: it has room for ${this.maxEntries} entries (maxEntries).`,
        [Errno.ENOSPC]: `The map is full: it has room for ${this.maxEntries} entries (maxEntries).`,
        [Errno.EEXIST]: this.type.endsWith("array")
          ? 'Every element of an array is there from the start, and the mode is "create".'
          : 'The key is there already, and the mode is "create".',
        [Errno.ENOENT]: 'The key is not there, and the mode is "update".',
        [Errno.EPERM]: "The map is frozen or read-only from user space.",
      },
    });
  }
}
