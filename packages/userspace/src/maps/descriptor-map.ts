/** Maps whose values are things of the kernel that processes hold by descriptors: sockets, cgroups, maps, interfaces and programs. */
import type { MapSpec, ValueCodec } from "@waggle/object";
import { withFile } from "../attach/files.js";
import { descriptorOf } from "../attach/program-handle.js";
import { socketDescriptor } from "../attach/socket.js";
import { findInterface } from "../attach/xdp.js";
import { Errno } from "../errors/errno.js";
import { ClosedError, MapError } from "../errors/errors.js";
import { systemCallError } from "../errors/system-call-failure.js";
import { bpfContext } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { bpf } from "../sys/system-calls.js";
import { BpfCommand, type BpfCommandRow, ElementFlag } from "../sys/uapi.js";
import { modeFlag } from "./kernel-map.js";
import type { SetMode } from "./types.js";

/** A map of things that are put in by what stands for them in this process. */
export interface ItemMap<K, Item> {
  readonly name: string;
  /** Waggle's name of the map type, e.g. "sockmap". */
  readonly type: string;
  /** How many entries fit. */
  readonly maxEntries: number;
  /** @throws MapError "bad-value" for what is no such thing; SystemCallError when the kernel refuses it */
  set(key: K, item: Item, options?: { readonly mode?: SetMode }): void;
  /** Whether there is something under the key. */
  has(key: K): boolean;
  /** Takes it out. Whether there was something. */
  delete(key: K): boolean;
}

/** A map of maps. */
export interface NestedMap<K, Inner> extends ItemMap<K, Inner> {
  /** A new, empty map of the form that this one holds. It ends with the app, unless it is in a map of maps that goes on. */
  newInner(): Inner;
}

/** An entry of a device map: an interface by name or index, and a program of an app that packets go through before. */
export type DeviceItem = string | number | { readonly interface: string | number; readonly program?: object };
/** An entry of a CPU map: how many packets wait at most, and a program of an app that runs there. */
export type CpuItem = number | { readonly queueSize: number; readonly program?: object };

const ELEMENT_SIZE = 32;

/** Writes the value for the kernel, and makes the call while what it stands for is open. */
type Put = (item: unknown, value: NativeMemory, call: () => number) => number;

const programFd = (program: object | undefined): number => {
  if (program === undefined) return 0;
  const descriptor = descriptorOf(program);
  if (descriptor === null)
    throw new MapError("bad-value", "the program is none of a loaded app: app.programs.NAME.");
  return descriptor.fd;
};

const putSocket: Put = (item, value, call) => {
  // Of 4 or 8 bytes, as the map says.
  value.setU32(0, socketDescriptor(item));
  return call();
};

const isObject = (item: unknown): item is object => typeof item === "object" && item !== null;

/** How each type's values are written. */
const puts: Readonly<Record<string, Put>> = {
  sockmap: putSocket,
  sockhash: putSocket,
  "reuseport-sockarray": putSocket,
  xskmap: putSocket,
  "cgroup-array": (item, value, call) => {
    if (typeof item !== "string" && typeof item !== "number")
      throw new MapError("bad-value", "a cgroup is its folder, or a descriptor of it.");
    return withFile(item, "cgroup", "unknown-cgroup", (fd) => {
      value.setU32(0, fd);
      return call();
    });
  },
  devmap: putDevice,
  "devmap-hash": putDevice,
  cpumap: (item, value, call) => {
    const entry = isObject(item) ? item : { queueSize: item };
    const size: unknown = Reflect.get(entry, "queueSize");
    if (typeof size !== "number" || !Number.isInteger(size) || size < 1)
      throw new MapError(
        "bad-value",
        "a CPU's entry is how many packets wait at most: 192, or { queueSize: 192, program }.",
      );
    value.setU32(0, size);
    value.setU32(4, programFd(Reflect.get(entry, "program") as object | undefined));
    return call();
  },
  "array-of-maps": putMap,
  "hash-of-maps": putMap,
};

function putDevice(item: unknown, value: NativeMemory, call: () => number): number {
  const entry = isObject(item) ? item : { interface: item };
  const target: unknown = Reflect.get(entry, "interface");
  if (typeof target !== "string" && typeof target !== "number")
    throw new MapError("bad-value", 'an entry is an interface: "eth0", or { interface: "eth0", program }.');
  value.setU32(0, findInterface(target).index);
  value.setU32(4, programFd(Reflect.get(entry, "program") as object | undefined));
  return call();
}

