/** Loops that compare a variable which every turn moves by a constant: `while (i < 16) { …; i++; }`. */
import ts from "#typescript";
import type { IntType } from "../../types/data-type.js";
import { integers, rangeOf } from "../../types/integers.js";
import { type Binding, type FactKey, type FunctionState, kernelName, symbolOf } from "../state.js";
import { boundsOf, isNumber } from "../values/scalars.js";
import { least, type Range, union } from "../values/value.js";
import type { Facts } from "./assigned-facts.js";
import { largestOfField, mayChange, placePath } from "./compared-places.js";
import { isUnassigned } from "./compared-variables.js";
import { constantNumber } from "./facts.js";
import { type Ending, startRange } from "./loop-endings.js";
import { mostTurns } from "./loop-form.js";
import { type ConditionalLoop, conditionOf, exitTests, isAssignedBeside, stepsOf } from "./loop-source.js";

const K = ts.SyntaxKind;

/** `for (let symbol = …; symbol < limit; symbol += step)`. */
export interface Counter {
  readonly symbol: ts.Symbol;
  readonly type: IntType;
  readonly step: { readonly by: bigint; readonly node: ts.Node };
  readonly limit: ts.Expression;
  readonly inclusive: boolean;
  readonly rising: boolean;
}

/** The counters that the condition compares, the best first. */
export function countersOf(fn: FunctionState, node: ConditionalLoop, before: Facts): Ending[] {
  const condition = askedCondition(node);
  const steps = stepsOf(node);
  const tested = condition === undefined ? exitTests(node.statement) : [{ condition, holds: true }];
  const compared = tested.flatMap((test) => comparisons(fn, test.condition, test.holds));
  const found = compared.map((comparison) => counterOf(fn, node, steps, comparison, before));
  const known = (each: Ending): bigint => each.own ?? 1n << 64n;
  return found
    .filter((each) => each !== null)
    .toSorted((a, b) => (known(a) < known(b) ? -1 : known(a) > known(b) ? 1 : 0));
}

function counterOf(
  fn: FunctionState,
  node: ConditionalLoop,
  steps: readonly ts.Expression[],
  { symbol, operator, limit, node: comparison, holds }: Comparison,
  before: Facts,
): Ending | null {
  const step = steps.map((candidate) => stepOf(fn, candidate, symbol)).find((each) => each !== null);
  if (step === undefined || isAssignedBeside(fn, node, symbol, step.node)) return null;
  const binding = fn.bindings.get(symbol);
  if (binding?.kind !== "scalar" || binding.type.kind !== "int") return null;
  const rising = operator === K.LessThanToken || operator === K.LessThanEqualsToken;
  if (step.by > 0n !== rising) return null;
  const condition = askedCondition(node);
  const isDeclared =
    ts.isForStatement(node) &&
    node.initializer !== undefined &&
    ts.isVariableDeclarationList(node.initializer);
  const inclusive = operator === K.LessThanEqualsToken || operator === K.GreaterThanEqualsToken;
  const type = rangeOf(binding.type);
  const counter: Counter | null =
    isDeclared && condition !== undefined && isInvariant(fn, limit, node)
      ? { symbol, type: binding.type, step, limit, inclusive, rising }
      : null;
  const end = rising ? largest(fn, limit) : constantNumber(fn, limit);
  const last = end === null ? null : inclusive ? end : rising ? end - 1n : end + 1n;
  // A step over the type's end would begin again at the other. The compiler's own counter has no such end.
  if (last === null || (rising ? last + step.by > type.max : last + step.by < type.min))
    return counter !== null && !inclusive && rising
      ? { symbol, counter, own: null, most: null, isSeen: false, facts: new Map(), asked: null }
      : null;
  const initial = isDeclared ? initialNumber(fn, symbol) : null;
  const start =
    initial === null ? startRange(fn, symbol, binding.type, node, before) : { min: initial, max: initial };
  const size = step.by < 0n ? -step.by : step.by;
  const turnsFrom = (from: bigint): bigint => {
    const span = rising ? last - from : from - last;
    return span < 0n ? 0n : span / size + 1n;
  };
  // Signed ones rarely begin below 0, and the verifier walks what there is.
  const from = !rising ? start.max : initial === null && start.min < 0n ? 0n : start.min;
  const facts = new Map<FactKey, Range>();
  // The counter of a loop without a condition may have the limit's value before the test.
  if (initial !== null && condition !== undefined)
    facts.set(symbol, rising ? { min: initial, max: last } : { min: last, max: initial });
  const asked =
    initial === null || condition === undefined
      ? null
      : union([
          { min: initial, max: initial },
          { min: last + step.by, max: last + step.by },
        ]);
  const [own, most] = [turnsFrom(from), turnsFrom(rising ? start.min : start.max)];
  // Verifiers before 6.8 learn nothing of a number from its not being 0, so that one that counts down has no end for them.
  const isSeen = rising || start.min === start.max;
  const isEndless = !rising && from > mostTurns && counter === null;
  if (isEndless) return null;
  const isVariable = rising && constantNumber(fn, limit) === null;
  const seen = { comparison, end: { symbol, last, beyond: !holds } };
  return { symbol, counter, own, most, isSeen, facts, asked, ...(isVariable && { seen }) };
}

