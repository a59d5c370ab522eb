/** The ternary operator: two values become one. */

import type ts from "typescript";
import type { BlockId } from "../../ir/types.js";
import type { DataType } from "../../types/data-type.js";
import { alignOf } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { withFacts } from "../statements/facts.js";
import { checkLayout, nullableAddress } from "../values/memory.js";
import { boundsOf, coerce, isNumber, meetOperands, registerOf, scalar, solid } from "../values/scalars.js";
import { union, type Value } from "../values/value.js";
import { lowerCondition } from "./conditions.js";
import { lowerExpression } from "./expressions.js";

/** `condition ? a : b`. Only one side is run. */
export function lowerTernary(
  fn: FunctionState,
  node: ts.ConditionalExpression,
  expected: DataType | null,
): Value {
  const { builder } = fn;
  const [thenBlock, elseBlock, join] = [builder.block(), builder.block(), builder.block()];
  lowerCondition(fn, node.condition, thenBlock, elseBlock);
  const branch = (
    block: BlockId,
    expression: ts.Expression,
    outcome: boolean,
  ): { value: Value; end: BlockId } => {
    builder.switchTo(block);
    const value = withFacts(fn, node.condition, outcome, () => lowerExpression(fn, expression, expected));
    return { value, end: builder.current };
  };
  const left = branch(thenBlock, node.whenTrue, true);
  const right = branch(elseBlock, node.whenFalse, false);
  const finish = <T>(side: { end: BlockId }, make: () => T): T => {
    builder.switchTo(side.end);
    return make();
  };
  const { value: a } = left;
  const { value: b } = right;
  const reference = a.kind === "memory" ? a : b.kind === "memory" ? b : null;
  if (reference !== null) {
    if (b.kind === "memory") checkLayout(b, reference.type, node.whenFalse);
    const ends = [left, right].map(({ value, end }) => {
      if (value.kind !== "memory" && value.kind !== "null")
        reject(node, "WG1001", "both results must be references");
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
    const nullable = [a, b].some((side) => side.kind === "null" || (side.kind === "memory" && side.nullable));
    const region =
      a.kind === "memory" && b.kind === "memory" && a.region !== b.region ? "unknown" : reference.region;
    if (
      a.kind === "memory" &&
      b.kind === "memory" &&
      (a.region === "stack" || b.region === "stack") &&
      a.region !== b.region
    ) {
      reject(node, "WG1015", "one result is on the stack and the other is not", "use if and else");
    }
    return {
      ...reference,
      pointer,
      displacement: 0,
      present: null,
      nullable,
      region,
      align: alignOf(reference.type),
    };
  }
  let type = a.kind === "scalar" ? a.type : b.kind === "scalar" ? b.type : null;
  if (a.kind === "scalar" && b.kind === "scalar" && isNumber(a) && isNumber(b) && a.type.kind === "int") {
    type = finish(left, () => meetOperands(fn, a, b, node)[2]);
  }
  if (type === null) {
    const sides = [a, b];
    const negative = sides.find((side) => side.kind === "constant" && side.value < 0n) ?? a;
    type = finish(left, () => solid(fn, negative, node).type);
  }
  const result = builder.param(join, registerOf(type));
  for (const { value, end } of [left, right]) {
    builder.switchTo(end);
    const coerced = coerce(fn, value, type, value === a ? node.whenTrue : node.whenFalse);
    builder.jump(join, [coerced.id]);
  }
  builder.switchTo(join);
  if (!isNumber(a) || !isNumber(b)) return scalar(type, result);
  return scalar(type, result, union([boundsOf(a), boundsOf(b)]));
}
