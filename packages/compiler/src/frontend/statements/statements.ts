/** Statements. A mistake in one is recorded and the next is lowered, so that all are reported at once. */

import ts from "#typescript";
import { isAssignment } from "../expressions/assignments.js";
import { lowerExpression } from "../expressions/expressions.js";
import { lowerReturn } from "../functions/returns.js";
import { Rejection, reject, rejectSilently } from "../rejections/rejection.js";
import { unsupported } from "../rejections/unsupported.js";
import { type FactKey, type FunctionState, locationOf } from "../state.js";
import { isLeftOut } from "../unsound/unsound.js";
import type { Range } from "../values/value.js";
import { collectExit } from "./assigned-facts.js";
import { lowerIf } from "./branches.js";
import { isFollowUp } from "./follow-ups.js";
import { lowerForOf } from "./for-of.js";
import { lowerJump, lowerLabeled } from "./jumps.js";
import { withLoop } from "./loop-facts.js";
import { lowerFor, lowerWhile } from "./loops.js";
import { lowerSwitch } from "./switch.js";
import { lowerVariables } from "./variables.js";

/** Lowers one statement; its mistakes go to the class's diagnostics. `labels` are those before it. */
export function lowerStatement(fn: FunctionState, node: ts.Statement, labels: readonly string[] = []): void {
  fn.builder.location = locationOf(fn.owner, node);
  attempt(fn, node, () => {
    if (isLeftOut(fn.owner.kernel, node)) rejectSilently();
    if (ts.isBlock(node)) return lowerBlock(fn, node.statements);
    if (ts.isExpressionStatement(node)) return lowerEffect(fn, node.expression);
    if (ts.isVariableStatement(node)) return lowerVariables(fn, node.declarationList);
    if (ts.isIfStatement(node)) return lowerIf(fn, node);
    if (ts.isReturnStatement(node)) return lowerReturn(fn, node);
    if (ts.isIterationStatement(node, false)) return withLoop(fn, node, () => lowerLoop(fn, node, labels));
    if (ts.isSwitchStatement(node)) return lowerSwitch(fn, node, labels);
    if (ts.isLabeledStatement(node)) return lowerLabeled(fn, node);
    if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) return lowerJump(fn, node);
    if (ts.isEmptyStatement(node) || ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node))
      return;
    unsupported(node);
  });
}

function lowerLoop(fn: FunctionState, node: ts.IterationStatement, labels: readonly string[]): void {
  if (ts.isForStatement(node)) lowerFor(fn, node, labels);
  else if (ts.isWhileStatement(node) || ts.isDoStatement(node)) lowerWhile(fn, node, labels);
  else if (ts.isForOfStatement(node)) lowerForOf(fn, node, labels);
  else unsupported(node);
}

/** An expression whose value nobody takes: something in it must happen. */
function lowerEffect(fn: FunctionState, node: ts.Expression): void {
  lowerExpression(fn, node);
  if (!hasEffect(node))
    reject(
      node,
      "WG1021",
      "nothing happens here, and the value goes nowhere",
      "assign it, return it, or remove it",
    );
}

function hasEffect(node: ts.Node): boolean {
  if (ts.isCallExpression(node) || ts.isTaggedTemplateExpression(node)) return true;
  if (ts.isPostfixUnaryExpression(node)) return true;
  if (ts.isPrefixUnaryExpression(node) && isStep(node.operator)) return true;
  if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) return true;
  return ts.forEachChild(node, (child) => hasEffect(child) || undefined) ?? false;
}

const isStep = (operator: ts.SyntaxKind): boolean =>
  operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;

/** Runs `body`, which lowers `node`; its mistake is recorded, and the function is not finished, also when the mistake was reported elsewhere. */
export function attempt(fn: FunctionState, node: ts.Node, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const { diagnostic } = error;
    if (diagnostic === null) fn.owner.leftOut.push(node);
    else if (!isFollowUp(fn, node, diagnostic.code)) fn.owner.diagnostics.push(diagnostic);
    fn.builder.abandon();
  }
}

/** Statements in a row: what a guard that leaves excludes is known after it. `facts` are known before them; at the end, after them. */
export function lowerBlock(
  fn: FunctionState,
  statements: readonly ts.Statement[],
  facts: Map<FactKey, Range> = new Map(),
): void {
  fn.facts.push(facts);
  for (const statement of statements) {
    lowerStatement(fn, statement);
    if (ts.isIfStatement(statement)) collectExit(fn, statement, facts);
  }
  fn.facts.pop();
}
