import { hostByteOrder } from "@waggle/object";
import { ClosedError } from "../errors/errors.js";
import { callBpf } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { Mapping } from "../sys/mapping.js";
import { NativeMemory } from "../sys/memory.js";
import { pageSize } from "../sys/system-calls.js";
import { BpfCommand } from "../sys/uapi.js";

/** The memory of a data section. */
export interface SectionMemory extends Disposable {
  /** The section as it is now; to be used at once. Throws `ClosedError`. */
  read(): DataView;
  /** Writes bytes at an offset; up to 8 of them all at once where they are aligned. Throws `ClosedError`. */
  write(offset: number, bytes: Uint8Array): void;
}

const little = hostByteOrder === "little";

/** Stores of a size that the processor does all at once. */
const stores: Readonly<Record<number, (view: DataView, offset: number, from: DataView) => void>> = {
  1: (view, offset, from) => view.setUint8(offset, from.getUint8(0)),
  2: (view, offset, from) => view.setUint16(offset, from.getUint16(0, little), little),
  4: (view, offset, from) => view.setUint32(offset, from.getUint32(0, little), little),
  8: (view, offset, from) => view.setBigUint64(offset, from.getBigUint64(0, little), little),
};

function writeBytes(view: DataView, offset: number, bytes: Uint8Array): void {
  const store = offset % bytes.length === 0 ? stores[bytes.length] : undefined;
  if (store !== undefined)
    store(view, offset, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  else new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(bytes, offset);
}

/**
 * The memory that programs see, mapped here: what is written disturbs nothing beside it. Null where it cannot be mapped:
 * the map was made without `BPF_F_MMAPABLE`, which kernels before 5.5 do not have.
 */
export function mappedSection(descriptor: Descriptor, size: number): SectionMemory | null {
  const length = Math.ceil(size / pageSize()) * pageSize();
  const mapping = Mapping.try({ fd: descriptor.fd, length, writable: true });
  if (typeof mapping === "number") return null;
  const view = new DataView(mapping.buffer, 0, size);
  const open = (): DataView => {
    if (mapping.closed) throw new ClosedError(descriptor.what);
    return view;
  };
  return {
    read: open,
    write: (offset, bytes) => writeBytes(open(), offset, bytes),
    [Symbol.dispose]: () => mapping.close(),
  };
}

/**
 * The section by system calls. A write takes the whole section out and puts it back, so that what programs write to it
 * in between is lost.
 */
export function copiedSection(descriptor: Descriptor, size: number): SectionMemory {
  const key = new NativeMemory(4);
  const value = new NativeMemory(size);
  const attribute = new NativeMemory(32);
  attribute.setPointer(8, key);
  attribute.setPointer(16, value);
  const call = (command: typeof BpfCommand.MapLookup): void => {
    if (descriptor.closed) throw new ClosedError(descriptor.what);
    attribute.setU32(0, descriptor.fd);
    callBpf(command, attribute, `of ${descriptor.what}`);
  };
  return {
    read: () => {
      call(BpfCommand.MapLookup);
      return value.view;
    },
    write: (offset, bytes) => {
      call(BpfCommand.MapLookup);
      value.bytes.set(bytes, offset);
      call(BpfCommand.MapUpdate);
    },
    [Symbol.dispose]: () => {},
  };
}
