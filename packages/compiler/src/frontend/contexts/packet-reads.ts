/** `ctx.at<T>(offset)`: a bounds check against the packet's end. */

import type ts from "typescript";
import type { ValueId } from "../../ir/types.js";
import { alignOf, sizeOf } from "../../types/layout.js";
import { argument, typeArgument } from "../calls/arguments.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { boundedForVerifier } from "../values/bounded.js";
import { solidIndex, wideIndex } from "../values/late-widening.js";
import { commonAlign, memoryAt } from "../values/memory.js";
import { boundsOf, isNumber, rejectValue } from "../values/scalars.js";
import type { ContextValue, Value } from "../values/value.js";
import { packetBounds } from "./packet-bounds.js";

/** Offsets in a packet are below 64 KiB; the verifier wants to see that a variable one is. */
const largestOffset = 0xffffn;

/** Packets begin 2 bytes after a word, so that IP headers begin at one: `NET_IP_ALIGN`, which verifiers of strict machines count with. */
const packetAlign = 2;

/** Checks that the packet holds the type at the offset: a reference that is null where it does not. */
export function packetRead(fn: FunctionState, node: ts.CallExpression, context: ContextValue): Value {
  const { builder } = fn;
  const type = typeArgument(fn, node);
  const size = BigInt(sizeOf(type));
  const given = argument(node, 0);
  const offset = wideIndex(fn, lowerExpression(fn, given));
  if (!isNumber(offset)) return rejectValue(offset, given);
  const { min, max } = boundsOf(offset);
  if (size > largestOffset)
    reject(
      node.typeArguments?.[0] ?? node,
      "WG2001",
      `${size} bytes are more than a packet has`,
      `at most ${largestOffset}`,
    );
  if (offset.kind === "constant" && (min < 0n || max + size > largestOffset)) {
    reject(given, "WG2001", `a packet has no offset ${min}`, "offsets are 0 to 65535");
  }
  const check = (start: ValueId, bytes: ValueId | bigint): { pointer: ValueId; present: ValueId } => {
    const pointer = builder.offset(start, bytes);
    return { pointer, present: builder.compare("ule", builder.offset(pointer, size), end) };
  };
  const [data, end] = packetBounds(fn, context);
  if (min === max && min >= 0n && max + size <= largestOffset) {
    const known = commonAlign(8, packetAlign + Number(min));
    const [pointer, region, more] = spreadCheck(check(data, min));
    return memoryAt(type, pointer, region, { ...more, align: Math.max(known, alignOf(type)) });
  }
  const number = solidIndex(fn, offset, given);
  const wide =
    number.type.kind === "int" && number.type.size === 8 ? number.id : builder.unary("zext32", number.id);
  if (min >= 0n && max + size <= largestOffset)
    return memoryAt(type, ...spreadCheck(check(data, boundedForVerifier(fn, wide, max))));
  const [inside, found, missing, join] = [builder.block(), builder.block(), builder.block(), builder.block()];
  builder.branch(builder.compare("ule", wide, builder.i64(largestOffset - size)), inside, missing);
  builder.switchTo(inside);
  const { pointer, present } = check(data, wide);
  builder.branch(present, found, missing);
  builder.switchTo(found);
  builder.jump(join, [pointer]);
  builder.switchTo(missing);
  builder.jump(join, [builder.nullPointer()]);
  const result = builder.param(join, "ptr");
  builder.switchTo(join);
  return memoryAt(type, result, "packet", { nullable: true });
}

function spreadCheck(check: {
  pointer: ValueId;
  present: ValueId;
}): [ValueId, "packet", { nullable: true; present: ValueId }] {
  return [check.pointer, "packet", { nullable: true, present: check.present }];
}
