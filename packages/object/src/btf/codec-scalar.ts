import { ObjectError } from "../errors.js";
import { type Codec, Mismatch, show } from "./codec-mismatch.js";
import { type DecoderSource, integerKind } from "./codec-source.js";
import type { BtfType } from "./types.js";

/** Throws unless `value` is a whole number that fits the bits. */
export function checkNumber(name: string, bits: number, signed: boolean, value: unknown): number {
  const low = signed ? -(2 ** (bits - 1)) : 0;
  const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  if (typeof value !== "number") {
    throw new Mismatch(` must be a number: ${name} takes ${low} to ${high}, not ${show(value)}`);
  }
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new Mismatch(
      ` is out of range: ${name} takes whole numbers from ${low} to ${high}, not ${show(value)}`,
    );
  }
  return value;
}

/** Throws unless `value` is a bigint that fits the bits. */
export function checkBigint(name: string, bits: number, signed: boolean, value: unknown): bigint {
  const low = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const high = signed ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n;
  if (typeof value !== "bigint") {
    const hint = typeof value === "number" && Number.isInteger(value) ? `; write ${value}n` : "";
    throw new Mismatch(` must be a bigint: ${name} takes ${low}n to ${high}n, not ${show(value)}${hint}`);
  }
  if (value < low || value > high) {
    throw new Mismatch(` is out of range: ${name} takes ${low}n to ${high}n, not ${show(value)}`);
  }
  return value;
}

/** Integers of 1, 2, 4, 8 and 16 bytes. `bigEndian` overrules the byte order of the object. */
export function integerCodec(
  name: string,
  size: number,
  signed: boolean,
  objectLittle: boolean,
  bigEndian: boolean,
): Codec {
  const little = objectLittle && !bigEndian;
  const bits = size * 8;
  const kind = integerKind(size, signed);
  if (kind !== null) {
    const source = (text: DecoderSource, at: number): string => text.number(kind, at, little);
    return { size, parts: 1, source, ...numberAccess(name, size, signed, little) };
  }
  if (size !== 16) throw new ObjectError("bad-btf", `integers of ${size} bytes (${name}) are not supported`);
  return {
    size,
    parts: 1,
    decode: (view, offset) => {
      const high = view.getBigUint64(offset + (little ? 8 : 0), little);
      const value = (high << 64n) | view.getBigUint64(offset + (little ? 0 : 8), little);
      return signed ? BigInt.asIntN(128, value) : value;
    },
    encode: (view, offset, value) => {
      const checked = BigInt.asUintN(128, checkBigint(name, bits, signed, value));
      view.setBigUint64(offset + (little ? 8 : 0), checked >> 64n, little);
      view.setBigUint64(offset + (little ? 0 : 8), BigInt.asUintN(64, checked), little);
    },
  };
}

function numberAccess(
  name: string,
  size: number,
  signed: boolean,
  little: boolean,
): Pick<Codec, "decode" | "encode"> {
  const number = (value: unknown): number => checkNumber(name, size * 8, signed, value);
  switch (size) {
    case 1:
      return {
        decode: signed ? (view, offset) => view.getInt8(offset) : (view, offset) => view.getUint8(offset),
        encode: (view, offset, value) => view.setUint8(offset, number(value)),
      };
    case 2:
      return {
        decode: signed
          ? (view, offset) => view.getInt16(offset, little)
          : (view, offset) => view.getUint16(offset, little),
        encode: (view, offset, value) => view.setUint16(offset, number(value), little),
      };
    case 4:
      return {
        decode: signed
          ? (view, offset) => view.getInt32(offset, little)
          : (view, offset) => view.getUint32(offset, little),
        encode: (view, offset, value) => view.setUint32(offset, number(value), little),
      };
    default:
      return {
        decode: signed
          ? (view, offset) => view.getBigInt64(offset, little)
          : (view, offset) => view.getBigUint64(offset, little),
        encode: (view, offset, value) =>
          view.setBigUint64(offset, BigInt.asUintN(64, checkBigint(name, 64, signed, value)), little),
      };
  }
}

/** `bool`: any byte that is not zero is true. */
export function booleanCodec(size: number): Codec {
  if (size !== 1) throw new ObjectError("bad-btf", `bool of ${size} bytes is not supported`);
  return {
    size,
    parts: 1,
    source: (source, at) => `${source.number("u8", at, true)}!==0`,
    decode: (view, offset) => view.getUint8(offset) !== 0,
    encode: (view, offset, value) => {
      if (typeof value !== "boolean") throw new Mismatch(` must be true or false, not ${show(value)}`);
      view.setUint8(offset, value ? 1 : 0);
    },
  };
}

/** An enum is its number; values without a name are kept, as C allows them. */
export function enumCodec(
  name: string,
  type: Extract<BtfType, { kind: "enum" | "enum64" }>,
  little: boolean,
): Codec {
  return integerCodec(name, type.size, type.signed, little, false);
}

/** IEEE 754 numbers of 4 and 8 bytes. */
export function floatCodec(name: string, size: number, little: boolean): Codec {
  if (size !== 4 && size !== 8) {
    throw new ObjectError("bad-btf", `floating point numbers of ${size} bytes (${name}) are not supported`);
  }
  const number = (value: unknown): number => {
    if (typeof value !== "number") throw new Mismatch(` must be a number, not ${show(value)}`);
    return value;
  };
  return size === 4
    ? {
        size,
        parts: 1,
        source: (source, at) => source.number("f32", at, little),
        decode: (view, offset) => view.getFloat32(offset, little),
        encode: (view, offset, value) => view.setFloat32(offset, number(value), little),
      }
    : {
        size,
        parts: 1,
        source: (source, at) => source.number("f64", at, little),
        decode: (view, offset) => view.getFloat64(offset, little),
        encode: (view, offset, value) => view.setFloat64(offset, number(value), little),
      };
}
