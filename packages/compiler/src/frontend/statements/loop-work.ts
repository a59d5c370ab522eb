/** How much the verifier walks in a turn of a loop, as far as its source shows. */
import ts from "#typescript";

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
