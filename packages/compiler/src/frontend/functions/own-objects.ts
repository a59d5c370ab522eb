/** Which functions return an object that they made on their own stack, so that the caller needs a copy. */

import ts from "#typescript";
import { reject } from "../rejections/rejection.js";
import { type ClassState, type FunctionNode, symbolOf } from "../state.js";
import { calledFunction, calleeOf, isOfKernel } from "./called-functions.js";

/** Where an expression's memory is: made in this function, somewhere else, or nothing (null). */
type Origin = "own" | "other" | "none";

/** Functions and methods of @waggle/kernel that give an object on the stack of their caller. */
const makers: ReadonlySet<string> = new Set([
  "zeroed",
  "union",
  "cstring",
  "copyOf",
  // A part of a packet, and a value of a queue or stack.
  "load",
  "pop",
  "peek",
]);

const known = new WeakMap<FunctionNode, boolean>();
const open = new Set<FunctionNode>();

/** Whether the function returns an object of its own stack. Rejects one that returns such an object or a reference. */
export function returnsOwnObject(owner: ClassState, declaration: FunctionNode): boolean {
  const found = known.get(declaration);
  if (found !== undefined) return found;
  // Recursion is reported where functions are called.
  if (open.has(declaration)) return false;
  open.add(declaration);
  try {
    const results = resultsOf(declaration).flatMap((node) => origins(owner, node));
    const own = results.find(({ origin }) => origin === "own");
    const other = results.find(({ origin }) => origin === "other");
    if (own !== undefined && other !== undefined)
      reject(
        other.node,
        "WG1015",
        "this is a reference, and another return gives an object of this function, which is copied",
        "return a copy here too: { ...value }",
      );
    known.set(declaration, own !== undefined);
    return own !== undefined;
  } finally {
    open.delete(declaration);
  }
}

/** What the returns of a body give. */
export function resultsOf(declaration: FunctionNode): ts.Expression[] {
  const { body } = declaration;
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const results: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined) results.push(node.expression);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return results;
}

function origins(owner: ClassState, node: ts.Expression): { origin: Origin; node: ts.Expression }[] {
  if (ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node))
    return origins(owner, node.expression);
  if (ts.isConditionalExpression(node))
    return [...origins(owner, node.whenTrue), ...origins(owner, node.whenFalse)];
  if (
    ts.isBinaryExpression(node) &&
    (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken ||
      node.operatorToken.kind === ts.SyntaxKind.BarBarToken)
  )
    return [...origins(owner, node.left), ...origins(owner, node.right)];
  return [{ origin: originOf(owner, node), node }];
}

function originOf(owner: ClassState, node: ts.Expression): Origin {
  if (node.kind === ts.SyntaxKind.NullKeyword) return "none";
  if (ts.isObjectLiteralExpression(node) || ts.isArrayLiteralExpression(node)) return "own";
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
    return originOf(owner, node.expression);
  if (ts.isParenthesizedExpression(node)) return originOf(owner, node.expression);
  if (ts.isCallExpression(node)) return originOfCall(owner, node);
  if (!ts.isIdentifier(node)) return "other";
  if (node.text === "undefined") return "none";
  const declaration = symbolOf(owner, node)?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return "other";
  // A variable of the module is not on anybody's stack.
  if (ts.isSourceFile(declaration.parent.parent.parent)) return "other";
  const { initializer } = declaration;
  if (initializer === undefined) return "other";
  const found = origins(owner, initializer).map(({ origin }) => origin);
  return found.includes("own") ? "own" : found.includes("other") ? "other" : "none";
}

function originOfCall(owner: ClassState, node: ts.CallExpression): Origin {
  const called = calledFunction(owner, node);
  if (called !== null && !isOfKernel(owner, called)) return returnsOwnObject(owner, called) ? "own" : "other";
  return makers.has(calleeOf(owner, node)?.name ?? "") ? "own" : "other";
}
