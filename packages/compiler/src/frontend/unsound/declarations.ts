/** Declarations that can be left out one by one, and which of them name which others. */
import ts from "#typescript";
import { nodesOf } from "../rejections/depth.js";

/** The declarations of the user's files. */
export interface DeclarationGraph {
  /** The declarations that each names, and those around it: what it means depends on them. */
  readonly named: ReadonlyMap<ts.Node, ReadonlySet<ts.Node>>;
  /** Declarations that name what is imported from where there is nothing. */
  readonly unresolved: ReadonlySet<ts.Node>;
}

/** The innermost declaration around a node that can be left out alone: a member of a class, an imported name, a statement of a file. */
export function declarationAround(node: ts.Node): ts.Node {
  for (let at = node; ; at = at.parent) if (isAlone(at)) return at;
}

function isAlone(node: ts.Node): boolean {
  if (ts.isSourceFile(node) || ts.isSourceFile(node.parent) || ts.isImportSpecifier(node)) return true;
  if (ts.isClassElement(node)) return ts.isSourceFile(node.parent.parent);
  return ts.isVariableDeclaration(node) && isOfFile(node);
}

const isOfFile = ({ parent }: ts.VariableDeclaration): boolean =>
  ts.isVariableDeclarationList(parent) && ts.isSourceFile(parent.parent.parent);

/** A node and all below it. Long chains of operators are too deep for recursion. */
export function nodesIn(root: ts.Node): readonly ts.Node[] {
  return Array.from(nodesOf(root), ({ node }) => node);
}

/** Whether a name is imported from where there is nothing. The error is told at an import, perhaps of another file. */
export function isUnresolved(checker: ts.TypeChecker, node: ts.Node): boolean {
  const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
  if (symbol === undefined || !(symbol.flags & ts.SymbolFlags.Alias)) return false;
  return (checker.getAliasedSymbol(symbol).declarations ?? []).length === 0;
}

/** What a name stands for: the symbol, and for an imported one also what it is where it comes from. */
export function symbolsOf(checker: ts.TypeChecker, node: ts.Node): readonly ts.Symbol[] {
  const isKey = ts.isStringLiteralLike(node) && ts.isElementAccessExpression(node.parent);
  if (!ts.isIdentifier(node) && !isKey) return [];
  const symbol = checker.getSymbolAtLocation(node);
  const shorthand = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : undefined;
  return [symbol, shorthand].flatMap((found) => {
    if (found === undefined) return [];
    return found.flags & ts.SymbolFlags.Alias ? [found, checker.getAliasedSymbol(found)] : [found];
  });
}

/** The declarations of the files that a name leads to. */
export function declarationsNamed(
  checker: ts.TypeChecker,
  files: ReadonlySet<ts.SourceFile>,
  node: ts.Node,
): readonly ts.Node[] {
  return symbolsOf(checker, node).flatMap(({ declarations = [] }) =>
    declarations.filter((at) => files.has(at.getSourceFile())).map(declarationAround),
  );
}

/** Which declarations of the files name which others. */
export function declarationGraph(
  checker: ts.TypeChecker,
  files: ReadonlySet<ts.SourceFile>,
): DeclarationGraph {
  const named = new Map<ts.Node, Set<ts.Node>>();
  const unresolved = new Set<ts.Node>();
  for (const file of files)
    for (const node of nodesIn(file)) {
      const around = declarationAround(node);
      const others = named.get(around) ?? new Set();
      named.set(around, others);
      if (around === node && node !== file) others.add(declarationAround(node.parent));
      if (isUnresolved(checker, node)) unresolved.add(around);
      for (const other of declarationsNamed(checker, files, node)) if (other !== around) others.add(other);
    }
  return { named, unresolved };
}
