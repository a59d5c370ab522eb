/** `range(end)`, `range(start, end)`, `range(start, end, step)` of @waggle/kernel. */
import ts from "#typescript";
import type { ValueId } from "../../ir/types.js";
import type { IntType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, kernelName, symbolOf } from "../state.js";
import { boundsOf, isNumber, nameOf, rejectValue } from "../values/scalars.js";
import type { ConstantValue, Range, ScalarValue } from "../values/value.js";

/** The numbers of a range. All are 32 bits wide. */
export interface NumberRange {
  readonly start: ConstantValue | ScalarValue;
  readonly step: bigint;
  /** How many numbers there are, an i32. */
  readonly count: ValueId;
  /** Whether `count` is a constant. */
  readonly isFixed: boolean;
  /** The most that there can be, where that is less than 2^31. */
  readonly turns: bigint | null;
  readonly type: { readonly int: IntType; readonly bounds: Range | null };
}

/** The range that an expression calls for; null when it is no call of `range`. */
export function rangeOf(fn: FunctionState, node: ts.Expression): NumberRange | null {
  if (!ts.isCallExpression(node) || kernelName(fn.owner, symbolOf(fn.owner, node.expression)) !== "range")
    return null;
  const [first, second, third] = node.arguments;
  if (first === undefined) return reject(node, "WG1001", "range() has no end", "write range(8)");
  const start = second === undefined ? zero : bound(fn, first);
  const end = bound(fn, second ?? first);
  const step = third === undefined ? 1n : stepOf(fn, third);
  const from = boundsOf(start);
  const to = boundsOf(end);
  const [low, high] = step > 0n ? [from.min, to.max] : [to.min, from.max];
  const distance = high > low ? high - low : 0n;
  const size = step > 0n ? step : -step;
  const most = (distance + size - 1n) / size;
  const turns = most < 1n << 31n ? most : null;
  const count = countOf(fn, start, end, step, most);
  const isFixed = start.kind === "constant" && end.kind === "constant";
  return { start, step, count, isFixed, turns, type: typeOf(start, end, step) };
}

const zero: ConstantValue = { kind: "constant", value: 0n, wide: false };

function bound(fn: FunctionState, node: ts.Expression): ConstantValue | ScalarValue {
  const value = lowerExpression(fn, node);
  if (!isNumber(value)) return rejectValue(value, node);
  const { min, max } = boundsOf(value);
  if (value.kind === "scalar" && value.type.size === 8)
    reject(
      node,
      "WG2002",
      `${nameOf(value.type)} may not fit 32 bits, which ranges have`,
      "convert it: u32(…)",
    );
  if (min < -(1n << 31n) || max > 0xffff_ffffn) reject(node, "WG2001", `${max} does not fit 32 bits`);
  return value;
}

function stepOf(fn: FunctionState, node: ts.Expression): bigint {
  const value = lowerExpression(fn, node);
  const { min, max } = isNumber(value) ? boundsOf(value) : { min: 0n, max: 1n };
  if (min !== max) return reject(node, "WG2010", "the step of a range is a constant");
  if (min === 0n) return reject(node, "WG1010", "a range with a step of 0 has no end");
  return min;
}

/** Both ends in one type; signed when a number of the range may be negative. */
function typeOf(
  start: ConstantValue | ScalarValue,
  end: ConstantValue | ScalarValue,
  step: bigint,
): NumberRange["type"] {
  const from = boundsOf(start);
  const to = boundsOf(end);
  const [min, max] = step > 0n ? [from.min, to.max - 1n] : [to.min + 1n, from.max];
  const int = min < 0n ? integers.i32 : integers.u32;
  return { int, bounds: max >= min ? { min, max } : { min, max: min } };
}

/** How many numbers there are from `start` to before `end`, an i32. */
export function countOf(
  fn: FunctionState,
  start: ConstantValue | ScalarValue,
  end: ConstantValue | ScalarValue,
  step: bigint,
  most: bigint,
): ValueId {
  const { builder } = fn;
  if (start.kind === "constant" && end.kind === "constant") return builder.i32(Number(most));
  const id = (value: ConstantValue | ScalarValue): ValueId =>
    value.kind === "constant" ? builder.i32(value.value) : value.id;
  const [low, high] = step > 0n ? [start, end] : [end, start];
  const size = step > 0n ? step : -step;
  if (low.kind === "constant" && low.value === 0n && size === 1n && boundsOf(high).min >= 0n) return id(high);
  const isSigned = boundsOf(low).min < 0n || boundsOf(high).min < 0n;
  const join = builder.block();
  const count = builder.param(join, "i32");
  const some = builder.block();
  builder.branch(builder.compare(isSigned ? "slt" : "ult", id(low), id(high)), some, {
    block: join,
    args: [builder.i32(0)],
  });
  builder.switchTo(some);
  const distance = builder.binary("sub", id(high), id(low));
  const rounded =
    size === 1n
      ? distance
      : builder.binary(
          "add",
          builder.binary("udiv", builder.binary("sub", distance, builder.i32(1)), builder.i32(size)),
          builder.i32(1),
        );
  builder.jump(join, [rounded]);
  builder.switchTo(join);
  return count;
}
