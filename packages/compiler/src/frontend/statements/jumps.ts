/** `break`, `continue`, and the labels that they name. */
import ts from "#typescript";
import { reject } from "../rejections/rejection.js";
import type { FunctionState, JumpTargets } from "../state.js";
import { doesExit } from "./loop-source.js";
import { lowerStatement } from "./statements.js";

/** `break` and `continue`. */
export function lowerJump(fn: FunctionState, node: ts.BreakOrContinueStatement): void {
  const isBreak = ts.isBreakStatement(node);
  const found = fn.jumps.findLast((targets) => isTarget(targets, node));
  const target = isBreak ? found?.onBreak : found?.onContinue;
  // TypeScript has refused jumps to labels that are not there; only those out of a closure are left.
  if (target === undefined || target === null)
    reject(node, "WG1001", `${node.getText()} has nothing to leave here`);
  fn.builder.jump(target);
}

function isTarget(targets: JumpTargets, node: ts.BreakOrContinueStatement): boolean {
  if (node.label !== undefined) return targets.labels.includes(node.label.text);
  // A block is left by its label only, and continue passes a switch by.
  return ts.isBreakStatement(node) ? !targets.isBlock : targets.onContinue !== null;
}

/** `label: statement`. A loop takes its labels along; any other statement is what `break label` leaves. */
export function lowerLabeled(fn: FunctionState, node: ts.LabeledStatement): void {
  const labels: string[] = [];
  let inner: ts.Statement = node;
  while (ts.isLabeledStatement(inner)) {
    labels.push(inner.label.text);
    inner = inner.statement;
  }
  if (ts.isIterationStatement(inner, false) || ts.isSwitchStatement(inner)) {
    lowerStatement(fn, inner, labels);
    return;
  }
  const after = fn.builder.block();
  const turns = fn.jumps.at(-1)?.turns ?? 1n;
  // `break label` comes from where less is known than at the statement's end.
  fn.facts.push(new Map());
  withJumps(fn, { onBreak: after, onContinue: null, isBlock: true, labels, turns }, () =>
    lowerStatement(fn, inner),
  );
  fn.facts.pop();
  fn.builder.jump(after);
  fn.builder.switchTo(after);
}

/** Runs `body` where `break` and `continue` go to these targets. */
export function withJumps(fn: FunctionState, targets: JumpTargets, body: () => void): void {
  fn.jumps.push(targets);
  try {
    body();
  } finally {
    fn.jumps.pop();
  }
}

/** Whether control never comes to the statement after these. */
export const doAllExit = (statements: readonly ts.Statement[]): boolean => statements.some(doesExit);
