import type { Codec } from "./codec-mismatch.js";

/**
 * Decoders as JavaScript source: one expression that reads a value, with an object literal for each struct. Engines then
 * know the shape of the result, inline the reads, and need not make the objects that nobody keeps; filling an object in
 * a loop over its fields is several times slower. In the source, `v` is a DataView and `o` the offset of the value in
 * it; `d0`, `d1` … are decoders called for what is better not written out. Only numbers and JSON strings go into it.
 */
export class DecoderSource {
  readonly #closures: Codec["decode"][] = [];

  /**
   * @param arrays values start at multiples of 8 bytes and there are typed arrays over the same memory by the names of
   *   `MemoryViews`; reads of them are faster than of a DataView, most of all of 64-bit integers
   */
  constructor(readonly arrays: boolean) {}

  /** Reads a number `at` bytes after the start of the value. */
  number(kind: NumberKind, at: number, little: boolean): string {
    const { getter, bytes } = numberKinds[kind];
    const inOrder = bytes === 1 || little === hostIsLittle;
    if (this.arrays && inOrder && at % bytes === 0) {
      return `${kind}[(o>>>${Math.log2(bytes)})+${at / bytes}]`;
    }
    return `v.${getter}(o+${at},${little})`;
  }

  /** Copies bytes. */
  bytes(at: number, length: number): string {
    return this.arrays
      ? `u8.slice(o+${at},o+${at + length})`
      : `new Uint8Array(v.buffer,v.byteOffset+o+${at},${length}).slice()`;
  }

  /** Calls a decoder. */
  call(decode: Codec["decode"], at: number): string {
    return `d${this.#closures.push(decode) - 1}(v,o+${at})`;
  }

  /** The value of a codec. */
  value(codec: Codec, at: number): string {
    return codec.source?.(this, at) ?? this.call(codec.decode, at);
  }

  /**
   * Makes the function whose source is `body`, or null in a process that forbids code from strings (Node's
   * `--disallow-code-generation-from-strings`).
   */
  compile(body: string): unknown {
    const names = this.#closures.map((_, index) => `d${index}`);
    try {
      return new Function(...names, `"use strict";return ${body}`)(...this.#closures);
    } catch (error) {
      if (error instanceof EvalError) return null;
      throw error;
    }
  }
}

/** A codec's decoder made as source, or `decode` itself for scalars and where the process forbids making one. */
export function generatedDecode(codec: Codec): Codec["decode"] {
  if (codec.parts === 1 || codec.source === undefined) return codec.decode;
  const source = new DecoderSource(false);
  const value = source.value(codec, 0);
  return (source.compile(`(v,o)=>(${value})`) as Codec["decode"] | null) ?? codec.decode;
}

/** Typed arrays and a DataView over one memory. The arrays leave out what is left over at its end. */
export interface MemoryViews {
  readonly v: DataView;
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i16: Int16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly u64: BigUint64Array;
  readonly i64: BigInt64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}

/** @param start of the memory in the buffer, a multiple of 8 bytes */
export function memoryViews(buffer: ArrayBuffer, start: number, bytes: number): MemoryViews {
  return {
    v: new DataView(buffer, start, bytes),
    u8: new Uint8Array(buffer, start, bytes),
    i8: new Int8Array(buffer, start, bytes),
    u16: new Uint16Array(buffer, start, bytes >>> 1),
    i16: new Int16Array(buffer, start, bytes >>> 1),
    u32: new Uint32Array(buffer, start, bytes >>> 2),
    i32: new Int32Array(buffer, start, bytes >>> 2),
    u64: new BigUint64Array(buffer, start, bytes >>> 3),
    i64: new BigInt64Array(buffer, start, bytes >>> 3),
    f32: new Float32Array(buffer, start, bytes >>> 2),
    f64: new Float64Array(buffer, start, bytes >>> 3),
  };
}

const hostIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Reads that are written out in one decoder. */
export const MAX_WRITTEN = 512;

const numberKinds = {
  u8: { getter: "getUint8", bytes: 1 },
  i8: { getter: "getInt8", bytes: 1 },
  u16: { getter: "getUint16", bytes: 2 },
  i16: { getter: "getInt16", bytes: 2 },
  u32: { getter: "getUint32", bytes: 4 },
  i32: { getter: "getInt32", bytes: 4 },
  u64: { getter: "getBigUint64", bytes: 8 },
  i64: { getter: "getBigInt64", bytes: 8 },
  f32: { getter: "getFloat32", bytes: 4 },
  f64: { getter: "getFloat64", bytes: 8 },
} as const;

/** Numbers that are read as they are: unsigned, signed and floating point, with their bits. */
export type NumberKind = keyof typeof numberKinds;

/** The kind of an integer, or null for sizes that need more than one read. */
export function integerKind(size: number, signed: boolean): NumberKind | null {
  const name = `${signed ? "i" : "u"}${size * 8}`;
  return name in numberKinds ? (name as NumberKind) : null;
}

/** A property of an object literal. A plain "__proto__" key would set the prototype: a computed one does not. */
export function propertySource(name: string, value: string): string {
  const key = JSON.stringify(name);
  return name === "__proto__" ? `[${key}]:${value}` : `${key}:${value}`;
}