/** The condition that each turn begins with; undefined for `for (;;)` and `while (true)`, whose turns may do something before their test. */
const askedCondition = (node: ConditionalLoop): ts.Expression | undefined => {
  const condition = conditionOf(node);
  return condition?.kind === K.TrueKeyword ? undefined : condition;
};

interface Comparison {
  readonly node: ts.BinaryExpression;
  /** What it is where the loop goes on. */
  readonly holds: boolean;
  readonly symbol: ts.Symbol;
  readonly operator: ts.SyntaxKind;
  readonly limit: ts.Expression;
}

/** The comparisons of a variable that all must hold for the loop to go on, which it does where the condition is as `holds` says. */
function comparisons(fn: FunctionState, condition: ts.Expression, holds: boolean): Comparison[] {
  if (ts.isParenthesizedExpression(condition)) return comparisons(fn, condition.expression, holds);
  if (!ts.isBinaryExpression(condition)) return [];
  const operator = condition.operatorToken.kind;
  if (operator === (holds ? K.AmpersandAmpersandToken : K.BarBarToken))
    return [...comparisons(fn, condition.left, holds), ...comparisons(fn, condition.right, holds)];
  const found: Comparison[] = [];
  const add = (side: ts.Expression, limit: ts.Expression, seen: ts.SyntaxKind | undefined): void => {
    const symbol = ts.isIdentifier(side) ? symbolOf(fn.owner, side) : null;
    const going = holds || seen === undefined ? seen : opposite[seen];
    if (symbol !== null && going !== undefined && fn.bindings.get(symbol)?.kind === "scalar")
      found.push({ node: condition, holds, symbol, operator: going, limit });
  };
  if (!(operator in mirror)) return found;
  add(condition.left, condition.right, operator);
  add(condition.right, condition.left, mirror[operator]);
  return found;
}

const mirror: Partial<Record<ts.SyntaxKind, ts.SyntaxKind>> = {
  [K.LessThanToken]: K.GreaterThanToken,
  [K.LessThanEqualsToken]: K.GreaterThanEqualsToken,
  [K.GreaterThanToken]: K.LessThanToken,
  [K.GreaterThanEqualsToken]: K.LessThanEqualsToken,
};
const opposite: Partial<Record<ts.SyntaxKind, ts.SyntaxKind>> = {
  [K.LessThanToken]: K.GreaterThanEqualsToken,
  [K.LessThanEqualsToken]: K.GreaterThanToken,
  [K.GreaterThanToken]: K.LessThanEqualsToken,
  [K.GreaterThanEqualsToken]: K.LessThanToken,
};

/** `i++`, `i += 2`, `i -= 1`, `i = i + 1` and the like on the variable. */
export function stepOf(fn: FunctionState, node: ts.Node, symbol: ts.Symbol): Counter["step"] | null {
  const isIt = (side: ts.Node): boolean => ts.isIdentifier(side) && symbolOf(fn.owner, side) === symbol;
  if ((ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) && isIt(node.operand)) {
    if (node.operator === K.PlusPlusToken) return { by: 1n, node };
    if (node.operator === K.MinusMinusToken) return { by: -1n, node };
  }
  if (!ts.isBinaryExpression(node) || !isIt(node.left)) return null;
  const { operatorToken, right } = node;
  const isWritten = operatorToken.kind === K.EqualsToken && ts.isBinaryExpression(right) && isIt(right.left);
  const sign = isWritten ? signs[right.operatorToken.kind] : assigningSigns[operatorToken.kind];
  const by = constantNumber(fn, isWritten ? right.right : right);
  return sign === undefined || by === null || by === 0n ? null : { by: by * sign, node };
}

