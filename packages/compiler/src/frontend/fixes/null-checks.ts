/** The check that TypeScript and the verifier want before a nullable reference is used. */
import ts from "#typescript";
import type { Fix } from "../../diagnostics/diagnostic.js";
import type { FixContext } from "./context.js";
import { around, fix, insert, remove, replace } from "./context.js";
import { importEdits, newLine } from "./imports.js";

type Callable = ts.FunctionLikeDeclaration;

const isCallable = (node: ts.Node): node is Callable =>
  ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isArrowFunction(node);

/** A statement that others can stand beside. */
function statementAround(node: ts.Node): ts.Statement | null {
  return around(
    node,
    (at): at is ts.Statement =>
      ts.isStatement(at) &&
      (ts.isBlock(at.parent) || ts.isCaseOrDefaultClause(at.parent)) &&
      isWithinFunction(at),
  );
}

const isWithinFunction = (node: ts.Node): boolean => around(node, isCallable) !== null;

/** Members of a set of results that mean "nothing happened here". */
const harmless = ["Pass", "Ok", "Allow"];

/** What the function returns when there is nothing to do, with the names that it needs; null when that is not evident. */
function emptyResult({ checker }: FixContext, callable: Callable): { text: string; value?: string } | null {
  const signature = checker.getSignatureFromDeclaration(callable);
  if (signature === undefined) return null;
  const type = checker.getReturnTypeOfSignature(signature);
  const named =
    callable.type !== undefined && ts.isTypeReferenceNode(callable.type) ? callable.type.typeName : null;
  if (named !== null && ts.isIdentifier(named)) {
    const symbol = checker
      .getSymbolsInScope(callable, ts.SymbolFlags.Value | ts.SymbolFlags.Alias)
      .find(({ name }) => name === named.text);
    const members =
      symbol === undefined ? [] : checker.getTypeOfSymbol(followAlias(checker, symbol)).getProperties();
    const member = harmless.find((name) => members.some((item) => item.name === name));
    if (member !== undefined) return { text: ` ${named.text}.${member}`, value: named.text };
  }
  if (type.flags & ts.TypeFlags.Void) return { text: "" };
  const parts = type.isUnion() ? type.types : [type];
  if (parts.some((part) => part.flags & ts.TypeFlags.Null)) return { text: " null" };
  if (parts.every((part) => part.flags & ts.TypeFlags.BooleanLike)) return { text: " false" };
  // A flavoured integer is an intersection with the plain one.
  if (checker.isTypeAssignableTo(type, checker.getBigIntType())) return { text: " 0n" };
  return checker.isTypeAssignableTo(type, checker.getNumberType()) ? { text: " 0" } : null;
}

function followAlias(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The ways to leave when something is null: the words for a title, and the statement. */
function exits(
  context: FixContext,
  statement: ts.Statement,
): { title: string; text: string; value?: string }[] {
  const callable = around(statement, isCallable);
  if (callable === null) return [];
  const loop = around(
    statement.parent,
    (node): node is ts.IterationStatement | Callable =>
      ts.isIterationStatement(node, false) || isCallable(node),
  );
  const result = emptyResult(context, callable);
  return [
    ...(loop !== null && !isCallable(loop) ? [{ title: "go on with the next turn", text: "continue;" }] : []),
    ...(result === null ? [] : [{ title: `return${result.text}`, ...result, text: `return${result.text};` }]),
  ];
}

/** Text before a statement, in lines of its own when the statement begins a line. */
function before({ source }: FixContext, statement: ts.Statement, text: string): string {
  const start = statement.getStart(source);
  const line = source.text.slice(source.text.lastIndexOf("\n", start - 1) + 1, start);
  return /^[ \t]*$/.test(line) ? `${text}${newLine(source)}${line}` : `${text} `;
}

/** Names of the variables that the function has, so that a new one is new. */
function freshName(context: FixContext, node: ts.Node): string {
  const taken = new Set(
    context.checker.getSymbolsInScope(node, ts.SymbolFlags.Value).map(({ name }) => name),
  );
  for (const name of ["found", "value", "entry"]) if (!taken.has(name)) return name;
  let count = 2;
  while (taken.has(`found${count}`)) count++;
  return `found${count}`;
}

/** Fixes for an expression that may be null where it may not be. */
export function checkForNull(context: FixContext): Fix[] {
  const { node, source } = context;
  const statement = statementAround(node);
  if (statement === null || !ts.isExpression(node)) return [];
  const isAssertion = ts.isNonNullExpression(node);
  const expression: ts.Expression = isAssertion ? node.expression : node;
  const declaration = node.parent;
  const isInitializer =
    isAssertion &&
    ts.isVariableDeclaration(declaration) &&
    declaration.initializer === node &&
    ts.isIdentifier(declaration.name);
  return exits(context, statement).flatMap(({ title, text, value }) => {
    const imports = value === undefined ? [] : importEdits(context, value, "value");
    const check = (name: string): string => `if (${name} === null) ${text}`;
    const words = (name: string): string => `Check ${name} for null: ${title}`;
    const unassert = isAssertion ? [remove(context, expression.getEnd(), node.getEnd())] : [];
    if (isInitializer) {
      const name = declaration.name.getText(source);
      const start = statement.getStart(source);
      const line = source.text.slice(source.text.lastIndexOf("\n", start - 1) + 1, start);
      const gap = /^[ \t]*$/.test(line) ? `${newLine(source)}${line}` : " ";
      return fix(words(name), unassert, insert(context, statement.getEnd(), `${gap}${check(name)}`), imports);
    }
    if (ts.isIdentifier(expression)) {
      const name = expression.text;
      return fix(
        words(name),
        unassert,
        insert(context, statement.getStart(source), before(context, statement, check(name))),
        imports,
      );
    }
    // What is not a variable is made one: the verifier follows the value that was checked.
    const name = freshName(context, node);
    const declared = `const ${name} = ${expression.getText(source)};`;
    const text2 = before(context, statement, declared) + before(context, statement, check(name));
    return fix(
      words(name),
      replace(context, node, name),
      insert(context, statement.getStart(source), text2),
      imports,
    );
  });
}

/** An index that may be outside of an array: left when it is, or masked. */
export function guardIndex(context: FixContext, length: string, mask: string | undefined): Fix[] {
  const { node, source } = context;
  const statement = statementAround(node);
  const masked =
    mask === undefined || !ts.isExpression(node)
      ? []
      : fix(`Mask the index with ${mask}`, replace(context, node, `${operand(node)} & ${mask}`));
  if (statement === null || !ts.isIdentifier(node) || !isConstant(context, node)) return masked;
  const guards = exits(context, statement).flatMap(({ title, text, value }) =>
    fix(
      `Check the index: ${title}`,
      insert(
        context,
        statement.getStart(source),
        before(context, statement, `if (${node.text} >= ${length}) ${text}`),
      ),
      value === undefined ? [] : importEdits(context, value, "value"),
    ),
  );
  return [...guards, ...masked];
}

const operand = (node: ts.Expression): string =>
  ts.isIdentifier(node) || ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)
    ? node.getText()
    : `(${node.getText()})`;

function isConstant({ checker }: FixContext, node: ts.Identifier): boolean {
  const declaration = checker.getSymbolAtLocation(node)?.valueDeclaration;
  return (
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0
  );
}
