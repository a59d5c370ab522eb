import type { MapSpec } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { LoadError } from "../errors/errors.js";
import { type CallContext, check } from "../errors/system-call-failure.js";
import { freezeMap } from "../maps/freeze.js";
import { bpfContext, callBpf, resultName, tryBpf } from "../sys/bpf.js";
import { possibleCpus } from "../sys/cpus.js";
import { Descriptor } from "../sys/descriptor.js";
import { withLockedMemory } from "../sys/memlock.js";
import { NativeMemory } from "../sys/memory.js";
import { pageSize } from "../sys/system-calls.js";
import { BpfCommand, MapFlag, OBJECT_NAME_LENGTH } from "../sys/uapi.js";

const CREATE_SIZE = 72;
/** `BPF_F_NUMA_NODE` of linux/bpf.h. */
const ON_NODE = 1 << 2;
const LARGEST_U32 = 0xffff_ffff;

/** A map in the kernel. */
export interface CreatedMap {
  readonly spec: MapSpec;
  /** With the size that it really has. */
  readonly maxEntries: number;
  readonly descriptor: Descriptor;
  /** Why the kernel has the map without its BTF; null when it has it, or has none to have. */
  readonly btfReason: string | null;
  /** It was pinned already, and keeps what is in it. */
  readonly isReused?: true;
}

/** A name that the kernel accepts: at most 15 of `[A-Za-z0-9_.]`. */
export function kernelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.]/g, "_").slice(0, OBJECT_NAME_LENGTH - 1);
}

/** Kernel name of a map: a data section's starts with the object's, as libbpf does it. */
export function mapKernelName(objectName: string, map: MapSpec): string {
  return kernelName(map.data === null ? map.name : `${objectName.slice(0, 8)}${map.data.section}`);
}

/** The kernel takes a u32. */
const LARGEST_RING = 0x8000_0000;

/** Size of a ring buffer: the kernel takes powers of two that are whole pages, so this rounds up. */
export function ringBufferSize(bytes: number, page: number): number {
  let size = page;
  while (size < bytes) size *= 2;
  return size;
}

/** How many entries a map gets: what the user asks, else what the object says; rounded where the kernel is picky. */
export function entriesOf(spec: MapSpec, asked: number | undefined): number {
  const wanted = asked ?? spec.maxEntries;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > LARGEST_U32) {
    throw new LoadError(
      "bad-option",
      `maxEntries of map ${spec.name} is ${wanted}: it must be a whole number from 1 to ${LARGEST_U32}.`,
    );
  }
  if (asked !== undefined && spec.data !== null) {
    throw new LoadError("bad-option", `maxEntries of ${spec.name} cannot be changed: it is a data section.`);
  }
  const isRing = spec.type.name === "ring-buffer" || spec.type.name === "user-ring-buffer";
  if (isRing && wanted > LARGEST_RING) {
    throw new LoadError(
      "bad-option",
      `ring buffer ${spec.name} cannot have ${wanted} bytes: the largest power of two is ${LARGEST_RING}.`,
    );
  }
  if (isRing) return ringBufferSize(wanted, pageSize());
  if (spec.type.name === "perf-event-array" && wanted === 0) return possibleCpus();
  return wanted;
}

/**
 * Flags that the kernel reports of a map made with `spec`: those that were asked for, and those that it sets itself (`dev_map_init_map`:
 * programs only read device maps).
 */
export function reportedFlags(spec: MapSpec): number {
  const own = spec.type.name.startsWith("devmap") ? MapFlag.ReadOnlyProgram : 0;
  return flagsOf(spec, false) | own;
}

function flagsOf({ data, flags: given, numaNode }: MapSpec, mappable: boolean): number {
  const flags = numaNode === undefined ? given : given | ON_NODE;
  if (data === null) return flags;
  if (data.readOnly) return flags | MapFlag.ReadOnlyProgram;
  return mappable ? flags | MapFlag.Mappable : flags;
}

function request(
  spec: MapSpec,
  name: string,
  maxEntries: number,
  btf: Descriptor | null,
  mappable: boolean,
  inner: Descriptor | null,
): NativeMemory {
  const attribute = new NativeMemory(CREATE_SIZE);
  attribute.setU32(0, spec.type.value);
  attribute.setU32(4, spec.keySize);
  attribute.setU32(8, spec.valueSize);
  attribute.setU32(12, maxEntries);
  attribute.setU32(16, flagsOf(spec, mappable));
  attribute.setU32(20, inner?.fd ?? 0);
  attribute.setU32(24, spec.numaNode ?? 0);
  attribute.setText(28, name, OBJECT_NAME_LENGTH);
  if (spec.mapExtra !== undefined) attribute.setU64(64, spec.mapExtra);
  if (btf !== null) {
    attribute.setU32(48, btf.fd);
    attribute.setU32(52, spec.keyType ?? 0);
    attribute.setU32(56, spec.valueType ?? 0);
  }
  return attribute;
}

