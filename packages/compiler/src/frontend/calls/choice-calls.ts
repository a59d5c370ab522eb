/** `min`, `max` and `clamp`, of numbers of any type: what is known of the arguments tells of the result. */
import type ts from "typescript";
import { lowerExpression } from "../expressions/expressions.js";
import type { FunctionState } from "../state.js";
import { boundsOf, meetOperands, originOf, registerOf, scalar } from "../values/scalars.js";
import type { Range, Value } from "../values/value.js";
import { argument, type Call } from "./arguments.js";

type Which = "min" | "max";

const better = (which: Which, a: bigint, b: bigint): bigint => ((which === "min") === a < b ? a : b);

function choose(fn: FunctionState, which: Which, a: Value, b: Value, node: ts.Node): Value {
  if (a.kind === "constant" && b.kind === "constant")
    return { kind: "constant", value: better(which, a.value, b.value), wide: a.wide || b.wide };
  const { builder } = fn;
  const [left, right, type] = meetOperands(fn, a, b, node);
  const join = builder.block();
  const result = builder.param(join, registerOf(type));
  const operator = which === "min" ? (type.signed ? "slt" : "ult") : type.signed ? "sgt" : "ugt";
  builder.branch(
    builder.compare(operator, left.id, right.id),
    { block: join, args: [left.id] },
    { block: join, args: [right.id] },
  );
  builder.switchTo(join);
  const [one, other] = [boundsOf(left), boundsOf(right)];
  const range: Range = { min: better(which, one.min, other.min), max: better(which, one.max, other.max) };
  return { ...scalar(type, result, range), ...originOf([left, right]) };
}

const pair =
  (which: Which): Call =>
  (fn, node) => {
    const [left, right] = [lowerExpression(fn, argument(node, 0)), lowerExpression(fn, argument(node, 1))];
    return choose(fn, which, left, right, node);
  };

/** By the function's name in @waggle/kernel. */
export const choiceCalls: Readonly<Record<string, Call>> = {
  min: pair("min"),
  max: pair("max"),
  clamp: (fn, node) => {
    const value = lowerExpression(fn, argument(node, 0));
    const low = lowerExpression(fn, argument(node, 1));
    const high = lowerExpression(fn, argument(node, 2));
    return choose(fn, "min", choose(fn, "max", value, low, node), high, node);
  },
};
