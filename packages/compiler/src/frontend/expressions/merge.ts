/** Two values that come from two ways become one. */
import type ts from "typescript";
import type { BlockId } from "../../ir/types.js";
import { alignOf } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { checkLayout, nullableAddress } from "../values/memory.js";
import { boundsOf, coerce, isNumber, meetOperands, registerOf, scalar, solid } from "../values/scalars.js";
import { type MemoryValue, union, type Value } from "../values/value.js";

/** A value, where control is when it is there, and what it was written as. */
export interface Way {
  readonly value: Value;
  readonly end: BlockId;
  readonly node: ts.Node;
}

/** Goes on where both ways meet; the result is the value of the way that was taken. */
export function merge(fn: FunctionState, left: Way, right: Way, node: ts.Node): Value {
  const { value: a } = left;
  const { value: b } = right;
  const reference = a.kind === "memory" ? a : b.kind === "memory" ? b : null;
  return reference === null
    ? mergeScalars(fn, left, right, node)
    : mergeReferences(fn, left, right, reference, node);
}

function mergeReferences(
  fn: FunctionState,
  left: Way,
  right: Way,
  reference: MemoryValue,
  node: ts.Node,
): MemoryValue {
  const { builder } = fn;
  const join = builder.block();
  const { value: a } = left;
  const { value: b } = right;
  if (b.kind === "memory") checkLayout(b, reference.type, right.node);
  const ends = [left, right].map(({ value, end }) => {
    if (value.kind !== "memory" && value.kind !== "null")
      reject(
        node,
        "WG1001",
        "one result is a reference and the other a number",
        "read the reference: reference?.value ?? 0",
      );
    builder.switchTo(end);
    const pointer = value.kind === "null" ? builder.nullPointer() : nullableAddress(fn, value);
    return { pointer, end: builder.current };
  });
  const pointer = builder.param(join, "ptr");
  for (const end of ends) {
    builder.switchTo(end.end);
    builder.jump(join, [end.pointer]);
  }
  builder.switchTo(join);
  const both = a.kind === "memory" && b.kind === "memory" ? [a, b] : [];
  const isMixed = both.length > 0 && both[0]?.region !== both[1]?.region;
  if (isMixed && both.some(({ region }) => region === "stack"))
    reject(node, "WG1015", "one result is on the stack and the other is not", "use if and else");
  const nullable = [a, b].some((side) => side.kind === "null" || (side.kind === "memory" && side.nullable));
  return {
    ...reference,
    pointer,
    displacement: 0,
    present: null,
    nullable,
    region: isMixed ? "unknown" : reference.region,
    align: alignOf(reference.type),
  };
}

function mergeScalars(fn: FunctionState, left: Way, right: Way, node: ts.Node): Value {
  const { builder } = fn;
  const join = builder.block();
  const { value: a } = left;
  const { value: b } = right;
  const atEnd = <T>(way: Way, make: () => T): T => {
    builder.switchTo(way.end);
    return make();
  };
  let type = a.kind === "scalar" ? a.type : b.kind === "scalar" ? b.type : null;
  if (a.kind === "scalar" && b.kind === "scalar" && isNumber(a) && isNumber(b) && a.type.kind === "int") {
    type = atEnd(left, () => meetOperands(fn, a, b, node)[2]);
  }
  if (type === null) {
    const negative = [a, b].find((side) => side.kind === "constant" && side.value < 0n) ?? a;
    type = atEnd(left, () => solid(fn, negative, node).type);
  }
  const result = builder.param(join, registerOf(type));
  for (const { value, end, node: at } of [left, right]) {
    builder.switchTo(end);
    const coerced = coerce(fn, value, type, at);
    builder.jump(join, [coerced.id]);
  }
  builder.switchTo(join);
  if (!isNumber(a) || !isNumber(b)) return scalar(type, result);
  return scalar(type, result, union([boundsOf(a), boundsOf(b)]));
}
