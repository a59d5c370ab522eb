/** Loops, and the jumps out of them. */

import ts from "typescript";
import { lowerCondition } from "../expressions/conditions.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { loopBound } from "./loop-bounds.js";
import { lowerStatement } from "./statements.js";
import { lowerVariables } from "./variables.js";

/** `for (…; …; …)`. */
export function lowerFor(fn: FunctionState, node: ts.ForStatement): void {
  const { builder } = fn;
  const { initializer, condition, incrementor } = node;
  if (initializer !== undefined) {
    if (ts.isVariableDeclarationList(initializer)) lowerVariables(fn, initializer);
    else lowerExpression(fn, initializer);
  }
  const bound = loopBound(fn, node);
  const [head, body, step, after] = [builder.block(), builder.block(), builder.block(), builder.block()];
  builder.jump(head);
  builder.switchTo(head);
  if (condition === undefined) builder.jump(body);
  else lowerCondition(fn, condition, body, after);
  builder.switchTo(body);
  fn.loops.push({ onBreak: after, onContinue: step, turns: bound.turns });
  fn.facts.push(bound.facts);
  lowerStatement(fn, node.statement);
  fn.facts.pop();
  fn.loops.pop();
  builder.jump(step);
  builder.switchTo(step);
  if (incrementor !== undefined) lowerExpression(fn, incrementor);
  builder.jump(head);
  builder.switchTo(after);
}

/** `while` and `do`. */
export function lowerWhile(fn: FunctionState, node: ts.WhileStatement | ts.DoStatement): void {
  const { builder } = fn;
  const bound = loopBound(fn, node);
  const [head, body, after] = [builder.block(), builder.block(), builder.block()];
  builder.jump(ts.isDoStatement(node) ? body : head);
  builder.switchTo(head);
  lowerCondition(fn, node.expression, body, after);
  builder.switchTo(body);
  fn.loops.push({ onBreak: after, onContinue: head, turns: bound.turns });
  fn.facts.push(bound.facts);
  lowerStatement(fn, node.statement);
  fn.facts.pop();
  fn.loops.pop();
  builder.jump(head);
  builder.switchTo(after);
}

/** `break` and `continue`. */
export function lowerJump(fn: FunctionState, node: ts.BreakOrContinueStatement): void {
  if (node.label !== undefined)
    reject(node, "WG1001", "labels are not compiled yet", "move the inner loop to a function");
  const loop = fn.loops.at(-1);
  const target = ts.isBreakStatement(node) ? loop?.onBreak : loop?.onContinue;
  if (target === undefined || target === null) reject(node, "WG1001", "there is no loop around this");
  fn.builder.jump(target);
}
