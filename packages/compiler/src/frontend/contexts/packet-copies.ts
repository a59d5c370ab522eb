/** `ctx.load<T>(offset)`: a copy of a part of a packet, wherever it lies. */

import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { argument, type Call, typeArgument } from "../calls/arguments.js";
import { lowerExpression } from "../expressions/expressions.js";
import { newSlot } from "../values/memory.js";
import { coerce } from "../values/scalars.js";
import type { ContextValue } from "../values/value.js";

/** Copies to the stack: a reference that is null where the packet ends before. */
export const packetCopy: (object: ContextValue) => Call = (object) => (fn, node) => {
  const { builder } = fn;
  const type = typeArgument(fn, node);
  const given = argument(node, 0);
  const offset = coerce(fn, lowerExpression(fn, given), integers.u32, given);
  const slot = newSlot(fn, "copy", type);
  const args = [object.pointer, builder.unary("zext32", offset.id), slot.pointer, builder.i64(sizeOf(type))];
  const result = builder.helper("bpf_skb_load_bytes", "i64", args);
  // The helper gives an int: its upper half is chance.
  const present = builder.compare("eq", builder.unary("trunc32", result), builder.i32(0));
  return { ...slot, nullable: true, present };
};
