/** The methods of `CString`. */

import ts from "#typescript";
import { integers } from "../../types/integers.js";
import { arrayOf, sizeOf } from "../../types/layout.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { addressOf, writePlace } from "../values/memory.js";
import { opaquePointer } from "../values/resolve-type.js";
import { coerce, scalar } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";
import { argument, writtenAddress } from "./arguments.js";
import { holdsBytes, sameText, textLength } from "./text-compare.js";

type TextCall = (fn: FunctionState, node: ts.CallExpression, place: MemoryValue) => Value;

/** The bytes of a literal, without a NUL; it must fit with one. */
export function encode(written: string, given: ts.Node, place: Pick<MemoryValue, "type">): Uint8Array {
  const bytes = new TextEncoder().encode(written);
  if (new TextDecoder().decode(bytes) !== written)
    reject(given, "WG1003", "half of a surrogate pair is no character");
  const size = sizeOf(place.type);
  if (bytes.includes(0)) reject(given, "WG1003", "text ends at its first NUL, so a literal has none");
  if (bytes.length >= size)
    reject(given, "WG2001", `${bytes.length} bytes and a NUL do not fit ${size} bytes`);
  return bytes;
}

/** What a method is given: the bytes of a constant without NUL, or text in memory. */
function text(fn: FunctionState, node: ts.CallExpression, place: MemoryValue): Uint8Array | MemoryValue {
  const given = argument(node, 0);
  if (ts.isStringLiteralLike(given)) return encode(given.text, given, place);
  const value = lowerExpression(fn, given);
  if (value.kind === "text") return encode(value.value, given, place);
  if (value.kind === "memory" && value.type.kind === "array" && value.type.text) return value;
  return reject(given, "WG1003", "only a string literal or a CString can stand here");
}

function writable(place: MemoryValue, node: ts.Node): void {
  if (place.readonly) reject(node, "WG1016", "kernel code cannot write here");
}

/** Zeroes the place and writes the text. */
export function setLiteral(fn: FunctionState, place: MemoryValue, bytes: Uint8Array): void {
  const { builder } = fn;
  builder.zero(addressOf(fn, place), sizeOf(place.type), place.align, place.region);
  for (const [index, byte] of bytes.entries()) {
    builder.store(place.pointer, builder.i32(byte), {
      width: 1,
      region: place.region,
      displacement: place.displacement + index,
    });
  }
}

/** Copies the bytes that there is room for. Text of the same size is copied as an assignment would. */
function setText(fn: FunctionState, place: MemoryValue, from: MemoryValue, node: ts.Node): void {
  const { builder } = fn;
  const [size, given] = [sizeOf(place.type), sizeOf(from.type)];
  const type = arrayOf(integers.char, Math.min(size, given), true);
  writePlace(fn, { ...place, type }, { ...from, type }, node);
  if (given > size) {
    builder.store(place.pointer, builder.i32(0), {
      width: 1,
      region: place.region,
      displacement: place.displacement + size - 1,
    });
  } else if (given < size) {
    builder.zero(place.pointer, size - given, 1, place.region, place.displacement + given);
  }
}

/** Fills the text by a helper that reads text from elsewhere: (target, size, address). */
const readBy =
  (helper: string): TextCall =>
  (fn, node, place) => {
    const address = writtenAddress(fn, place, node);
    const source = coerce(fn, lowerExpression(fn, argument(node, 0)), opaquePointer, argument(node, 0));
    const { builder } = fn;
    const args = [address, builder.i64(sizeOf(place.type)), source.id];
    return scalar(integers.i64, builder.helper(helper, "i64", args));
  };

/** By the method's name. */
export const textMethods: Readonly<Record<string, TextCall>> = {
  equals: (fn, node, place) => {
    const other = text(fn, node, place);
    return other instanceof Uint8Array
      ? holdsBytes(fn, place, new Uint8Array([...other, 0]))
      : sameText(fn, place, other, node);
  },
  startsWith: (fn, node, place) => {
    const prefix = text(fn, node, place);
    if (prefix instanceof Uint8Array) return holdsBytes(fn, place, prefix);
    return reject(
      argument(node, 0),
      "WG1003",
      "a prefix is a string literal",
      "compare whole texts with equals",
    );
  },
  set: (fn, node, place) => {
    writable(place, node);
    const given = text(fn, node, place);
    if (given instanceof Uint8Array) setLiteral(fn, place, given);
    else setText(fn, place, given, node);
    return { kind: "void" };
  },
  textLength: (fn, node, place) => textLength(fn, place, node),
  readUser: readBy("bpf_probe_read_user_str"),
  readKernel: readBy("bpf_probe_read_kernel_str"),
};
