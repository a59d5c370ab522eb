import { type ByteOrder, INSTRUCTION_SIZE } from "@waggle/object";

/** Records of one kind for one program as the kernel takes them: `count` records of `size` bytes. */
export interface InfoRecords {
  readonly size: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Function and line records of `.BTF.ext`, by the name of their section. */
export interface ExtRecords {
  readonly functions: ReadonlyMap<string, InfoRecords>;
  readonly lines: ReadonlyMap<string, InfoRecords>;
}

/**
 * Cuts an encoded `.BTF.ext` (Documentation/bpf/btf.rst) into the records for BPF_PROG_LOAD. The records keep their
 * string offsets, which is why this works on the bytes. It trusts them: they come from our own encoder.
 */
export function extRecords(btf: Uint8Array, ext: Uint8Array, byteOrder: ByteOrder): ExtRecords {
  const little = byteOrder === "little";
  const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const types = viewOf(btf);
  const strings = types.getUint32(4, little) + types.getUint32(16, little);
  const nameAt = (offset: number): string => {
    const start = strings + offset;
    return Buffer.from(btf.subarray(start, btf.indexOf(0, start))).toString("utf8");
  };
  const view = viewOf(ext);
  const headerLength = view.getUint32(4, little);

  const part = (header: number): Map<string, InfoRecords> => {
    const found = new Map<string, InfoRecords>();
    let at = headerLength + view.getUint32(header, little);
    const end = at + view.getUint32(header + 4, little);
    if (at === end) return found;
    const size = view.getUint32(at, little);
    at += 4;
    while (at < end) {
      const name = nameAt(view.getUint32(at, little));
      const count = view.getUint32(at + 4, little);
      at += 8;
      const bytes = ext.slice(at, at + size * count);
      // The file counts in bytes, the kernel in instructions.
      const records = viewOf(bytes);
      for (let i = 0; i < count; i++) {
        records.setUint32(i * size, records.getUint32(i * size, little) / INSTRUCTION_SIZE, little);
      }
      found.set(name, { size, count, bytes });
      at += size * count;
    }
    return found;
  };
  return { functions: part(8), lines: part(16) };
}
