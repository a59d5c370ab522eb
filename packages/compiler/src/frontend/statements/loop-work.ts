/** How much the verifier walks in a turn of a loop, as far as its source shows. */
import ts from "#typescript";
import { type FunctionState, symbolOf } from "../state.js";
import { assignedIn } from "./compared-variables.js";
import { constantNumber } from "./facts.js";

/** A branch that joins again makes the verifier walk what follows once more where the states differ. */
const weightOfBranch = 2n;
/** An inner loop is walked turn by turn, if it has few. */
const weightOfLoop = 16n;
/** Arguments, checks of the result. */
const weightOfCall = 4n;

const isShort = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node) &&
  [
    ts.SyntaxKind.AmpersandAmpersandToken,
    ts.SyntaxKind.BarBarToken,
    ts.SyntaxKind.QuestionQuestionToken,
  ].includes(node.operatorToken.kind);

/** A statement that a branch leads out by needs no second walk of what follows. */
const leaves = (node: ts.Statement): boolean =>
  ts.isReturnStatement(node) ||
  ts.isBreakStatement(node) ||
  (ts.isBlock(node) && node.statements.length > 0 && node.statements.some(leaves));

/** About how many instructions the verifier walks in a turn, counted by the operations in the body. */
export function workOf(body: ts.Node): bigint {
  let operations = 1n;
  let branches = 0n;
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    if (ts.isBinaryExpression(node) || ts.isPropertyAccessExpression(node)) operations += 1n;
    else if (ts.isElementAccessExpression(node)) operations += 2n;
    else if (ts.isCallExpression(node)) operations += weightOfCall;
    if (isShort(node) || ts.isConditionalExpression(node) || ts.isCaseClause(node)) branches += 1n;
    if (ts.isIfStatement(node) && !leaves(node.thenStatement)) branches += 1n;
    if (ts.isIterationStatement(node, false)) {
      operations += weightOfLoop * workOf(node.statement);
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return operations * (1n + weightOfBranch * branches);
}

/**
 * How many branches of a turn the verifier cannot decide, each of which it keeps waiting until it has followed the loop to its end. Those
 * of inner loops are theirs.
 *
 * @param counters variables that it knows in every turn
 */
export function undecidedBranches(
  fn: FunctionState,
  loop: ts.IterationStatement,
  counters: ReadonlySet<ts.Symbol>,
): bigint {
  const changing = assignedIn(fn, loop);
  let branches = 0n;
  const ask = (condition: ts.Expression): void => {
    if (isShort(condition) && ts.isBinaryExpression(condition)) {
      ask(condition.left);
      ask(condition.right);
      return;
    }
    const { isUnknown, changes } = partsOf(fn, condition, counters, changing);
    // What does not change is decided by the first turn.
    if (isUnknown && changes) branches += 1n;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIterationStatement(node, false)) return;
    if (ts.isIfStatement(node)) ask(node.expression);
    if (ts.isConditionalExpression(node)) ask(node.condition);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(loop.statement, visit);
  return branches;
}

function partsOf(
  fn: FunctionState,
  condition: ts.Expression,
  counters: ReadonlySet<ts.Symbol>,
  changing: ReadonlySet<ts.Symbol>,
): { isUnknown: boolean; changes: boolean } {
  let [isUnknown, changes] = [false, false];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) [isUnknown, changes] = [true, true];
    if (ts.isPropertyAccessExpression(node) && constantNumber(fn, node) === null) isUnknown = true;
    const symbol = ts.isIdentifier(node) ? symbolOf(fn.owner, node) : null;
    if (symbol !== null && fn.bindings.has(symbol)) {
      if (changing.has(symbol)) changes = true;
      if (!counters.has(symbol)) isUnknown = true;
    }
    ts.forEachChild(node, visit);
  };
  visit(condition);
  return { isUnknown, changes };
}
