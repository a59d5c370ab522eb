/** What a condition says about variables where it holds: bounds for the proof of indices and conversions. */
import ts from "#typescript";
import { type FunctionState, symbolOf } from "../state.js";
import { substitute } from "../values/substitution.js";
import type { Range } from "../values/value.js";
import { comparedVariable, limitOf } from "./compared-variables.js";

const K = ts.SyntaxKind;
const huge = 1n << 64n;

const flipped: Partial<Record<ts.SyntaxKind, ts.SyntaxKind>> = {
  [K.LessThanToken]: K.GreaterThanToken,
  [K.LessThanEqualsToken]: K.GreaterThanEqualsToken,
  [K.GreaterThanToken]: K.LessThanToken,
  [K.GreaterThanEqualsToken]: K.LessThanEqualsToken,
  [K.EqualsEqualsEqualsToken]: K.EqualsEqualsEqualsToken,
  [K.ExclamationEqualsEqualsToken]: K.ExclamationEqualsEqualsToken,
};
const negated: Partial<Record<ts.SyntaxKind, ts.SyntaxKind>> = {
  [K.LessThanToken]: K.GreaterThanEqualsToken,
  [K.LessThanEqualsToken]: K.GreaterThanToken,
  [K.GreaterThanToken]: K.LessThanEqualsToken,
  [K.GreaterThanEqualsToken]: K.LessThanToken,
  [K.EqualsEqualsEqualsToken]: K.ExclamationEqualsEqualsToken,
  [K.ExclamationEqualsEqualsToken]: K.EqualsEqualsEqualsToken,
};
const bounds: Partial<Record<ts.SyntaxKind, (limit: Range) => Range>> = {
  [K.LessThanToken]: ({ max }) => ({ min: -huge, max: max - 1n }),
  [K.LessThanEqualsToken]: ({ max }) => ({ min: -huge, max }),
  [K.GreaterThanToken]: ({ min }) => ({ min: min + 1n, max: huge }),
  [K.GreaterThanEqualsToken]: ({ min }) => ({ min, max: huge }),
  [K.EqualsEqualsEqualsToken]: ({ min, max }) => ({ min, max }),
};

/** A number that is evident from the source; null when it is not. */
export function constantNumber(fn: FunctionState, node: ts.Expression): bigint | null {
  if (ts.isParenthesizedExpression(node)) return constantNumber(fn, node.expression);
  if (ts.isNumericLiteral(node))
    return Number.isSafeInteger(Number(node.text)) ? BigInt(Number(node.text)) : null;
  if (ts.isBigIntLiteral(node)) return BigInt(node.text.slice(0, -1));
  const { checker, resolver } = fn.owner;
  const { type } = substitute(checker, checker.getTypeAtLocation(node), resolver.types);
  if (type.isNumberLiteral() && Number.isSafeInteger(type.value)) return BigInt(type.value);
  return null;
}

/** The variable that an expression names; null when it is none or may change. */
export function fixedVariable(fn: FunctionState, node: ts.Expression): ts.Symbol | null {
  const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
  if (!ts.isIdentifier(inner)) return null;
  const symbol = symbolOf(fn.owner, inner);
  return symbol !== null && fn.bindings.get(symbol)?.kind === "value" ? symbol : null;
}

/** Adds to `into` what is known when `condition` came out as `outcome`. */
export function collectFacts(
  fn: FunctionState,
  condition: ts.Expression,
  outcome: boolean,
  into: Map<ts.Symbol, Range>,
): void {
  if (ts.isParenthesizedExpression(condition)) {
    collectFacts(fn, condition.expression, outcome, into);
    return;
  }
  if (ts.isPrefixUnaryExpression(condition) && condition.operator === K.ExclamationToken) {
    collectFacts(fn, condition.operand, !outcome, into);
    return;
  }
  if (!ts.isBinaryExpression(condition)) return;
  const operator = condition.operatorToken.kind;
  if (operator === (outcome ? K.AmpersandAmpersandToken : K.BarBarToken)) {
    collectFacts(fn, condition.left, outcome, into);
    collectFacts(fn, condition.right, outcome, into);
    return;
  }
  const sides = [
    [condition.left, condition.right, operator],
    [condition.right, condition.left, flipped[operator]],
  ] as const;
  for (const [variable, limit, seen] of sides) {
    const symbol = comparedVariable(fn, variable, condition);
    const number = constantNumber(fn, limit);
    const known = number === null ? limitOf(fn, limit) : { min: number, max: number };
    if (symbol === null || known === null || seen === undefined) continue;
    const held = outcome ? seen : negated[seen];
    const range = held === undefined ? undefined : bounds[held]?.(known);
    if (range === undefined) continue;
    const old = into.get(symbol);
    const isSeen = number !== null && fn.bindings.get(symbol)?.kind === "value" && old?.unseen !== true;
    into.set(symbol, {
      ...(isSeen ? {} : { unseen: true }),
      min: old !== undefined && old.min > range.min ? old.min : range.min,
      max: old !== undefined && old.max < range.max ? old.max : range.max,
    });
  }
}

/** Runs `body` where `condition` is known to have come out as `outcome`. */
export function withFacts<T>(
  fn: FunctionState,
  condition: ts.Expression,
  outcome: boolean,
  body: () => T,
): T {
  const facts = new Map<ts.Symbol, Range>();
  collectFacts(fn, condition, outcome, facts);
  fn.facts.push(facts);
  try {
    return body();
  } finally {
    fn.facts.pop();
  }
}
