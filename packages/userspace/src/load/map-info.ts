/** What the kernel says of a map: its form, and the types of its keys and values. */
import { readlinkSync } from "node:fs";
import { type Btf, parseBtf } from "@waggle/object";
import { callBpf, tryBpf } from "../sys/bpf.js";
import { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";

const INFO_ATTRIBUTE_SIZE = 16;
/** `struct bpf_map_info` and `struct bpf_btf_info`, as far as they are looked at. */
const MAP_INFO_SIZE = 88;
const BTF_INFO_SIZE = 16;
/** Far above what an object has: the kernel's own types are some MiB. */
const LARGEST_BTF = 16 * 1024 * 1024;

/** What a map in the kernel is like. */
export interface MapInfo {
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** 0 when the map was made without types. */
  readonly btf: number;
  readonly keyType: number;
  readonly valueType: number;
}

/** What a descriptor of a BPF object stands for, e.g. "map" or "prog"; null when the kernel does not tell. */
export function objectKind(descriptor: Descriptor): string | null {
  try {
    return /bpf[-_](\w+)/.exec(readlinkSync(`/proc/self/fd/${descriptor.fd}`))?.[1] ?? null;
  } catch {
    return null;
  }
}

function objectInfo(descriptor: Descriptor, info: NativeMemory): void {
  const attribute = new NativeMemory(INFO_ATTRIBUTE_SIZE);
  attribute.setU32(0, descriptor.fd);
  attribute.setU32(4, info.size);
  attribute.setPointer(8, info);
  callBpf(BpfCommand.ObjectInfo, attribute, `of ${descriptor.what}`);
}

/** What the kernel says of a map. */
export function mapInfo(descriptor: Descriptor): MapInfo {
  const info = new NativeMemory(MAP_INFO_SIZE);
  objectInfo(descriptor, info);
  return {
    type: info.u32(0),
    keySize: info.u32(8),
    valueSize: info.u32(12),
    maxEntries: info.u32(16),
    flags: info.u32(20),
    btf: info.u32(64),
    keyType: info.u32(68),
    valueType: info.u32(72),
  };
}

/** BTF that was loaded, by its id; the errno negated when the kernel does not give it, which needs CAP_SYS_ADMIN. */
export function btfById(id: number): Btf | number {
  const attribute = new NativeMemory(12);
  attribute.setU32(0, id);
  const fd = tryBpf(BpfCommand.BtfGetById, attribute);
  if (fd < 0) return fd;
  using descriptor = new Descriptor(fd, `BTF ${id}`);
  const info = new NativeMemory(BTF_INFO_SIZE);
  objectInfo(descriptor, info);
  const bytes = new NativeMemory(Math.min(info.u32(8), LARGEST_BTF));
  info.bytes.fill(0);
  info.setPointer(0, bytes);
  info.setU32(8, bytes.size);
  objectInfo(descriptor, info);
  return parseBtf(bytes.bytes.subarray(0, bytes.size)).btf;
}
