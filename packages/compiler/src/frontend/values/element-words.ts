/**
 * Stores to elements at variable indexes of arrays on the stack. The verifier marks what such a store may have changed byte by byte, but
 * forgets what it knew of a word of 8 bytes as a whole. Of a word that the array has only a part of, it then takes the other bytes for a part
 * of a register that it does not know, and refuses to load them: "invalid size of register fill" (`check_stack_write_var_off`, Linux 5.16 to
 * 6.18). So it must take the store for one that may change all bytes of the words that the array lies in.
 */
import type { ValueId } from "../../ir/types.js";
import { sizeOf } from "../../types/layout.js";
import type { FunctionState } from "../state.js";
import { boundedForVerifier } from "./bounded.js";
import type { ElementWords, MemoryValue } from "./value.js";

/** The words of an array's element that lies `bytes` (an i64) behind the array's start; null when the array shares none with others. */
export function sharedWords(array: MemoryValue, bytes: ValueId): ElementWords | null {
  const { root, region, pointer, displacement } = array;
  if (root === null || (region !== "stack" && region !== "unknown") || sizeOf(root) < 8) return null;
  const start = displacement - (displacement % 8);
  const end = displacement + sizeOf(array.type);
  const size = Math.min(Math.ceil(end / 8) * 8, sizeOf(root)) - start;
  if (start === displacement && start + size === end) return null;
  return { pointer, start, size, bytes };
}

/** The place for a store: that of an element in shared words through a pointer that may lead to any byte of them, as far as the verifier sees. */
export function inWholeWords(fn: FunctionState, place: MemoryValue): MemoryValue {
  const { words, ...others } = place;
  if (words === undefined) return place;
  const { builder } = fn;
  const size = place.bits === undefined ? sizeOf(place.type) : 1;
  const unit = place.bits === undefined ? Math.min(place.align, 8) : 1;
  const from = builder.binary("add", words.bytes, builder.i64(place.displacement - words.start));
  const hidden = builder.unary("opaque", from);
  let all = 1;
  while (all < words.size) all *= 2;
  const aligned = unit === 1 ? hidden : builder.binary("and", hidden, builder.i64(2 * all - unit));
  const bytes = boundedForVerifier(fn, aligned, BigInt(words.size - size));
  const first = builder.offset(words.pointer, BigInt(words.start));
  return { ...others, pointer: builder.offset(first, bytes), displacement: 0 };
}
