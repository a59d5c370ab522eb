/** Loops that make a number smaller until nothing is left of it: `while (n > 0) { …; n /= 10; }`. */
import ts from "#typescript";
import type { IntType } from "../../types/data-type.js";
import { rangeOf } from "../../types/integers.js";
import { type FunctionState, symbolOf } from "../state.js";
import type { Facts } from "./assigned-facts.js";
import { constantNumber } from "./facts.js";
import { type Ending, startRange } from "./loop-endings.js";
import { type ConditionalLoop, conditionOf, isAssignedBeside, stepsOf } from "./loop-source.js";

const K = ts.SyntaxKind;

/** A way to make a number smaller. */
interface Shrinking {
  readonly symbol: ts.Symbol;
  /** The most steps from a number of the type that is at most `max` down to 0. */
  readonly steps: (max: bigint, type: IntType) => bigint;
  /** Whether the verifier follows it. */
  readonly isSeen: boolean;
}

/** The numbers that the condition wants to be more than 0 and that every turn makes smaller. */
export function shrinkingOf(fn: FunctionState, node: ConditionalLoop, before: Facts): Ending[] {
  const condition = conditionOf(node);
  if (condition === undefined) return [];
  return stepsOf(node).flatMap((step): Ending[] => {
    const shrinking = ts.isBinaryExpression(step) ? shrinkingBy(fn, step) : null;
    if (shrinking === null || !asksForMore(fn, condition, shrinking.symbol)) return [];
    const { symbol, isSeen } = shrinking;
    const binding = fn.bindings.get(symbol);
    if (binding?.kind !== "scalar" || binding.type.kind !== "int" || rangeOf(binding.type).min < 0n)
      return [];
    if (isAssignedBeside(fn, node, symbol, step)) return [];
    const { max } = startRange(fn, symbol, binding.type, node, before);
    const most = shrinking.steps(max, binding.type);
    return [{ symbol, counter: null, own: most, most, isSeen, facts: new Map() }];
  });
}

/** `x >>= 3`, `x /= 10`, `x &= x - 1`, and the same written out: `x = x / 10`. */
function shrinkingBy(fn: FunctionState, node: ts.BinaryExpression): Shrinking | null {
  const isIt = (side: ts.Node): boolean => ts.isIdentifier(side) && symbolOf(fn.owner, side) === symbol;
  const symbol = ts.isIdentifier(node.left) ? symbolOf(fn.owner, node.left) : null;
  if (symbol === null) return null;
  const right = withoutParentheses(node.right);
  const isWritten = node.operatorToken.kind === K.EqualsToken && ts.isBinaryExpression(right);
  if (isWritten && !isIt(withoutParentheses(right.left))) return null;
  const operator = isWritten ? right.operatorToken.kind : plain[node.operatorToken.kind];
  const operand = isWritten ? withoutParentheses(right.right) : right;
  const by = constantNumber(fn, operand);
  if (operator === K.GreaterThanGreaterThanToken || operator === K.GreaterThanGreaterThanGreaterThanToken)
    return by !== null && by >= 1n && by < 64n
      ? { symbol, steps: (max) => stepsDown(max, (n) => n >> by), isSeen: true }
      : null;
  if (operator === K.SlashToken)
    return by !== null && by >= 2n
      ? { symbol, steps: (max) => stepsDown(max, (n) => n / by), isSeen: false }
      : null;
  const isLowestBit =
    operator === K.AmpersandToken &&
    ts.isBinaryExpression(operand) &&
    operand.operatorToken.kind === K.MinusToken &&
    isIt(operand.left) &&
    constantNumber(fn, operand.right) === 1n;
  return isLowestBit ? { symbol, steps: (_, type) => BigInt(type.size * 8), isSeen: false } : null;
}

const plain: Partial<Record<ts.SyntaxKind, ts.SyntaxKind>> = {
  [K.GreaterThanGreaterThanEqualsToken]: K.GreaterThanGreaterThanToken,
  [K.GreaterThanGreaterThanGreaterThanEqualsToken]: K.GreaterThanGreaterThanGreaterThanToken,
  [K.SlashEqualsToken]: K.SlashToken,
  [K.AmpersandEqualsToken]: K.AmpersandToken,
};

const withoutParentheses = (node: ts.Expression): ts.Expression =>
  ts.isParenthesizedExpression(node) ? withoutParentheses(node.expression) : node;

function stepsDown(max: bigint, step: (n: bigint) => bigint): bigint {
  let steps = 0n;
  for (let n = max; n > 0n; n = step(n)) steps += 1n;
  return steps;
}

/** Whether the condition, or a part that must hold, says that the variable is not 0 yet. */
function asksForMore(fn: FunctionState, condition: ts.Expression, symbol: ts.Symbol): boolean {
  const isIt = (side: ts.Node): boolean => ts.isIdentifier(side) && symbolOf(fn.owner, side) === symbol;
  if (ts.isParenthesizedExpression(condition)) return asksForMore(fn, condition.expression, symbol);
  if (isIt(condition)) return true;
  if (!ts.isBinaryExpression(condition)) return false;
  const { left, right, operatorToken } = condition;
  if (operatorToken.kind === K.AmpersandAmpersandToken)
    return asksForMore(fn, left, symbol) || asksForMore(fn, right, symbol);
  const limit = constantNumber(fn, right);
  if (!isIt(left) || limit === null) return false;
  if (operatorToken.kind === K.ExclamationEqualsEqualsToken) return limit === 0n;
  return (
    operatorToken.kind === K.GreaterThanToken ||
    (operatorToken.kind === K.GreaterThanEqualsToken && limit > 0n)
  );
}
