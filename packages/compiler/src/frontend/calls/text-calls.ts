/** The methods of `CString`. */

import ts from "typescript";
import { sizeOf } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { addressOf } from "../values/memory.js";
import { boolean } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";
import { argument } from "./arguments.js";

type TextCall = (fn: FunctionState, node: ts.CallExpression, place: MemoryValue) => Value;

function literal(node: ts.CallExpression, place: MemoryValue): Uint8Array {
  const given = argument(node, 0);
  if (!ts.isStringLiteralLike(given)) return reject(given, "WG1003", "only a string literal can stand here");
  const bytes = new TextEncoder().encode(given.text);
  if (new TextDecoder().decode(bytes) !== given.text)
    reject(given, "WG1003", "half of a surrogate pair is no character");
  const size = sizeOf(place.type);
  if (bytes.includes(0)) reject(given, "WG1003", "text ends at its first NUL, so a literal has none");
  if (bytes.length >= size)
    reject(given, "WG2001", `${bytes.length} bytes and a NUL do not fit ${size} bytes`);
  return bytes;
}

function matches(fn: FunctionState, place: MemoryValue, bytes: Uint8Array): Value {
  const { builder } = fn;
  const { pointer, displacement, region } = place;
  let difference = builder.i32(0);
  for (const [index, byte] of bytes.entries()) {
    const read = builder.load("i32", pointer, { width: 1, region, displacement: displacement + index });
    difference = builder.binary("or", difference, builder.binary("xor", read, builder.i32(byte)));
  }
  return boolean(builder.compare("eq", difference, builder.i32(0)));
}

/** By the method's name. */
export const textMethods: Readonly<Record<string, TextCall>> = {
  equals: (fn, node, place) => matches(fn, place, new Uint8Array([...literal(node, place), 0])),
  startsWith: (fn, node, place) => matches(fn, place, literal(node, place)),
  set: (fn, node, place) => {
    if (place.readonly) reject(node, "WG1016", "kernel code cannot write here");
    const bytes = literal(node, place);
    const { builder } = fn;
    builder.zero(addressOf(fn, place), sizeOf(place.type), place.align, place.region);
    for (const [index, byte] of bytes.entries()) {
      builder.store(place.pointer, builder.i32(byte), {
        width: 1,
        region: place.region,
        displacement: place.displacement + index,
      });
    }
    return { kind: "void" };
  },
};
