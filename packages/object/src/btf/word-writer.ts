import type { ByteOrder } from "../byte-order.js";

/** A growing run of 32-bit words in one byte order; BTF is made of nothing else. */
export class WordWriter {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  private readonly little: boolean;
  length = 0;

  constructor(byteOrder: ByteOrder) {
    this.little = byteOrder === "little";
  }

  /** Appends each value modulo 2^32. */
  words(...values: number[]): void {
    this.reserve(values.length * 4);
    for (const value of values) {
      this.view.setUint32(this.length, value, this.little);
      this.length += 4;
    }
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
