/**
 * What stays known of variables that a loop assigns: `least` is an index of the array as long as the loop assigns nothing to it but the
 * numbers of its turns.
 */
import ts from "#typescript";
import { type FactKey, type FunctionState, symbolOf } from "../state.js";
import { boundsOf, isNumber } from "../values/scalars.js";
import { intersect, type Range, union } from "../values/value.js";
import { type Facts, withOuterFacts } from "./assigned-facts.js";
import {
  assignedIn,
  assignmentsTo,
  forgetAssigned,
  isAssignedByClosure,
  isUnassigned,
} from "./compared-variables.js";
import { constantNumber } from "./facts.js";
import { isWithin, startRange } from "./loop-endings.js";

/** A loop that is being lowered. */
export interface LoopStart {
  readonly node: ts.IterationStatement;
  /** What was known of variables where it begins. */
  readonly before: Facts;
  /** What holds of variables in the body and after the loop; null for one of which nothing does. */
  readonly kept: Map<ts.Symbol, Range | null>;
}

/** Lowers a loop: what was known of the variables that it assigns holds neither in it nor after it. */
export function withLoop(fn: FunctionState, node: ts.IterationStatement, body: () => void): void {
  const loop: LoopStart = { node, before: withOuterFacts(fn, new Map()), kept: new Map() };
  forgetAssigned(fn, node);
  fn.loops.push(loop);
  try {
    body();
  } finally {
    fn.loops.pop();
  }
  for (const [symbol, range] of loop.kept) if (range !== null) fn.facts.at(-1)?.set(symbol, range);
}

/** What was known of variables where the loop began; its head may have assigned some since. */
export function factsBefore(fn: FunctionState, node: ts.IterationStatement): Facts {
  const known = new Map(fn.loops.at(-1)?.before ?? []);
  const initializer = ts.isForStatement(node) ? node.initializer : undefined;
  if (initializer !== undefined) for (const symbol of assignedIn(fn, initializer)) known.delete(symbol);
  return known;
}

/**
 * What holds in the body of the innermost loop, whichever turn it is. Variables of the loop are bound already.
 *
 * @param facts of the loop's counter
 */
export function keptFacts(fn: FunctionState, facts: Facts): Map<FactKey, Range> {
  const loop = fn.loops.at(-1);
  const all = new Map(facts);
  if (loop === undefined) return all;
  for (const symbol of assignedIn(fn, loop.node)) {
    if (facts.has(symbol)) continue;
    const kept = keptRange(fn, loop, symbol, facts);
    loop.kept.set(symbol, kept);
    if (kept !== null) all.set(symbol, kept);
  }
  return all;
}

function keptRange(fn: FunctionState, loop: LoopStart, symbol: ts.Symbol, facts: Facts): Range | null {
  const binding = fn.bindings.get(symbol);
  if (binding?.kind !== "scalar" || binding.type.kind !== "int" || binding.type.bigEndian) return null;
  if (isAssignedByClosure(fn, symbol) || isWithin(symbol.valueDeclaration, loop.node)) return null;
  const assigned = assignedRanges(fn, loop.node, symbol, facts);
  if (assigned === null) return null;
  // A loop that is written out comes by once a turn.
  const known =
    loop.kept.get(symbol) ?? startRange(fn, symbol, binding.type, loop.node, factsBefore(fn, loop.node));
  return loop.kept.get(symbol) === null ? null : { ...union([known, ...assigned]), unseen: true };
}

/** What the assignments to a variable give it; null when one of them gives more than a number that is known. */
function assignedRanges(
  fn: FunctionState,
  loop: ts.IterationStatement,
  symbol: ts.Symbol,
  facts: Facts,
): readonly Range[] | null {
  const ranges = assignmentsTo(fn, loop, symbol).map((node) => {
    const isPlain =
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      ts.isIdentifier(node.left);
    return isPlain ? rangeHere(fn, loop, node.right, facts) : null;
  });
  const known = ranges.filter((range) => range !== null);
  return known.length === ranges.length ? known : null;
}

/** What is known of a number in every turn: of a constant, or of a variable that the loop does not change. */
function rangeHere(
  fn: FunctionState,
  loop: ts.IterationStatement,
  node: ts.Expression,
  facts: Facts,
): Range | null {
  const constant = constantNumber(fn, node);
  if (constant !== null) return { min: constant, max: constant };
  const symbol = ts.isIdentifier(node) ? symbolOf(fn.owner, node) : null;
  if (symbol === null) return null;
  const fact = facts.get(symbol);
  if (fact !== undefined) return isUnassigned(fn, symbol, loop.statement) ? fact : null;
  const binding = fn.bindings.get(symbol);
  if (binding?.kind !== "value" || !isNumber(binding.value)) return null;
  return fn.facts.reduce((range, known) => {
    const more = known.get(symbol);
    return more === undefined ? range : intersect(range, more);
  }, boundsOf(binding.value));
}
