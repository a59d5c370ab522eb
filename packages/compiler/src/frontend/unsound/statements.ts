/**
 * The statements of an unsound function that are left out. The order of the source tells what an error reaches: the variables
 * that an unsound statement declares, assigns or compares have no known value after it, so that what names them is left out too.
 * A loop or switch is left out as a whole, since each turn depends on those before.
 */
import ts from "#typescript";
import { isAssignment } from "../expressions/assignments.js";
import { type FunctionWithBody, isFunctionWithBody } from "../functions/called-functions.js";
import { nodeOfSpan } from "../program/error-place.js";
import { nodesIn, symbolsOf } from "./declarations.js";

/**
 * The statements to leave out of a function; null when all of it must be left out, as what is no function always is.
 * @param isUnsound whether a node has an error in it, or is the name of another declaration that is unsound
 */
export function unsoundStatements(
  checker: ts.TypeChecker,
  declaration: ts.Node,
  errors: readonly ts.DiagnosticWithLocation[],
  isUnsound: (node: ts.Node) => boolean,
): readonly ts.Statement[] | null {
  if (!isFunctionWithBody(declaration)) return null;
  const { body } = declaration;
  const unknown = new Set(errors.flatMap((error) => variablesOf(checker, body, error)));
  const isBroken = (node: ts.Node): boolean =>
    nodesIn(node).some((at) => isUnsound(at) || symbolsOf(checker, at).some((symbol) => unknown.has(symbol)));

  const isSignatureBroken =
    ts.forEachChild(declaration, (part) => (part !== body && isBroken(part)) || undefined) === true;
  if (isSignatureBroken || infersResult(checker, declaration)) return null;

  const found: ts.Statement[] = [];
  const visit = (statement: ts.Statement): void => {
    if (ts.isBlock(statement)) for (const inner of statement.statements) visit(inner);
    else if (ts.isIfStatement(statement) && !isBroken(statement.expression)) {
      visit(statement.thenStatement);
      if (statement.elseStatement !== undefined) visit(statement.elseStatement);
    } else if (isBroken(statement)) {
      found.push(statement);
      for (const symbol of changedBy(checker, statement)) unknown.add(symbol);
    }
  };
  visit(body);
  return found;
}

/** Whether a result's type comes from the body, where the errors are. */
function infersResult(checker: ts.TypeChecker, declaration: FunctionWithBody): boolean {
  const signature = checker.getSignatureFromDeclaration(declaration);
  if (declaration.type !== undefined || signature === undefined) return false;
  return !(checker.getReturnTypeOfSignature(signature).flags & ts.TypeFlags.Void);
}

/** The variables that an error speaks of: a mistake in how one is declared often shows at its use, and is told there. */
function variablesOf(
  checker: ts.TypeChecker,
  body: ts.Block,
  { file, start, length }: ts.DiagnosticWithLocation,
): ts.Symbol[] {
  const isOwn = ({ valueDeclaration: at }: ts.Symbol): boolean =>
    at !== undefined && ts.isVariableDeclaration(at) && ts.findAncestor(at, (node) => node === body) === body;
  return nodesIn(nodeOfSpan(file, start, length)).flatMap((node) => symbolsOf(checker, node).filter(isOwn));
}

/** The variables and fields of which nothing is known after a statement that is left out. */
function changedBy(checker: ts.TypeChecker, statement: ts.Statement): ts.Symbol[] {
  const changed = nodesIn(statement).flatMap((node) => {
    if (ts.isVariableDeclaration(node) || isTypeDeclaration(node)) return node.name;
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) return node.left;
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return node.operand;
    return conditionOf(node) ?? [];
  });
  return changed.flatMap((node) => namesCompared(node)).flatMap((name) => symbolsOf(checker, name));
}

/** What an expression is about: its names, of a chain the last, and of a call those of the arguments. */
function namesCompared(expression: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const rest = [expression];
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (ts.isPropertyAccessExpression(node)) found.push(node.name);
    else if (ts.isCallExpression(node)) rest.push(...node.arguments);
    else {
      found.push(node);
      ts.forEachChild(node, (child) => void rest.push(child));
    }
  }
  return found;
}

/** The condition of a statement, by which values are known after it. */
function conditionOf(node: ts.Node): ts.Node | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) return node.expression;
  if (ts.isSwitchStatement(node)) return node.expression;
  return ts.isForStatement(node) ? node.condition : undefined;
}

const isTypeDeclaration = (node: ts.Node): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration =>
  ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
