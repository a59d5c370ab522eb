import { addressOf } from "./system-calls.js";

const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * A zeroed block whose address does not change, for structs that the kernel reads and writes. Integers are in the
 * machine's byte order. It is garbage like any other buffer, but a block keeps those that it points to.
 */
export class NativeMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Below 2^53 on every supported processor, so that a number holds it exactly. */
  readonly address: number;
  /** What is pointed to, by the offset of the pointer: an address alone keeps nothing from being collected. */
  readonly #targets = new Map<number, NativeMemory>();

  /** @param size in bytes; 0 is taken as 8 so that there is always an address */
  constructor(readonly size: number) {
    const buffer = new ArrayBuffer(Math.max(8, size));
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.address = addressOf(this.bytes);
  }

  /** A copy of `bytes`. */
  static from(bytes: Uint8Array): NativeMemory {
    const memory = new NativeMemory(bytes.length);
    memory.bytes.set(bytes);
    return memory;
  }

  u32(offset: number): number {
    return this.view.getUint32(offset, little);
  }

  u64(offset: number): bigint {
    return this.view.getBigUint64(offset, little);
  }

  setU16(offset: number, value: number): void {
    this.view.setUint16(offset, value, little);
  }

  setU32(offset: number, value: number): void {
    this.view.setUint32(offset, value, little);
  }

  setU64(offset: number, value: bigint): void {
    this.view.setBigUint64(offset, value, little);
  }

  /** Stores the address of another block, or of the byte `start` of it; null stores a null pointer. */
  setPointer(offset: number, target: NativeMemory | null, start = 0): void {
    this.setU64(offset, target === null ? 0n : BigInt(target.address + start));
    if (target === null) this.#targets.delete(offset);
    else this.#targets.set(offset, target);
  }

  /** Stores at most `room - 1` bytes of ASCII text and a NUL. */
  setText(offset: number, text: string, room: number): void {
    for (let i = 0; i < room; i++) {
      this.bytes[offset + i] = i < room - 1 && i < text.length ? text.charCodeAt(i) & 0x7f : 0;
    }
  }

  /** The text from `offset` up to the next NUL. */
  text(offset = 0): string {
    const end = this.bytes.indexOf(0, offset);
    return Buffer.from(this.bytes.subarray(offset, end === -1 ? undefined : end)).toString("utf8");
  }
}

/** `text` in UTF-8 with a closing NUL. */
export function textMemory(text: string): NativeMemory {
  return NativeMemory.from(Buffer.from(`${text}\0`, "utf8"));
}
