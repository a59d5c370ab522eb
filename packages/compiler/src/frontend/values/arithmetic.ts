/** Arithmetic: it wraps at the type's width, and constants are computed at once. */

import ts from "#typescript";
import type { BinaryOp, ValueId } from "../../ir/types.js";
import { integers, rangeOf } from "../../types/integers.js";
import { operandOf } from "../rejections/operand.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import {
  boundsOf,
  convertInt,
  exactOf,
  isNumber,
  meetOperands,
  nameOf,
  originOf,
  registerOf,
  rejectValue,
  scalar,
  sharedType,
  solid,
  wrapped,
} from "./scalars.js";
import { type ConstantValue, intersect, type Range, type ScalarValue, union, type Value } from "./value.js";

interface Arithmetic {
  readonly signed: BinaryOp;
  readonly unsigned: BinaryOp;
  /** The result for bounds; null when they say nothing. */
  readonly range: (left: Range, right: Range) => Range | null;
}

const corners = (numbers: readonly [bigint, ...bigint[]]): Range => {
  const [first, ...rest] = numbers.map((number) => ({ min: number, max: number }));
  return union(first === undefined ? [{ min: 0n, max: 0n }] : [first, ...rest]);
};

const bitLength = (value: bigint): bigint => BigInt(value.toString(2).length);

const positive = (left: Range, right: Range): boolean => left.min >= 0n && right.min >= 0n;

const orRange = (l: Range, r: Range): Range | null => {
  const top = union([l, r]).max;
  return positive(l, r) ? { min: 0n, max: (1n << bitLength(top)) - 1n } : null;
};

const quotient = (l: Range, r: Range): Range | null => {
  if (!positive(l, r)) return null;
  // Division by zero gives 0.
  if (r.min <= 0n) return { min: 0n, max: l.max };
  // Where facts contradict each other, in code that cannot be reached, the largest divisor may be less than the smallest one, also 0.
  const { max: largest } = union([r, { min: r.min, max: r.min }]);
  return { min: l.min / largest, max: l.max / r.min };
};

const difference: Arithmetic = {
  signed: "sub",
  unsigned: "sub",
  range: (l, r) => ({ min: l.min - r.max, max: l.max - r.min }),
};

const arithmetic: ReadonlyMap<ts.SyntaxKind, Arithmetic> = new Map([
  [
    ts.SyntaxKind.PlusToken,
    { signed: "add", unsigned: "add", range: (l, r) => ({ min: l.min + r.min, max: l.max + r.max }) },
  ],
  [ts.SyntaxKind.MinusToken, difference],
  [
    ts.SyntaxKind.AsteriskToken,
    {
      signed: "mul",
      unsigned: "mul",
      range: (l, r) => corners([l.min * r.min, l.min * r.max, l.max * r.min, l.max * r.max]),
    },
  ],
  [ts.SyntaxKind.SlashToken, { signed: "sdiv", unsigned: "udiv", range: quotient }],
  [
    ts.SyntaxKind.PercentToken,
    {
      signed: "smod",
      unsigned: "umod",
      range: (l, r) =>
        positive(l, r) && r.min > 0n
          ? { min: 0n, max: intersect(l, { min: 0n, max: r.max - 1n }).max }
          : positive(l, r)
            ? { min: 0n, max: l.max }
            : null,
    },
  ],
  [
    ts.SyntaxKind.AmpersandToken,
    {
      signed: "and",
      unsigned: "and",
      range: (l, r) =>
        positive(l, r)
          ? { min: 0n, max: intersect(l, r).max }
          : l.min >= 0n
            ? { min: 0n, max: l.max }
            : r.min >= 0n
              ? { min: 0n, max: r.max }
              : null,
    },
  ],
  [ts.SyntaxKind.BarToken, { signed: "or", unsigned: "or", range: orRange }],
  [ts.SyntaxKind.CaretToken, { signed: "xor", unsigned: "xor", range: orRange }],
] as const satisfies [ts.SyntaxKind, Arithmetic][]);

const shifts: ReadonlyMap<ts.SyntaxKind, Omit<Arithmetic, "range">> = new Map([
  [ts.SyntaxKind.LessThanLessThanToken, { signed: "shl", unsigned: "shl" }],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, { signed: "ashr", unsigned: "lshr" }],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, { signed: "lshr", unsigned: "lshr" }],
] as const satisfies [ts.SyntaxKind, Omit<Arithmetic, "range">][]);