type Signs = Partial<Record<ts.SyntaxKind, bigint>>;
const signs: Signs = { [K.PlusToken]: 1n, [K.MinusToken]: -1n };
const assigningSigns: Signs = { [K.PlusEqualsToken]: 1n, [K.MinusEqualsToken]: -1n };

/** The largest number that the side of a comparison can be; null when the source does not show it. */
function largest(fn: FunctionState, node: ts.Expression): bigint | null {
  const constant = constantNumber(fn, node);
  if (constant !== null) return constant;
  if (ts.isIdentifier(node)) {
    const symbol = symbolOf(fn.owner, node);
    const binding = symbol === null ? undefined : fn.bindings.get(symbol);
    if (symbol === null) return null;
    if (binding === undefined) return constantOfModule(fn, symbol);
    let max = largestOfBinding(binding);
    if (max === null) return null;
    for (const facts of fn.facts) {
      const fact = facts.get(symbol);
      if (fact !== undefined && fact.max < max) max = fact.max;
    }
    return max;
  }
  if (!ts.isPropertyAccessExpression(node)) return null;
  const limits = [typeLimit(fn, node), largestOfField(fn, node)].filter((limit) => limit !== null);
  return limits.length === 0 ? null : limits.reduce(least);
}

/** The largest number that a variable may have by its type or its first value; null for one that is no number. */
function largestOfBinding(binding: Binding): bigint | null {
  if (binding.kind === "value") return isNumber(binding.value) ? boundsOf(binding.value).max : null;
  if (binding.kind !== "scalar" || binding.type.kind !== "int" || binding.type.bigEndian) return null;
  return rangeOf(binding.type).max;
}

/** Fields of small types are small. */
function typeLimit(fn: FunctionState, node: ts.PropertyAccessExpression): bigint | null {
  const { checker, resolver } = fn.owner;
  const resolved = resolver.resolve(checker.getTypeAtLocation(node), node);
  if (resolved.kind !== "data" || resolved.type.kind !== "int" || resolved.type.bigEndian) return null;
  return resolved.type.size <= 2 ? rangeOf(resolved.type).max : null;
}

/** Whether the loop finds the same number here on every turn. */
function isInvariant(fn: FunctionState, node: ts.Expression, loop: ts.Node): boolean {
  if (constantNumber(fn, node) !== null) return true;
  if (ts.isParenthesizedExpression(node)) return isInvariant(fn, node.expression, loop);
  if (ts.isBinaryExpression(node))
    return (
      node.operatorToken.kind < K.FirstAssignment &&
      isInvariant(fn, node.left, loop) &&
      isInvariant(fn, node.right, loop)
    );
  if (ts.isCallExpression(node)) {
    const name = kernelName(fn.owner, symbolOf(fn.owner, node.expression));
    return name !== null && name in integers && node.arguments.every((each) => isInvariant(fn, each, loop));
  }
  const named = ts.isPropertyAccessExpression(node) ? node.name : node;
  const symbol = ts.isIdentifier(named) ? symbolOf(fn.owner, named) : null;
  if (symbol === null) return false;
  if (ts.isPropertyAccessExpression(node))
    return (fn.owner.configs.has(symbol) && isConfig(fn, symbol)) || isUnchangedField(fn, node, loop);
  const binding = fn.bindings.get(symbol);
  if (binding === undefined) return constantOfModule(fn, symbol) !== null;
  return binding.kind === "value" || (binding.kind === "scalar" && isUnassigned(fn, symbol, loop));
}

/** Whether the loop leaves the field as it is, which is then read once. */
function isUnchangedField(fn: FunctionState, node: ts.PropertyAccessExpression, loop: ts.Node): boolean {
  const path = placePath(fn, node);
  return path !== null && !mayChange(fn, loop, path);
}

/** Only the loader sets these. */
const isConfig = (fn: FunctionState, symbol: ts.Symbol): boolean =>
  fn.owner.configs.get(symbol)?.section === ".rodata";

/** The number of a module's `const`; a `let` of a module may be anything at run time. */
function constantOfModule(fn: FunctionState, symbol: ts.Symbol): bigint | null {
  const declaration = symbol.valueDeclaration;
  const isConst =
    declaration !== undefined && (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
  return isConst ? initialNumber(fn, symbol) : null;
}

function initialNumber(fn: FunctionState, symbol: ts.Symbol): bigint | null {
  const declaration = symbol.valueDeclaration;
  if (
    declaration === undefined ||
    !ts.isVariableDeclaration(declaration) ||
    declaration.initializer === undefined
  )
    return null;
  return constantNumber(fn, declaration.initializer);
}