/** Map types that the kernel takes without types of their keys and values only (libbpf, `bpf_object__create_map`). */
const withoutBtf: readonly string[] = [
  "perf-event-array",
  "program-array",
  "cgroup-array",
  "stack-trace",
  "array-of-maps",
  "hash-of-maps",
  "devmap",
  "devmap-hash",
  "cpumap",
  "xskmap",
  "sockmap",
  "sockhash",
  "reuseport-sockarray",
  "queue",
  "stack",
  "bloom-filter",
  "ring-buffer",
  "user-ring-buffer",
  "arena",
];

// A data section has a value type only; a ring buffer's value type is its record's, which the kernel does not want.
const hasBtf = (spec: MapSpec): boolean =>
  !withoutBtf.includes(spec.type.name) &&
  spec.valueSize > 0 &&
  spec.valueType !== null &&
  (spec.keyType !== null || spec.data !== null);

/**
 * Creates a map (BPF_MAP_CREATE) and, for a data section, stores its content and freezes it when it is read-only.
 * Nothing is left behind when it throws.
 */
export function createMap(
  spec: MapSpec,
  options: {
    readonly objectName: string;
    readonly maxEntries: number | undefined;
    readonly btf: Descriptor | null;
  },
): CreatedMap {
  // A map of maps takes the form of those that it holds from one of them, which may go then.
  using inner =
    spec.inner === undefined ? null : createMap(spec.inner, { ...options, maxEntries: undefined }).descriptor;
  const maxEntries = entriesOf(spec, options.maxEntries);
  const name = mapKernelName(options.objectName, spec);
  const entrySize = `${spec.keySize} + ${spec.valueSize} bytes`;
  const context: Partial<CallContext> = {
    chargesMemory: true,
    needs: [[`${spec.type.name} maps`, spec.type.since]],
    cures: {
      [Errno.E2BIG]: `${maxEntries} entries of ${entrySize} are more than the kernel allows: lower maxEntries.`,
      [Errno.ENOMEM]: `The kernel has no memory for ${maxEntries} entries of ${entrySize}: lower maxEntries.`,
      ...(maxEntries === 0 && { [Errno.EINVAL]: "A map needs at least one entry: set maxEntries." }),
    },
  };
  const attempt = (btf: Descriptor | null) => {
    const create = (mappable: boolean) =>
      withLockedMemory(() =>
        tryBpf(BpfCommand.MapCreate, request(spec, name, maxEntries, btf, mappable, inner)),
      );
    const found = create(true);
    // Kernels before 5.5 do not know the flag by which variables can be mapped.
    return found === -Errno.EINVAL && spec.data?.readOnly === false ? create(false) : found;
  };
  let btfReason: string | null = null;
  let fd = attempt(hasBtf(spec) ? options.btf : null);
  if (fd < 0 && fd !== -Errno.EPERM && options.btf !== null && hasBtf(spec)) {
    // Some map types refuse BTF for their keys and values; the map itself may be fine.
    const plain = attempt(null);
    if (plain >= 0) btfReason = `BPF_MAP_CREATE of map ${spec.name} with BTF: ${resultName(fd)}`;
    fd = plain;
  }
  check(fd, bpfContext(BpfCommand.MapCreate, `of map ${spec.name}`, context));
  const descriptor = new Descriptor(fd, `map ${spec.name}`);
  try {
    fill(spec, descriptor);
  } catch (error) {
    descriptor.close();
    throw error;
  }
  return { spec, maxEntries, descriptor, btfReason };
}

function fill(spec: MapSpec, descriptor: Descriptor): void {
  if (spec.data === null) return;
  const key = new NativeMemory(spec.keySize);
  const value = new NativeMemory(spec.valueSize);
  value.bytes.set(spec.data.initial.subarray(0, spec.valueSize));
  const update = new NativeMemory(32);
  update.setU32(0, descriptor.fd);
  update.setPointer(8, key);
  update.setPointer(16, value);
  callBpf(BpfCommand.MapUpdate, update, `of ${spec.name}`);
  if (spec.data.readOnly) freezeMap(descriptor, spec.name);
}