/** Operators whose result may need more bits than the operands have. */
const outgrowing = new Set([
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.LessThanLessThanToken,
]);

/** Whether the token is an operator on two numbers with a number for a result. */
export function isArithmetic(operator: ts.SyntaxKind): boolean {
  return arithmetic.has(operator) || shifts.has(operator);
}

/** `left operator right`, wrapped to the type that they meet at. */
export function binary(
  fn: FunctionState,
  operator: ts.SyntaxKind,
  left: Value,
  right: Value,
  node: ts.Node,
): Value {
  if (left.kind === "constant" && right.kind === "constant") {
    return foldConstants(operator, left, right, node);
  }
  if (shifts.has(operator)) return shift(fn, operator, left, right, node);
  const divides = operator === ts.SyntaxKind.SlashToken || operator === ts.SyntaxKind.PercentToken;
  if (divides && right.kind === "constant" && right.value === 0n)
    reject(operandOf(node, "right"), "WG1018", "division by the constant zero");
  const row = arithmetic.get(operator);
  if (row === undefined) return reject(node, "WG1001", "this operator has no meaning in BPF");
  const [a, b, type] = meetOperands(fn, asMask(operator, left, right), asMask(operator, right, left), node);
  const id = fn.builder.binary(type.signed ? row.signed : row.unsigned, a.id, b.id);
  const place = outgrowing.has(operator) ? node : null;
  const result = wrapped(fn, type, id, row.range(boundsOf(a), boundsOf(b)), place);
  return operator === ts.SyntaxKind.AmpersandToken && [a, b].some(isMask)
    ? result
    : withExact(fn, result, id, [a, b], row);
}

/** A number that has not wrapped and is not negative keeps bits that the other side has whether it wrapped or not. */
const isMask = (side: ScalarValue): boolean => side.wrappedAt === undefined && boundsOf(side).min >= 0n;

/** Adds what the result would be had neither it nor its operands wrapped at their narrow type. */
function withExact(
  fn: FunctionState,
  result: ScalarValue,
  /** The result before it wrapped. */
  id: ValueId,
  operands: readonly [ScalarValue, ScalarValue],
  row: Arithmetic,
): ScalarValue {
  if (result.type.kind !== "int" || result.type.size >= 4) return result;
  const origin = originOf(operands);
  const all: ScalarValue = { ...result, ...origin, ...originOf([result]) };
  if (all.wrappedAt === undefined) return all;
  const [left, right] = [exactOf(fn, operands[0]), exactOf(fn, operands[1])];
  if (left === null || right === null) return all;
  const range = row.range(left.range, right.range);
  const isSigned = left.range.min < 0n || right.range.min < 0n;
  if (range === null || sharedType([left.range, right.range, range]) === null) return all;
  const operator = isSigned ? row.signed : row.unsigned;
  const exactId = origin.wrappedAt === undefined ? id : fn.builder.binary(operator, left.id, right.id);
  return { ...all, exact: { id: exactId, range } };
}

const bitwise = new Set([ts.SyntaxKind.AmpersandToken, ts.SyntaxKind.BarToken, ts.SyntaxKind.CaretToken]);

/** `~Flag` is a negative number; beside an unsigned one it stands for the bits of that one's width. */
function asMask(operator: ts.SyntaxKind, value: Value, other: Value): Value {
  if (!bitwise.has(operator) || value.kind !== "constant" || value.value >= 0n) return value;
  if (!isNumber(other) || other.kind !== "scalar" || other.type.signed) return value;
  const { min } = rangeOf({ ...other.type, signed: true });
  return value.value < min ? value : { ...value, value: BigInt.asUintN(other.type.size * 8, value.value) };
}