function putMap(item: unknown, value: NativeMemory, call: () => number): number {
  const held: unknown = isObject(item) ? Reflect.get(item, "descriptor") : null;
  const fd: unknown = isObject(held) ? Reflect.get(held, "fd") : null;
  if (typeof fd !== "number")
    throw new MapError("bad-value", "this is no map: app.maps.NAME, or what newInner() gave.");
  value.setU32(0, fd);
  return call();
}

/** Whether maps of the type hold things by descriptors. */
export const holdsItems = (type: string): boolean => Object.hasOwn(puts, type);

/** A map of things of the kernel. */
export class KernelItemMap implements ItemMap<unknown, unknown> {
  readonly name: string;
  readonly type: string;

  /** @param descriptor closed by its owner; every method throws `ClosedError` from then on */
  constructor(
    readonly spec: MapSpec,
    readonly maxEntries: number,
    readonly descriptor: Descriptor,
    readonly keyCodec: ValueCodec,
    readonly makeInner: (inner: MapSpec) => object,
  ) {
    this.name = spec.name;
    this.type = spec.type.name;
  }

  set(key: unknown, item: unknown, options?: { readonly mode?: SetMode }): void {
    const put = puts[this.type];
    if (put === undefined)
      throw new MapError("unsupported-operation", `${this.type} maps hold no such things.`);
    const mode = modeFlag(options?.mode);
    const encoded = this.#encode(key);
    const value = this.#value();
    const result = put(item, value, () => this.#call(BpfCommand.MapUpdate, encoded, value, mode));
    if (result < 0) throw this.#error(BpfCommand.MapUpdate, result);
  }

  newInner(): object {
    const { inner } = this.spec;
    if (inner === undefined)
      throw new MapError(
        "unsupported-operation",
        `map ${this.name} does not say what the maps in it are like.`,
      );
    return this.makeInner(inner);
  }

  has(key: unknown): boolean {
    const result = this.#call(BpfCommand.MapLookup, this.#encode(key), this.#value());
    if (result < 0 && result !== -Errno.ENOENT) throw this.#error(BpfCommand.MapLookup, result);
    return result >= 0;
  }

  delete(key: unknown): boolean {
    const result = this.#call(BpfCommand.MapDelete, this.#encode(key), null);
    // Some types say EINVAL of an index that holds nothing.
    const isMissing = result === -Errno.ENOENT || (result === -Errno.EINVAL && this.type.startsWith("sock"));
    if (result < 0 && !isMissing) throw this.#error(BpfCommand.MapDelete, result);
    return result >= 0;
  }

  // Each call has memory of its own: a getter of the key or the item may use the map.
  #encode(key: unknown): NativeMemory {
    if (this.descriptor.closed) throw new ClosedError(this.descriptor.what);
    const memory = new NativeMemory(this.keyCodec.size);
    this.keyCodec.encode(memory.view, 0, key);
    return memory;
  }

  #value(): NativeMemory {
    return new NativeMemory(Math.max(8, this.spec.valueSize));
  }

  #call(
    command: BpfCommandRow,
    key: NativeMemory,
    value: NativeMemory | null,
    flags: bigint = ElementFlag.Any,
  ): number {
    const attribute = new NativeMemory(ELEMENT_SIZE);
    attribute.setU32(0, this.descriptor.fd);
    attribute.setPointer(8, key);
    attribute.setPointer(16, value);
    attribute.setU64(24, flags);
    return bpf(command.value, attribute, value === null ? 16 : ELEMENT_SIZE);
  }

  #error(command: BpfCommandRow, result: number): Error {
    return systemCallError(
      bpfContext(command, `on map ${this.name}`, {
        cures: {
          [Errno.E2BIG]: `The map has ${this.maxEntries} places.`,
          [Errno.EEXIST]: 'There is something under the key, and the mode is "create".',
          [Errno.ENOENT]: 'There is nothing under the key, and the mode is "update".',
          [Errno.EOPNOTSUPP]:
            "The map does not take sockets of this kind or in this state, or cannot be looked into.",
          [Errno.EINVAL]:
            "It is not what the map holds: an inner map must have the types and sizes of the one that it was declared with.",
        },
      }),
      result,
    );
  }
}
