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
  /** Of a fold, which goes down to that many bits: the condition must want more than they hold. Else 0. */
  readonly bits: bigint;
}

/** The numbers that the condition wants to be more than 0 and that every turn makes smaller. */
export function shrinkingOf(fn: FunctionState, node: ConditionalLoop, before: Facts): Ending[] {
  const condition = conditionOf(node);
  if (condition === undefined) return [];
  return stepsOf(node).flatMap((step): Ending[] => {
    const shrinking = ts.isBinaryExpression(step) ? shrinkingBy(fn, step) : null;
    if (shrinking === null || !asksForMore(fn, condition, shrinking)) return [];
    const { symbol, isSeen } = shrinking;
    const binding = fn.bindings.get(symbol);
    if (binding?.kind !== "scalar" || binding.type.kind !== "int" || rangeOf(binding.type).min < 0n)
      return [];
    if (isAssignedBeside(fn, node, symbol, step)) return [];
    const { max } = startRange(fn, symbol, binding.type, node, before);
    const most = shrinking.steps(max, binding.type);
    return [{ symbol, counter: null, own: most, most, isSeen, facts: new Map(), asked: null }];
  });
}

/** `x >>= 3`, `x /= 10`, `x &= x - 1`, and the same written out: `x = x / 10`. */
function shrinkingBy(fn: FunctionState, node: ts.BinaryExpression): Shrinking | null {
  const isIt = (side: ts.Node): boolean => ts.isIdentifier(side) && symbolOf(fn.owner, side) === symbol;
  const symbol = ts.isIdentifier(node.left) ? symbolOf(fn.owner, node.left) : null;
  if (symbol === null) return null;
  const right = withoutParentheses(node.right);
  const folded = node.operatorToken.kind === K.EqualsToken ? foldedBits(fn, right, symbol) : null;
  if (folded !== null) return { symbol, steps: (max) => foldsDown(max, folded), isSeen: false, bits: folded };
  const isWritten = node.operatorToken.kind === K.EqualsToken && ts.isBinaryExpression(right);
  if (isWritten && !isIt(withoutParentheses(right.left))) return null;
  const operator = isWritten ? right.operatorToken.kind : plain[node.operatorToken.kind];
  const operand = isWritten ? withoutParentheses(right.right) : right;
  const by = constantNumber(fn, operand);
  if (operator === K.GreaterThanGreaterThanToken || operator === K.GreaterThanGreaterThanGreaterThanToken)
    return by !== null && by >= 1n && by < 64n
      ? { symbol, steps: (max) => stepsDown(max, (n) => n >> by), isSeen: true, bits: 0n }
      : null;
  if (operator === K.SlashToken)
    return by !== null && by >= 2n
      ? { symbol, steps: (max) => stepsDown(max, (n) => n / by), isSeen: false, bits: 0n }
      : null;
  const isLowestBit =
    operator === K.AmpersandToken &&
    ts.isBinaryExpression(operand) &&
    operand.operatorToken.kind === K.MinusToken &&
    isIt(operand.left) &&
    constantNumber(fn, operand.right) === 1n;
  return isLowestBit ? { symbol, steps: (_, type) => BigInt(type.size * 8), isSeen: false, bits: 0n } : null;
}

/** 16 of `(x & 0xffff) + (x >> 16)`, as checksums are folded; null for anything else. */
function foldedBits(fn: FunctionState, node: ts.Expression, symbol: ts.Symbol): bigint | null {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== K.PlusToken) return null;
  const sides = [node.left, node.right].map(withoutParentheses);
  const partBy = (operators: readonly ts.SyntaxKind[]): bigint | null => {
    const part = sides.find(
      (each) => ts.isBinaryExpression(each) && operators.includes(each.operatorToken.kind),
    );
    return part !== undefined && ts.isBinaryExpression(part) && isNamed(fn, part.left, symbol)
      ? constantNumber(fn, part.right)
      : null;
  };
  const mask = partBy([K.AmpersandToken]);
  const bits = partBy([K.GreaterThanGreaterThanToken, K.GreaterThanGreaterThanGreaterThanToken]);
  return bits !== null && bits >= 1n && bits < 64n && mask === (1n << bits) - 1n ? bits : null;
}

/** The most folds until no more than `bits` are left: from twice what they hold it is one. */
function foldsDown(max: bigint, bits: bigint): bigint {
  const most = (1n << bits) - 1n;
  let steps = 0n;
  for (let n = max; n > most; n = n <= 2n * most ? most : (n >> bits) + most) steps += 1n;
  return steps;
}

const isNamed = (fn: FunctionState, node: ts.Expression, symbol: ts.Symbol): boolean =>
  ts.isIdentifier(withoutParentheses(node)) && symbolOf(fn.owner, withoutParentheses(node)) === symbol;

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

/**
 * Whether the condition, or a part that must hold, says that there is still something to do: the variable is not 0 yet, or has more
 * bits than a fold leaves.
 */
function asksForMore(fn: FunctionState, condition: ts.Expression, shrinking: Shrinking): boolean {
  if (ts.isParenthesizedExpression(condition)) return asksForMore(fn, condition.expression, shrinking);
  if (ts.isBinaryExpression(condition) && condition.operatorToken.kind === K.AmpersandAmpersandToken)
    return asksForMore(fn, condition.left, shrinking) || asksForMore(fn, condition.right, shrinking);
  const { symbol, bits } = shrinking;
  if (isRest(fn, condition, symbol, bits)) return true;
  if (!ts.isBinaryExpression(condition)) return false;
  const { left, right, operatorToken } = condition;
  const limit = constantNumber(fn, right);
  if (limit === null) return false;
  const isMore = operatorToken.kind === K.GreaterThanToken;
  if (isRest(fn, left, symbol, bits))
    return operatorToken.kind === K.ExclamationEqualsEqualsToken
      ? limit === 0n
      : isMore || (operatorToken.kind === K.GreaterThanEqualsToken && limit > 0n);
  if (!isNamed(fn, left, symbol)) return false;
  const most = (1n << bits) - 1n;
  return isMore ? limit >= most : operatorToken.kind === K.GreaterThanEqualsToken && limit > most;
}

/** What is left of the variable: itself, of one that is folded `x >> 16`. */
function isRest(fn: FunctionState, node: ts.Expression, symbol: ts.Symbol, bits: bigint): boolean {
  if (bits === 0n) return isNamed(fn, node, symbol);
  const shift = withoutParentheses(node);
  return (
    ts.isBinaryExpression(shift) &&
    (shift.operatorToken.kind === K.GreaterThanGreaterThanToken ||
      shift.operatorToken.kind === K.GreaterThanGreaterThanGreaterThanToken) &&
    isNamed(fn, shift.left, symbol) &&
    constantNumber(fn, shift.right) === bits
  );
}
