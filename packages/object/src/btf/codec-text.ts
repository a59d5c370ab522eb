import { type Codec, Mismatch, show } from "./codec-mismatch.js";
import type { DecoderSource } from "./codec-source.js";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
/** Longer strings are cheaper to hand to TextDecoder as a whole. */
const SHORT_TEXT = 32;

/** An array of `char`: UTF-8 text that ends at the first NUL or with the array. */
export function stringCodec(name: string, length: number): Codec {
  const decodeLong = (view: DataView, offset: number): string => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, length);
    const nul = bytes.indexOf(0);
    return decoder.decode(nul === -1 ? bytes : bytes.subarray(0, nul));
  };
  return {
    size: length,
    parts: 1,
    decode: (view, offset) => {
      const short = Math.min(length, SHORT_TEXT);
      let text = "";
      for (let index = 0; index < short; index++) {
        const byte = view.getUint8(offset + index);
        if (byte === 0) return text;
        if (byte >= 0x80) return decodeLong(view, offset);
        text += String.fromCharCode(byte);
      }
      return short === length ? text : decodeLong(view, offset);
    },
    encode: (view, offset, value) => {
      if (typeof value !== "string") throw new Mismatch(` must be a string, not ${show(value)}`);
      if (value.includes("\0"))
        throw new Mismatch(` holds a NUL character, which would end the string: ${show(value)}`);
      const bytes = encoder.encode(value);
      if (bytes.length >= length) {
        throw new Mismatch(
          ` is too long: ${name} takes ${Math.max(length - 1, 0)} bytes of UTF-8 and a NUL, not ${bytes.length} bytes: ${show(value)}`,
        );
      }
      new Uint8Array(view.buffer, view.byteOffset + offset, length).set(bytes);
    },
  };
}

/** An array of unsigned bytes. What is decoded is a copy: the memory behind it may be reused. */
export function bytesCodec(name: string, length: number): Codec {
  const source = (text: DecoderSource, at: number): string => text.bytes(at, length);
  return {
    size: length,
    parts: 1,
    source,
    decode: (view, offset) => new Uint8Array(view.buffer, view.byteOffset + offset, length).slice(),
    encode: (view, offset, value) => {
      if (!(value instanceof Uint8Array) || value.length !== length) {
        throw new Mismatch(` must be a Uint8Array of ${length} bytes (${name}), not ${show(value)}`);
      }
      new Uint8Array(view.buffer, view.byteOffset + offset, length).set(value);
    },
  };
}
