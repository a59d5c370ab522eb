/** What a condition says about variables where it holds: bounds for the proof of indices and conversions. */
import ts from "#typescript";
import type { FactKey, FunctionState } from "../state.js";
import { boundsOf } from "../values/scalars.js";
import { substitute } from "../values/substitution.js";
import { intersect, type Range } from "../values/value.js";
import { comparedValue, isPath } from "./compared-places.js";
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
  // Operators of two sides give no literal type, and TypeScript checks a long chain of them again each time that it is asked.
  if (ts.isBinaryExpression(node) || ts.isConditionalExpression(node)) return null;
  const { checker, resolver } = fn.owner;
  const { type } = substitute(checker, checker.getTypeAtLocation(node), resolver.types);
  if (type.isNumberLiteral() && Number.isSafeInteger(type.value)) return BigInt(type.value);
  return null;
}

/** Whether what is known of something is known of one number: of a constant variable, or of a field as it was read. */
export const isOneNumber = (fn: FunctionState, key: FactKey): boolean =>
  isPath(key) || fn.bindings.get(key)?.kind === "value";

/** Adds to `into` what is known when `condition` came out as `outcome`. */
export function collectFacts(
  fn: FunctionState,
  condition: ts.Expression,
  outcome: boolean,
  into: Map<FactKey, Range>,
): void {
  collect(fn, condition, outcome, into);
  // In `i < n && n <= 8` the second part says more of what the first compares with.
  if (into.size > 1) collect(fn, condition, outcome, into);
}

function collect(
  fn: FunctionState,
  condition: ts.Expression,
  outcome: boolean,
  into: Map<FactKey, Range>,
): void {
  if (ts.isParenthesizedExpression(condition)) {
    collect(fn, condition.expression, outcome, into);
    return;
  }
  if (ts.isPrefixUnaryExpression(condition) && condition.operator === K.ExclamationToken) {
    collect(fn, condition.operand, !outcome, into);
    return;
  }
  if (!ts.isBinaryExpression(condition)) return;
  const operator = condition.operatorToken.kind;
  if (operator === (outcome ? K.AmpersandAmpersandToken : K.BarBarToken)) {
    collect(fn, condition.left, outcome, into);
    collect(fn, condition.right, outcome, into);
    return;
  }
  const sides = [
    [condition.left, condition.right, operator],
    [condition.right, condition.left, flipped[operator]],
  ] as const;
  for (const [variable, limit, seen] of sides) {
    const symbol = comparedVariable(fn, variable, condition);
    const number = constantNumber(fn, limit);
    const compared = comparedValue(fn, limit);
    const known =
      number !== null
        ? { min: number, max: number }
        : compared !== undefined
          ? withFound(fn, limit, condition, boundsOf(compared), into)
          : limitOf(fn, limit);
    if (symbol === null || known === null || seen === undefined) continue;
    const held = outcome ? seen : negated[seen];
    const range = held === undefined ? undefined : bounds[held]?.(known);
    if (range === undefined) continue;
    const isField = isPath(symbol);
    const read = isField ? comparedValue(fn, variable) : undefined;
    if (isField && read?.kind !== "scalar") continue;
    const given = into.get(symbol);
    const old = given?.read?.id === (read?.kind === "scalar" ? read.id : undefined) ? given : undefined;
    const isSeen = number !== null && isOneNumber(fn, symbol) && old?.unseen !== true;
    into.set(symbol, {
      ...(isSeen ? {} : { unseen: true }),
      ...(read?.kind === "scalar" ? { read } : {}),
      min: old !== undefined && old.min > range.min ? old.min : range.min,
      max: old !== undefined && old.max < range.max ? old.max : range.max,
    });
  }
}

/** Adds what other parts of the condition say of the limit. */
function withFound(
  fn: FunctionState,
  limit: ts.Expression,
  condition: ts.Expression,
  bounds: Range,
  into: ReadonlyMap<FactKey, Range>,
): Range {
  const key = comparedVariable(fn, limit, condition);
  const found = key === null ? undefined : into.get(key);
  return found === undefined ? bounds : intersect(bounds, found);
}

/** Runs `body` where `facts` hold. */
export function whereKnown<T>(fn: FunctionState, facts: Map<FactKey, Range>, body: () => T): T {
  fn.facts.push(facts);
  try {
    return body();
  } finally {
    fn.facts.pop();
  }
}

/** Runs `body` where `condition` is known to have come out as `outcome`. */
export function withFacts<T>(
  fn: FunctionState,
  condition: ts.Expression,
  outcome: boolean,
  body: () => T,
): T {
  const facts = new Map<FactKey, Range>();
  collectFacts(fn, condition, outcome, facts);
  return whereKnown(fn, facts, body);
}
