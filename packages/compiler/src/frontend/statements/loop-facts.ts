/**
 * What stays known of variables that a loop assigns: `least` is an index of the array as long as the loop assigns nothing to it but the
 * numbers of its turns.
 */
import ts from "#typescript";
import type { IntType } from "../../types/data-type.js";
import { rangeOf } from "../../types/integers.js";
import { type FactKey, type FunctionState, symbolOf } from "../state.js";
import { boundsOf, isNumber } from "../values/scalars.js";
import { intersect, type Range, union } from "../values/value.js";
import { type Facts, withOuterFacts } from "./assigned-facts.js";
import { isPath } from "./compared-places.js";
import {
  assignedIn,
  assignmentsTo,
  forgetAssigned,
  isAssignedByClosure,
  isUnassigned,
} from "./compared-variables.js";
import { collectFacts, constantNumber } from "./facts.js";
import { stepOf } from "./loop-counters.js";
import { isWithin, startRange } from "./loop-endings.js";
import { conditionOf, leavesLoop, mayContinue } from "./loop-source.js";

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
  if (assigned === null) return steppedRange(fn, loop, symbol, binding.type);
  // A loop that is written out comes by once a turn.
  const known =
    loop.kept.get(symbol) ?? startRange(fn, symbol, binding.type, loop.node, factsBefore(fn, loop.node));
  return loop.kept.get(symbol) === null ? null : { ...union([known, ...assigned]), unseen: true };
}

/**
 * Where a variable goes that one step moves, at most once a turn, and that the loop's condition bounds: in `while (n > 1 && slot < 63) { …;
 * slot++; }` it is 63 at most, also after the loop.
 */
function steppedRange(fn: FunctionState, loop: LoopStart, symbol: ts.Symbol, type: IntType): Range | null {
  const { node } = loop;
  const [assignment, ...others] = assignmentsTo(fn, node, symbol);
  const isConditional = ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node);
  const condition = isConditional ? conditionOf(node) : undefined;
  if (assignment === undefined || others.length > 0 || condition === undefined) return null;
  const step = stepOf(fn, assignment, symbol);
  const innermost = ts.findAncestor(assignment, (each) => ts.isIterationStatement(each, false));
  const turn = factsOfCondition(fn, condition).get(symbol);
  if (step === null || innermost !== node || turn === undefined) return null;
  const whole = rangeOf(type);
  const start = startRange(fn, symbol, type, node, factsBefore(fn, node));
  const again = intersect(turn, whole);
  const begin = ts.isDoStatement(node) ? union([start, again]) : again;
  const range =
    step.by > 0n
      ? { min: start.min, max: union([start, { min: start.min, max: begin.max + step.by }]).max }
      : { min: union([start, { min: begin.min + step.by, max: start.max }]).min, max: start.max };
  return range.min < whole.min || range.max > whole.max ? null : { ...range, unseen: true };
}

function factsOfCondition(fn: FunctionState, condition: ts.Expression): Facts {
  const found = new Map<FactKey, Range>();
  collectFacts(fn, condition, true, found);
  return found;
}

/**
 * What tests at the end of a turn say of a variable in the next: `if (n >= 64) break;`. A turn begins with what it was at first, or with
 * that.
 */
export function tailFacts(fn: FunctionState, node: ts.IterationStatement): Map<FactKey, Range> {
  const found = new Map<FactKey, Range>();
  const { statement } = node;
  if (!ts.isBlock(statement) || mayContinue(statement)) return found;
  const after: ts.Node[] = ts.isForStatement(node)
    ? [node.condition, node.incrementor].filter((part) => part !== undefined)
    : ts.isWhileStatement(node) || ts.isDoStatement(node)
      ? [node.expression]
      : [];
  const before = factsBefore(fn, node);
  for (const last of statement.statements.toReversed()) {
    if (ts.isIfStatement(last) && last.elseStatement === undefined && leavesLoop(last.thenStatement)) {
      const here = new Map<FactKey, Range>();
      collectFacts(fn, last.expression, false, here);
      for (const [key, range] of here) {
        const binding = isPath(key) ? undefined : fn.bindings.get(key);
        if (isPath(key) || binding?.kind !== "scalar" || binding.type.kind !== "int") continue;
        if (found.has(key) || after.some((part) => assignedIn(fn, part).has(key))) continue;
        const first = startRange(fn, key, binding.type, node, before);
        found.set(key, { ...union([first, intersect(range, rangeOf(binding.type))]), unseen: true });
      }
    }
    after.push(last);
  }
  return found;
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
