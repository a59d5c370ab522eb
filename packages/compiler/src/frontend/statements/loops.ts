/** `for`, `while` and `do`. */

import ts from "#typescript";
import type { BlockId } from "../../ir/types.js";
import { rangeOf } from "../../types/integers.js";
import { lowerCondition } from "../expressions/conditions.js";
import { lowerExpression } from "../expressions/expressions.js";
import { type FactKey, type FunctionState, type JumpTargets, locationOf } from "../state.js";
import { intersect, type Range, union } from "../values/value.js";
import type { Facts } from "./assigned-facts.js";
import { isPath, readOnce } from "./compared-places.js";
import { forgetAssigned } from "./compared-variables.js";
import { lowerCountedFor, lowerWithCounter } from "./counted-loops.js";
import { collectFacts, whereKnown } from "./facts.js";
import { withJumps } from "./jumps.js";
import { type LoopBound, loopBound } from "./loop-bounds.js";
import { startRange } from "./loop-endings.js";
import { factsBefore, keptFacts, tailFacts } from "./loop-facts.js";
import { conditionOf } from "./loop-source.js";
import { lowerStatement } from "./statements.js";
import { lowerVariables } from "./variables.js";

/** `for (…; …; …)`. */
export function lowerFor(fn: FunctionState, node: ts.ForStatement, labels: readonly string[]): void {
  const { builder } = fn;
  const { initializer, condition, incrementor } = node;
  if (initializer !== undefined) {
    if (ts.isVariableDeclarationList(initializer)) lowerVariables(fn, initializer);
    else lowerExpression(fn, initializer);
    forgetAssigned(fn, node);
  }
  const bound = loopBound(fn, node, factsBefore(fn, node));
  const { counter, hidden, form } = bound;
  if (condition !== undefined) readLimits(fn, condition);
  if (hidden !== null) {
    lowerWithCounter(fn, node, { ...bound, hidden }, labels);
    return;
  }
  if (counter !== null && (form === "iterator" || form === "callback")) {
    lowerCountedFor(fn, node, bound, counter, labels);
    return;
  }
  const [head, body, step, after] = [builder.block(), builder.block(), builder.block(), builder.block()];
  builder.jump(head);
  hintOf(fn, node, head, bound);
  builder.switchTo(head);
  if (condition === undefined) builder.jump(body);
  else lowerAsked(fn, condition, bound, body, after);
  builder.switchTo(body);
  lowerLoopBody(fn, node, bound, { onBreak: after, onContinue: step, labels });
  builder.jump(step);
  builder.switchTo(step);
  if (incrementor !== undefined) lowerExpression(fn, incrementor);
  builder.jump(head);
  builder.switchTo(after);
}

/** `while` and `do`. */
export function lowerWhile(
  fn: FunctionState,
  node: ts.WhileStatement | ts.DoStatement,
  labels: readonly string[],
): void {
  const { builder } = fn;
  const bound = loopBound(fn, node, factsBefore(fn, node));
  const { hidden } = bound;
  readLimits(fn, node.expression);
  if (hidden !== null) {
    lowerWithCounter(fn, node, { ...bound, hidden }, labels);
    return;
  }
  const [head, body, after] = [builder.block(), builder.block(), builder.block()];
  hintOf(fn, node, ts.isDoStatement(node) ? body : head, bound);
  builder.jump(ts.isDoStatement(node) ? body : head);
  builder.switchTo(head);
  lowerAsked(fn, node.expression, bound, body, after);
  builder.switchTo(body);
  lowerLoopBody(fn, node, bound, { onBreak: after, onContinue: head, labels });
  builder.jump(head);
  builder.switchTo(after);
}

/** The condition of a loop, with what is known of its counter there. */
function lowerAsked(
  fn: FunctionState,
  condition: ts.Expression,
  { asked }: LoopBound,
  body: BlockId,
  after: BlockId,
): void {
  const lower = (): void => lowerCondition(fn, condition, body, after);
  if (asked.size === 0) lower();
  else whereKnown(fn, new Map(asked), lower);
}

/** Kernels without loops have each turn written out. */
function hintOf(fn: FunctionState, node: ts.Node, header: BlockId, { form, own }: LoopBound): void {
  if (form !== "unroll") return;
  fn.builder.loop({ header, form, turns: own, driver: null, location: locationOf(fn.owner, node) });
}

/**
 * Reads the fields that the loop's condition compares with, where more is known of them than the verifier sees in memory: once, so that it
 * sees the bounds in a register. Fields that the loop changes are not known here.
 */
function readLimits(fn: FunctionState, condition: ts.Expression): void {
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) readOnce(fn, node);
    else ts.forEachChild(node, visit);
  };
  visit(condition);
}

/** The body of a loop, where what is known of its counter holds, and what its condition says until that is changed. */
export function lowerLoopBody(
  fn: FunctionState,
  node: ts.IterationStatement,
  { facts, turns }: Pick<LoopBound, "facts" | "turns">,
  targets: Pick<JumpTargets, "onBreak" | "onContinue" | "labels">,
): void {
  fn.facts.push(keptFacts(fn, facts), conditionFacts(fn, node, facts), tailFacts(fn, node));
  try {
    withJumps(fn, { ...targets, isBlock: false, turns }, () => lowerStatement(fn, node.statement));
  } finally {
    fn.facts.length -= 3;
  }
}

/** What the condition says where a turn begins, but of what more is known. */
function conditionFacts(fn: FunctionState, node: ts.IterationStatement, known: Facts): Map<FactKey, Range> {
  const found = new Map<FactKey, Range>();
  const condition = ts.isForStatement(node) || ts.isWhileStatement(node) ? conditionOf(node) : undefined;
  if (condition !== undefined) collectFacts(fn, condition, true, found);
  if (ts.isDoStatement(node)) return firstOrAgain(fn, node, known);
  for (const symbol of known.keys()) found.delete(symbol);
  return found;
}

/** A turn of a `do` begins with what a variable was at first, or with what its condition says. */
function firstOrAgain(fn: FunctionState, node: ts.DoStatement, known: Facts): Map<FactKey, Range> {
  const again = new Map<FactKey, Range>();
  collectFacts(fn, node.expression, true, again);
  const before = factsBefore(fn, node);
  const found = new Map<FactKey, Range>();
  for (const [key, range] of again) {
    const binding = isPath(key) || known.has(key) ? undefined : fn.bindings.get(key);
    if (isPath(key) || binding?.kind !== "scalar" || binding.type.kind !== "int") continue;
    const first = startRange(fn, key, binding.type, node, before);
    found.set(key, { ...union([first, intersect(range, rangeOf(binding.type))]), unseen: true });
  }
  return found;
}
