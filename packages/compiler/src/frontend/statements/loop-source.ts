/** What the source of a loop shows: what every turn does, what leaves it, what it assigns. */
import ts from "#typescript";
import type { FunctionState } from "../state.js";
import { assignmentsTo } from "./compared-variables.js";

const K = ts.SyntaxKind;

/** A loop with a condition. */
export type ConditionalLoop = ts.ForStatement | ts.WhileStatement | ts.DoStatement;

/** What must hold for the loop to go on; undefined for `for (;;)`. */
export const conditionOf = (node: ConditionalLoop): ts.Expression | undefined =>
  ts.isForStatement(node) ? node.condition : node.expression;

/** Expressions that every turn runs, with which it may count. */
export const stepsOf = (node: ConditionalLoop): ts.Expression[] =>
  ts.isForStatement(node) && node.incrementor !== undefined
    ? partsOf(node.incrementor)
    : topLevelExpressions(node.statement);

/** Whether something in the loop other than `step` assigns the variable once it runs. */
export function isAssignedBeside(
  fn: FunctionState,
  node: ConditionalLoop,
  symbol: ts.Symbol,
  step: ts.Node,
): boolean {
  const rest = ts.isForStatement(node) && node.incrementor !== undefined ? [node.incrementor] : [];
  return [node.statement, ...rest].some((root) =>
    assignmentsTo(fn, root, symbol).some((assignment) => assignment !== step),
  );
}

/** Whether a statement never goes on to the next. */
export function doesExit(node: ts.Statement): boolean {
  if (ts.isReturnStatement(node) || ts.isBreakStatement(node) || ts.isContinueStatement(node)) return true;
  if (ts.isBlock(node)) return node.statements.some(doesExit);
  return (
    ts.isIfStatement(node) &&
    node.elseStatement !== undefined &&
    doesExit(node.thenStatement) &&
    doesExit(node.elseStatement)
  );
}

/** What is tested on every turn before anything goes on with the next: `if (i >= 16) break;`. */
export function exitTests(body: ts.Statement): { condition: ts.Expression; holds: boolean }[] {
  const found: { condition: ts.Expression; holds: boolean }[] = [];
  for (const statement of ts.isBlock(body) ? body.statements : [body]) {
    if (ts.isIfStatement(statement) && leavesLoop(statement.thenStatement))
      found.push({ condition: statement.expression, holds: false });
    else if (mayContinue(statement)) break;
  }
  return found;
}

/** Whether the statement leaves the loop that it stands in, or whose body it is. */
export function leavesLoop(node: ts.Statement): boolean {
  if (ts.isReturnStatement(node)) return true;
  if (ts.isBreakStatement(node)) return node.label === undefined || isAround(node, loopAround(node));
  if (ts.isContinueStatement(node)) return continuedBy(node) !== loopAround(node);
  return (
    ts.isBlock(node) &&
    node.statements.at(-1) !== undefined &&
    node.statements.some(leavesLoop) &&
    !mayContinue(node)
  );
}

/** The parts of `a, b, c`, or of another operator's chain. */
export const partsOf = (node: ts.Expression, operator: ts.SyntaxKind = K.CommaToken): ts.Expression[] =>
  ts.isParenthesizedExpression(node)
    ? partsOf(node.expression, operator)
    : ts.isBinaryExpression(node) && node.operatorToken.kind === operator
      ? [...partsOf(node.left, operator), ...partsOf(node.right, operator)]
      : [node];

/** Expressions that every turn of the body runs: before anything that could go on with the next turn. */
function topLevelExpressions(body: ts.Statement): ts.Expression[] {
  const found: ts.Expression[] = [];
  for (const statement of ts.isBlock(body) ? body.statements : [body]) {
    if (ts.isExpressionStatement(statement)) found.push(...partsOf(statement.expression));
    else if (mayContinue(statement)) break;
  }
  return found;
}

/** Whether the loop that a statement stands in may go on with its next turn from within this. */
export function mayContinue(node: ts.Node, loop = loopAround(node)): boolean {
  if (ts.isContinueStatement(node)) return continuedBy(node) === loop;
  return ts.forEachChild(node, (child) => mayContinue(child, loop) || undefined) ?? false;
}

const loopAround = (node: ts.Node): ts.Node | undefined =>
  ts.findAncestor(node.parent, (each) => ts.isIterationStatement(each, false));

const labelled = ({ label, parent }: ts.BreakOrContinueStatement): ts.LabeledStatement | undefined =>
  ts.findAncestor(parent, (each) => ts.isLabeledStatement(each) && each.label.text === label?.text) as
    | ts.LabeledStatement
    | undefined;

/** The loop whose next turn a `continue` begins. */
function continuedBy(node: ts.ContinueStatement): ts.Node | undefined {
  if (node.label === undefined) return loopAround(node);
  let target: ts.Statement | undefined = labelled(node);
  while (target !== undefined && ts.isLabeledStatement(target)) target = target.statement;
  return target;
}

/** Whether what a `break` leaves by its label is the loop, or has it inside. */
const isAround = (node: ts.BreakStatement, loop: ts.Node | undefined): boolean => {
  const target = labelled(node);
  return target !== undefined && ts.findAncestor(loop, (each) => each === target) !== undefined;
};
