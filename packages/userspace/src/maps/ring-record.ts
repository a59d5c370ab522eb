import type { MemoryViews } from "@waggle/object";

/**
 * A ring buffer record as it lies in the memory shared with the kernel, nothing copied or decoded. One object stands for
 * every record in turn: it is good until the visit is over, and then has no bytes. Offsets are in bytes from the start
 * of the record, numbers in the machine's byte order.
 *
 * Each read throws a RangeError when it is not all inside of the record.
 */
export interface RawRecord {
  /** Bytes in the record. */
  readonly size: number;
  u8(offset: number): number;
  i8(offset: number): number;
  u16(offset: number): number;
  i16(offset: number): number;
  u32(offset: number): number;
  i32(offset: number): number;
  u64(offset: number): bigint;
  i64(offset: number): bigint;
  /** A copy of the bytes from `start` up to `end`, by default all. */
  bytes(start?: number, end?: number): Uint8Array;
}

const hostIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A raw record that its reader moves from one record to the next. */
export class RecordCursor implements RawRecord {
  size = 0;
  readonly #views: MemoryViews;
  #start = 0;

  constructor(views: MemoryViews) {
    this.#views = views;
  }

  /** @param start of the record in the views, a multiple of 8 */
  move(start: number, size: number): void {
    this.#start = start;
    this.size = size;
  }

  u8(offset: number): number {
    return this.#views.u8[this.#at(offset, 1)] ?? 0;
  }

  i8(offset: number): number {
    return this.#views.i8[this.#at(offset, 1)] ?? 0;
  }

  u16(offset: number): number {
    const at = this.#at(offset, 2);
    return (at & 1) === 0 ? (this.#views.u16[at >>> 1] ?? 0) : this.#views.v.getUint16(at, hostIsLittle);
  }

  i16(offset: number): number {
    const at = this.#at(offset, 2);
    return (at & 1) === 0 ? (this.#views.i16[at >>> 1] ?? 0) : this.#views.v.getInt16(at, hostIsLittle);
  }

  u32(offset: number): number {
    const at = this.#at(offset, 4);
    return (at & 3) === 0 ? (this.#views.u32[at >>> 2] ?? 0) : this.#views.v.getUint32(at, hostIsLittle);
  }

  i32(offset: number): number {
    const at = this.#at(offset, 4);
    return (at & 3) === 0 ? (this.#views.i32[at >>> 2] ?? 0) : this.#views.v.getInt32(at, hostIsLittle);
  }

  u64(offset: number): bigint {
    const at = this.#at(offset, 8);
    return (at & 7) === 0 ? (this.#views.u64[at >>> 3] ?? 0n) : this.#views.v.getBigUint64(at, hostIsLittle);
  }

  i64(offset: number): bigint {
    const at = this.#at(offset, 8);
    return (at & 7) === 0 ? (this.#views.i64[at >>> 3] ?? 0n) : this.#views.v.getBigInt64(at, hostIsLittle);
  }

  bytes(start = 0, end = this.size): Uint8Array {
    const at = this.#at(start, end - start);
    return end === start ? new Uint8Array() : this.#views.u8.slice(at, at + (end - start));
  }

  /** Where a read starts in the views. */
  #at(offset: number, length: number): number {
    // Written so that NaN fails, too.
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) this.#refuse(offset, length);
    return this.#start + offset;
  }

  #refuse(offset: number, length: number): never {
    throw new RangeError(
      this.size === 0
        ? "the record has no bytes: raw records are good until their visit is over"
        : `the record has ${this.size} bytes; there are no ${length} at offset ${offset}`,
    );
  }
}