function shift(fn: FunctionState, operator: ts.SyntaxKind, left: Value, right: Value, node: ts.Node): Value {
  const row = shifts.get(operator);
  if (!isNumber(left) || !isNumber(right) || row === undefined) {
    meetOperands(fn, left, right, node);
    return reject(node, "WG1001", "only numbers are shifted");
  }
  const value = solid(fn, left, node);
  const type = value.type;
  if (type.kind !== "int") return rejectValue(value, node);
  const width = type.size === 8 ? 64n : 32n;
  if (right.kind === "constant" && (right.value < 0n || right.value >= BigInt(type.size * 8))) {
    reject(
      operandOf(node, "right"),
      "WG2001",
      `a shift of ${nameOf(type)} by ${right.value} is not 0 to ${type.size * 8 - 1}`,
      type.size < 8 ? "convert to a wider type first, such as u64(…)" : null,
    );
  }
  if (operator === ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken && type.signed) {
    reject(
      node,
      "WG2003",
      `>>> takes an unsigned number, not ${nameOf(type)}`,
      "convert with u32(…) first, or use >>",
    );
  }
  const by =
    right.kind === "constant"
      ? fn.builder.const(registerOf(type), right.value)
      : convertInt(fn, solid(fn, right, node), width === 64n ? integers.u64 : integers.u32).id;
  const id = fn.builder.binary(type.signed ? row.signed : row.unsigned, value.id, by);
  const amount = right.kind === "constant" ? { min: right.value, max: right.value } : null;
  const shifted = (left: Range): Range | null => {
    const { min, max } = left;
    if (amount === null) return row.unsigned === "lshr" && min >= 0n ? { min: 0n, max } : null;
    return row.unsigned === "shl"
      ? { min: min << amount.min, max: max << amount.min }
      : { min: min >> amount.min, max: max >> amount.min };
  };
  const result = wrapped(fn, type, id, shifted(boundsOf(value)), outgrowing.has(operator) ? node : null);
  const count = scalar(integers.u32, by, amount);
  return withExact(fn, result, id, [value, count], { ...row, range: shifted });
}

function foldConstants(
  operator: ts.SyntaxKind,
  left: ConstantValue,
  right: ConstantValue,
  node: ts.Node,
): ConstantValue {
  const [a, b] = [left.value, right.value];
  const isShift = shifts.has(operator);
  if (isShift && (b < 0n || b > 63n))
    reject(operandOf(node, "right"), "WG2001", `a shift by ${b} is not 0 to 63`);
  if ((operator === ts.SyntaxKind.SlashToken || operator === ts.SyntaxKind.PercentToken) && b === 0n) {
    reject(operandOf(node, "right"), "WG1018", "division by the constant zero");
  }
  const fold: Partial<Record<ts.SyntaxKind, () => bigint>> = {
    [ts.SyntaxKind.PlusToken]: () => a + b,
    [ts.SyntaxKind.MinusToken]: () => a - b,
    [ts.SyntaxKind.AsteriskToken]: () => a * b,
    [ts.SyntaxKind.SlashToken]: () =>
      left.wide || a % b === 0n
        ? a / b
        : reject(
            node,
            "WG1002",
            `${a} / ${b} is not an integer`,
            "write the whole number that is meant, or scale both, for example to thousandths",
          ),
    [ts.SyntaxKind.PercentToken]: () => a % b,
    [ts.SyntaxKind.AmpersandToken]: () => a & b,
    [ts.SyntaxKind.BarToken]: () => a | b,
    [ts.SyntaxKind.CaretToken]: () => a ^ b,
    [ts.SyntaxKind.LessThanLessThanToken]: () => a << b,
    [ts.SyntaxKind.GreaterThanGreaterThanToken]: () => a >> b,
    [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken]: () =>
      a < 0n ? reject(node, "WG2003", ">>> takes an unsigned number") : a >> b,
  };
  const result = fold[operator];
  if (result === undefined) return reject(node, "WG1001", "this operator has no meaning in BPF");
  return { kind: "constant", value: result(), wide: left.wide };
}

/** -x and ~x. */
export function unary(fn: FunctionState, operator: ts.SyntaxKind, value: Value, node: ts.Node): Value {
  if (!isNumber(value)) {
    meetOperands(fn, value, value, node);
    return rejectValue(value, node);
  }
  if (value.kind === "constant") {
    return { ...value, value: operator === ts.SyntaxKind.MinusToken ? -value.value : ~value.value };
  }
  const { builder } = fn;
  if (operator === ts.SyntaxKind.MinusToken) {
    const id = builder.unary("neg", value.id);
    const { min, max } = boundsOf(value);
    const result = wrapped(fn, value.type, id, { min: -max, max: -min }, node);
    if (value.type.size >= 4) return result;
    const zero = scalar(integers.i32, builder.i32(0), { min: 0n, max: 0n });
    return withExact(fn, result, id, [zero, value], difference);
  }
  const id = builder.binary("xor", value.id, builder.const(registerOf(value.type), -1n));
  return { ...wrapped(fn, value.type, id, null, node), ...originOf([value]) };
}
