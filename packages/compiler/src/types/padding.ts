/** What of a type's memory belongs to no field: bytes between fields and behind them, and bits beside bit fields. */
import type { ByteOrder } from "@waggle/object";
import type { DataType } from "./data-type.js";
import { sizeOf } from "./layout.js";

/** Bytes in a row that no field has, or one byte of which fields have some bits. */
export interface Padding {
  /** Bytes from the start of the type. */
  readonly offset: number;
  readonly size: number;
  /** The bits of the byte that fields have; 0 of bytes that no field has. */
  readonly used: number;
}

/** The padding of a type, in order. A union's is what none of its members has. */
export function paddingOf(type: DataType, byteOrder: ByteOrder): readonly Padding[] {
  const used = new Uint8Array(sizeOf(type));
  markUsed(type, byteOrder, used);
  const found: Padding[] = [];
  used.forEach((bits, offset) => {
    const last = found.at(-1);
    if (bits === 0xff) return;
    if (bits === 0 && last !== undefined && last.used === 0 && last.offset + last.size === offset)
      found[found.length - 1] = { ...last, size: last.size + 1 };
    else found.push({ offset, size: 1, used: bits });
  });
  return found;
}

/** Sets the bits of the bytes that fields have. */
function markUsed(type: DataType, byteOrder: ByteOrder, bytes: Uint8Array): void {
  if (type.kind === "array") {
    const size = sizeOf(type.element);
    for (let at = 0; at < bytes.length; at += size)
      markUsed(type.element, byteOrder, bytes.subarray(at, at + size));
  } else if (type.kind === "struct") {
    for (const { offset, bits, type: inner } of type.fields) {
      if (bits === undefined) markUsed(inner, byteOrder, bytes.subarray(offset, offset + sizeOf(inner)));
      else
        for (let at = bits.offset; at < bits.offset + bits.size; at++) {
          const bit = byteOrder === "little" ? at % 8 : 7 - (at % 8);
          const byte = Math.floor(at / 8);
          bytes[byte] = (bytes[byte] ?? 0) | (1 << bit);
        }
    }
  } else bytes.fill(0xff);
}
