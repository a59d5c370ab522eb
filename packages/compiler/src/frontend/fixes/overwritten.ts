/** Fixes of names for memory that an assignment overwrites: a copy of what is needed later, or a swap of both at once. */
import ts from "#typescript";
import type { Fix } from "../../diagnostics/diagnostic.js";
import { around, type FixContext, fix, wrap } from "./context.js";
import { importEdits } from "./imports.js";

/** The declaration of a variable that is visible at a node. */
function declarationOf({ checker, node }: FixContext, name: string): ts.VariableDeclaration | null {
  const symbol = checker.getSymbolsInScope(node, ts.SymbolFlags.Variable).find((item) => item.name === name);
  const declaration = symbol?.valueDeclaration;
  return declaration !== undefined && ts.isVariableDeclaration(declaration) ? declaration : null;
}

/** `const old = a; a = b; b = old;` becomes `[a, b] = [b, a];` where nothing else needs `old`. */
function swap(context: FixContext, declaration: ts.VariableDeclaration): Fix[] {
  const { source } = context;
  const statement = around(context.node, ts.isExpressionStatement);
  const block = statement?.parent;
  if (statement === null || block === undefined || !ts.isBlock(block)) return [];
  const index = block.statements.indexOf(statement);
  const [first, last] = [block.statements[index - 1], block.statements[index + 1]];
  if (first === undefined || last === undefined) return [];
  const list = declaration.parent;
  if (!ts.isVariableDeclarationList(list) || list.parent !== first || list.declarations.length !== 1)
    return [];
  const [here, back] = [assignmentOf(statement), assignmentOf(last)];
  const [name, text] = [declaration.name.getText(source), declaration.initializer?.getText(source)];
  const isSwap = here !== null && back !== null && here.left === text && back.left === here.right;
  if (!isSwap || back.right !== name || usesOf(context, block, declaration) !== 2) return [];
  const all = {
    file: source.fileName,
    start: first.getStart(source),
    end: last.getEnd(),
    text: `[${here.left}, ${here.right}] = [${here.right}, ${here.left}];`,
  };
  return fix("Swap both at once", all);
}

function assignmentOf(statement: ts.Statement): { left: string; right: string } | null {
  const expression = ts.isExpressionStatement(statement) ? statement.expression : null;
  return expression !== null &&
    ts.isBinaryExpression(expression) &&
    expression.operatorToken.kind === ts.SyntaxKind.EqualsToken
    ? { left: expression.left.getText(), right: expression.right.getText() }
    : null;
}

/** How often a variable is named below a node, its declaration included. */
function usesOf({ checker }: FixContext, node: ts.Node, declaration: ts.VariableDeclaration): number {
  const symbol = checker.getSymbolAtLocation(declaration.name);
  let count = 0;
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at) && checker.getSymbolAtLocation(at) === symbol) count++;
    ts.forEachChild(at, visit);
  };
  visit(node);
  return count;
}

/** The name `name` stands for memory that is overwritten: it is made to stand for a copy. */
export function copyOverwritten(context: FixContext, name: string): Fix[] {
  const declaration = declarationOf(context, name);
  if (declaration === null || declaration.getSourceFile() !== context.source) return [];
  const { initializer } = declaration;
  if (initializer === undefined) return [];
  const copy = fix(
    `Copy what is needed later: ${name} = copyOf(…)`,
    wrap(context, initializer, "copyOf"),
    importEdits(context, "copyOf", "value"),
  );
  return [...swap(context, declaration), ...copy];
}
