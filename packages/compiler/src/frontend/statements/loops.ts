/** `for`, `while` and `do`. */

import ts from "#typescript";
import type { BlockId } from "../../ir/types.js";
import { lowerCondition } from "../expressions/conditions.js";
import { lowerExpression } from "../expressions/expressions.js";
import { type FunctionState, type JumpTargets, locationOf } from "../state.js";
import { lowerCountedFor } from "./counted-loops.js";
import { withJumps } from "./jumps.js";
import { type LoopBound, loopBound } from "./loop-bounds.js";
import { lowerStatement } from "./statements.js";
import { hideStarts } from "./unknown-starts.js";
import { lowerVariables } from "./variables.js";

/** `for (…; …; …)`. */
export function lowerFor(fn: FunctionState, node: ts.ForStatement, labels: readonly string[]): void {
  const { builder } = fn;
  const { initializer, condition, incrementor } = node;
  if (initializer !== undefined) {
    if (ts.isVariableDeclarationList(initializer)) lowerVariables(fn, initializer);
    else lowerExpression(fn, initializer);
  }
  const bound = loopBound(fn, node);
  const { counter, form } = bound;
  const walked = form === "bounded" ? bound.turns : null;
  if (form !== "unroll") hideStarts(fn, node, bound.counters, walked);
  if (counter !== null && (form === "iterator" || form === "callback")) {
    lowerCountedFor(fn, node, bound, counter, labels);
    return;
  }
  const [head, body, step, after] = [builder.block(), builder.block(), builder.block(), builder.block()];
  builder.jump(head);
  hintOf(fn, node, head, bound);
  builder.switchTo(head);
  if (condition === undefined) builder.jump(body);
  else lowerCondition(fn, condition, body, after);
  builder.switchTo(body);
  lowerLoopBody(fn, node.statement, bound, { onBreak: after, onContinue: step, labels });
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
  const bound = loopBound(fn, node);
  if (bound.form === "bounded") hideStarts(fn, node, bound.counters, bound.turns);
  const [head, body, after] = [builder.block(), builder.block(), builder.block()];
  hintOf(fn, node, ts.isDoStatement(node) ? body : head, bound);
  builder.jump(ts.isDoStatement(node) ? body : head);
  builder.switchTo(head);
  lowerCondition(fn, node.expression, body, after);
  builder.switchTo(body);
  lowerLoopBody(fn, node.statement, bound, { onBreak: after, onContinue: head, labels });
  builder.jump(head);
  builder.switchTo(after);
}

/** Kernels without loops have each turn written out. */
function hintOf(fn: FunctionState, node: ts.Node, header: BlockId, { form, own }: LoopBound): void {
  if (form !== "unroll") return;
  fn.builder.loop({ header, form, turns: own, driver: null, location: locationOf(fn.owner, node) });
}

/** The body of a loop, where what is known of its counter holds. */
export function lowerLoopBody(
  fn: FunctionState,
  body: ts.Statement,
  { facts, turns }: Pick<LoopBound, "facts" | "turns">,
  targets: Pick<JumpTargets, "onBreak" | "onContinue" | "labels">,
): void {
  fn.facts.push(facts);
  withJumps(fn, { ...targets, isBlock: false, turns }, () => lowerStatement(fn, body));
  fn.facts.pop();
}
