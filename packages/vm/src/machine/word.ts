import type { Word } from "../memory/region.js";

/** The unsigned 64-bit number of two halves. */
export function toBigInt(hi: number, lo: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}

/** Lower half of a number of any size, as a signed 32-bit number. */
export function lowHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** Upper half of a number of any size, as a signed 32-bit number. */
export function highHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}

/** Halves of a number of any size, wrapped to 64 bits. */
export function wordOf(value: bigint): Word {
  return { lo: lowHalf(value), hi: highHalf(value) };
}

/** Upper half of the 64-bit product of two unsigned 32-bit numbers, given and returned as signed. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  // Sums of products of 16 bits stay far below 2^53, but above 2^31: divide instead of shifting.
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) | 0;
}

/** Reverses the bytes of 32 bits. */
export function swap32(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}
