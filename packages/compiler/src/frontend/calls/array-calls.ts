/** `elementAt(array, index)`: an element, or null where the array has none. */

import ts from "#typescript";
import type { ValueId } from "../../ir/types.js";
import { alignOf, sizeOf } from "../../types/layout.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { boundedForVerifier } from "../values/bounded.js";
import { solidIndex, wideIndex } from "../values/late-widening.js";
import { addressOf, memoryAt, within } from "../values/memory.js";
import { packetEnd } from "../values/packet-elements.js";
import { boundsOf, isNumber, rejectValue } from "../values/scalars.js";
import { argument, type Call } from "./arguments.js";

/** Compares the index with the length; an element of a packet is compared with the packet's end too. */
export const elementAt: Call = (fn, node) => {
  const { builder } = fn;
  const given = argument(node, 1);
  const place = lowerExpression(fn, argument(node, 0));
  if (place.kind !== "memory" || place.type.kind !== "array") return rejectValue(place, argument(node, 0));
  const index = wideIndex(fn, lowerExpression(fn, given));
  if (!isNumber(index)) return rejectValue(index, given);
  const { element, length } = place.type;
  const size = sizeOf(element);
  const { min, max } = boundsOf(index);
  if (min === max) {
    const isInside = min >= 0n && max < BigInt(length);
    if (!isInside && isWrittenNumber(given))
      reject(given, "WG1011", `index ${min} is outside an array of ${length}`);
    const pointer = isInside ? {} : { pointer: builder.nullPointer(), displacement: 0 };
    return { ...within(place, element, isInside ? Number(min) * size : 0), ...pointer, nullable: true };
  }
  if (place.region === "context")
    reject(
      given,
      "WG1011",
      "the verifier does not follow a variable index into a context",
      "copy the array to a struct on the stack",
    );
  const end = place.region === "packet" ? packetEnd(fn, node) : null;
  const number = solidIndex(fn, index, given);
  const { type } = number;
  const isWide = type.kind === "int" && type.size === 8;
  const widened = type.kind === "int" && type.signed ? "sext32" : "zext32";
  const wide = isWide ? number.id : builder.unary(widened, number.id);
  const [inside, found, missing, join] = [builder.block(), builder.block(), builder.block(), builder.block()];
  builder.branch(builder.compare("ult", wide, builder.i64(length)), inside, missing);
  builder.switchTo(inside);
  const bounded: ValueId = boundedForVerifier(fn, wide, BigInt(length - 1));
  const bytes = size === 1 ? bounded : builder.binary("mul", bounded, builder.i64(size));
  const pointer = builder.offset(addressOf(fn, place), bytes);
  if (end === null) builder.jump(found);
  else builder.branch(builder.compare("ule", builder.offset(pointer, BigInt(size)), end), found, missing);
  builder.switchTo(found);
  builder.jump(join, [pointer]);
  builder.switchTo(missing);
  builder.jump(join, [builder.nullPointer()]);
  const result = builder.param(join, "ptr");
  builder.switchTo(join);
  const { region, readonly } = place;
  const align = Math.min(place.align, alignOf(element));
  return memoryAt(element, result, region, { nullable: true, readonly, align });
};

/** Whether the index is a number as it stands, which is a mistake where the array has no such element. Other indices may turn out so. */
function isWrittenNumber(node: ts.Expression): boolean {
  if (ts.isPrefixUnaryExpression(node)) return isWrittenNumber(node.operand);
  return ts.isNumericLiteral(node) || ts.isBigIntLiteral(node);
}
