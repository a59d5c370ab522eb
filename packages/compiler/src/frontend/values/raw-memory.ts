/** Words of memory as the verifier takes them: an unaligned one is made of aligned pieces, except in a packet. */

import type { ValueId } from "../../ir/types.js";
import type { FunctionState } from "../state.js";
import type { MemoryValue } from "./value.js";

/** Bytes of one access. */
export type Width = 1 | 2 | 4 | 8;

/** The widest access that the place allows `offset` bytes from it. */
function pieceAt(place: MemoryValue, offset: number, width: Width): Width {
  // Packets are read at any offset anyhow: a header begins where the one before ends.
  if (place.region === "packet" || place.region === "context") return width;
  const fits = ([8, 4, 2, 1] as const).find(
    (one) => one <= width && place.align % one === 0 && offset % one === 0,
  );
  return fits ?? 1;
}

const registerFor = (width: Width): "i32" | "i64" => (width === 8 ? "i64" : "i32");

/** How far each piece is from the word's low end, in bits. */
function shiftOf(fn: FunctionState, width: Width, piece: Width, at: number): bigint {
  return BigInt(8 * (fn.owner.target.byteOrder === "little" ? at : width - piece - at));
}

/** Reads `width` bytes, zero-extended: an i64 for 8, else an i32. */
export function loadBytes(fn: FunctionState, place: MemoryValue, offset: number, width: Width): ValueId {
  const { builder } = fn;
  const { pointer, region } = place;
  const piece = pieceAt(place, offset, width);
  const register = registerFor(width);
  const load = (at: number): ValueId =>
    builder.load(register, pointer, { width: piece, region, displacement: place.displacement + offset + at });
  if (piece === width) return load(0);
  let word: ValueId | null = null;
  for (let at = 0; at < width; at += piece) {
    const shift = shiftOf(fn, width, piece, at);
    const part = load(at);
    const moved = shift === 0n ? part : builder.binary("shl", part, builder.const(register, shift));
    word = word === null ? moved : builder.binary("or", word, moved);
  }
  return word ?? load(0);
}

/** Writes the low `width` bytes of a value. */
export function storeBytes(
  fn: FunctionState,
  place: MemoryValue,
  offset: number,
  width: Width,
  value: ValueId,
): void {
  const { builder } = fn;
  const { pointer, region } = place;
  const piece = pieceAt(place, offset, width);
  const register = registerFor(width);
  for (let at = 0; at < width; at += piece) {
    const shift = piece === width ? 0n : shiftOf(fn, width, piece, at);
    const part = shift === 0n ? value : builder.binary("lshr", value, builder.const(register, shift));
    builder.store(pointer, part, { width: piece, region, displacement: place.displacement + offset + at });
  }
}
