import { type Codec, Mismatch, show } from "./codec-mismatch.js";
import { checkBigint, checkNumber } from "./codec-scalar.js";
import type { DecoderSource } from "./codec-source.js";
import type { BtfType } from "./types.js";

/**
 * A bit field of a struct; offsets given to the codec are those of the struct. Bits count from the least significant
 * bit of the first byte in little-endian objects and from the most significant one in big-endian objects.
 *
 * @param start first bit, from the start of the struct
 */
export function bitFieldCodec(
  type: Extract<BtfType, { kind: "int" | "enum" | "enum64" }>,
  name: string,
  start: number,
  bits: number,
  little: boolean,
): Codec {
  const first = Math.floor(start / 8);
  const count = Math.ceil((start + bits) / 8) - first;
  const shift = BigInt(little ? start % 8 : count * 8 - (start % 8) - bits);
  const signed = type.kind === "int" ? type.encoding === "signed" : type.signed;
  const left = 32 - bits - Number(shift);
  const boolean = type.kind === "int" && type.encoding === "bool";
  const wide = type.size > 4;
  const byteAt = (index: number): number => first + (little ? count - 1 - index : index);

  const read = (view: DataView, offset: number): bigint => {
    let word = 0n;
    for (let index = 0; index < count; index++) {
      word = (word << 8n) | BigInt(view.getUint8(offset + byteAt(index)));
    }
    const value = word >> shift;
    return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  };
  const write = (view: DataView, offset: number, value: bigint): void => {
    let word = BigInt.asUintN(bits, value) << shift;
    for (let index = count - 1; index >= 0; index--) {
      const at = offset + byteAt(index);
      view.setUint8(at, view.getUint8(at) | Number(word & 0xffn));
      word >>= 8n;
    }
  };
  /** The bits as a number, for fields that 32-bit shifts can take out. */
  const readNumber = (view: DataView, offset: number): number => {
    let word = 0;
    for (let index = 0; index < count; index++) word = (word << 8) | view.getUint8(offset + byteAt(index));
    word <<= left;
    return signed ? word >> (32 - bits) : word >>> (32 - bits);
  };
  const numberSource = (source: DecoderSource, at: number): string => {
    const bytes = Array.from(
      { length: count },
      (_, index) => `${source.number("u8", at + byteAt(index), true)}<<${8 * (count - 1 - index)}`,
    );
    const value = `(${bytes.join("|")})<<${left}${signed ? ">>" : ">>>"}${32 - bits}`;
    return boolean ? `(${value})!==0` : value;
  };
  const described = `${name}:${bits}`;
  const toBits = (value: unknown): bigint => {
    if (wide) return checkBigint(described, bits, signed, value);
    if (!boolean) return BigInt(checkNumber(described, bits, signed, value));
    if (typeof value !== "boolean") throw new Mismatch(` must be true or false, not ${show(value)}`);
    return value ? 1n : 0n;
  };
  const decode = (view: DataView, offset: number): unknown => {
    const value = read(view, offset);
    if (boolean) return value !== 0n;
    return wide ? value : Number(value);
  };
  const decodeNumber = (view: DataView, offset: number): unknown =>
    boolean ? readNumber(view, offset) !== 0 : readNumber(view, offset);
  const narrow = !wide && count <= 4;
  return {
    size: count,
    parts: 1,
    ...(narrow ? { decode: decodeNumber, source: numberSource } : { decode }),
    encode: (view, offset, value) => write(view, offset, toBits(value)),
  };
}
