/**
 * What is left out because TypeScript found an error in it. Lowering takes types on trust, so that code with an error in it, or
 * that names something with an error, may not be lowered: it would give diagnostics that follow from the error, or none of the
 * forms that lowering knows. All the rest is sound, and its own mistakes are told beside TypeScript's.
 *
 * An error makes the declaration around it unsound, and so is each declaration that names an unsound one: types come from names.
 * Of an unsound function whose signature is sound, only the statements that the errors reach are left out.
 */
import ts from "#typescript";
import { declarationAround, declarationGraph, declarationsNamed, isUnresolved } from "./declarations.js";
import { unsoundStatements } from "./statements.js";

/** The code that is not to be trusted. */
export interface Unsound {
  /** Declarations with an error, and those that depend on them. */
  readonly declarations: ReadonlySet<ts.Node>;
  /** Declarations and statements that are not lowered. */
  readonly leftOut: ReadonlySet<ts.Node>;
}

/** Whether a declaration or statement is not lowered because of TypeScript's errors. */
export function isLeftOut({ unsound }: { readonly unsound: Unsound | null }, node: ts.Node): boolean {
  return unsound?.leftOut.has(node) === true;
}

/** Finds what the errors of a program make unsound. Of the `unchecked` files it is not known what is wrong. */
export function unsoundOf(
  checker: ts.TypeChecker,
  files: ReadonlySet<ts.SourceFile>,
  errors: readonly ts.DiagnosticWithLocation[],
  unchecked: readonly ts.SourceFile[],
): Unsound {
  const { named, unresolved } = declarationGraph(checker, files);
  const errorsOf = new Map<ts.Node, ts.DiagnosticWithLocation[]>();
  const withError = new Set<ts.Node>();
  const wholes = new Set<ts.Node>();
  for (const error of errors) {
    const token = tokenAt(error.file, error.start);
    const around = declarationAround(token);
    for (let node = token; node !== around; node = node.parent) withError.add(node);
    // At a brace or a keyword, an error may be about anything in it.
    if (token === around || ts.isBlock(token)) wholes.add(around);
    const others = errorsOf.get(around);
    if (others === undefined) errorsOf.set(around, [error]);
    else others.push(error);
  }
  const declarations = closure(named, [...unchecked, ...unresolved, ...errorsOf.keys()]);
  const leftOut = new Set<ts.Node>();
  for (const declaration of declarations) {
    const isUnsound = (node: ts.Node): boolean =>
      withError.has(node) ||
      isUnresolved(checker, node) ||
      declarationsNamed(checker, files, node).some((at) => at !== declaration && declarations.has(at));
    const around = ts.isSourceFile(declaration) ? declaration : declarationAround(declaration.parent);
    const inside =
      declarations.has(around) || wholes.has(declaration)
        ? null
        : unsoundStatements(checker, declaration, errorsOf.get(declaration) ?? [], isUnsound);
    for (const node of inside ?? [declaration]) leftOut.add(node);
  }
  return { declarations, leftOut };
}

/** The innermost node at a position. */
function tokenAt(file: ts.SourceFile, start: number): ts.Node {
  const isAt = (node: ts.Node): boolean => node.getFullStart() <= start && start < node.getEnd();
  let found: ts.Node = file;
  for (let next: ts.Node | undefined = file; next !== undefined; ) {
    found = next;
    next = ts.forEachChild(next, (child) => (isAt(child) ? child : undefined));
  }
  return found;
}

/** The nodes of `from` and all that name them, directly or through others. */
function closure(
  named: ReadonlyMap<ts.Node, ReadonlySet<ts.Node>>,
  from: readonly ts.Node[],
): ReadonlySet<ts.Node> {
  const naming = new Map<ts.Node, ts.Node[]>();
  for (const [node, others] of named)
    for (const other of others) {
      const known = naming.get(other);
      if (known === undefined) naming.set(other, [node]);
      else known.push(node);
    }
  const found = new Set<ts.Node>();
  const queue = [...from];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    queue.push(...(naming.get(node) ?? []));
  }
  return found;
}
