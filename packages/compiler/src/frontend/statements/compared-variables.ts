/** Variables whose comparisons are remembered, and what makes them be forgotten. */

import ts from "#typescript";
import { type FactKey, type FunctionState, symbolOf } from "../state.js";
import { boundsOf, isNumber } from "../values/scalars.js";
import { intersect, type Range } from "../values/value.js";
import { forgetFields, mayChange, placePath } from "./compared-places.js";

/**
 * The variable that one side of the comparison names, if what the comparison says of it holds until it is assigned; null when
 * it is none, or may be assigned where that is not seen: by a closure, or by the condition itself.
 */
export function comparedVariable(
  fn: FunctionState,
  side: ts.Expression,
  comparison: ts.Expression,
): FactKey | null {
  const inner = ts.isParenthesizedExpression(side) ? side.expression : side;
  if (ts.isPropertyAccessExpression(inner)) {
    const path = placePath(fn, inner);
    return path === null || mayChange(fn, wholeCondition(comparison), path) ? null : path;
  }
  const symbol = ts.isIdentifier(inner) ? symbolOf(fn.owner, inner) : null;
  const kind = symbol === null ? undefined : fn.bindings.get(symbol)?.kind;
  if (symbol === null || kind === "value") return symbol;
  if (kind !== "scalar" || isAssignedByClosure(fn, symbol)) return null;
  return assignedIn(fn, wholeCondition(comparison)).has(symbol) ? null : symbol;
}

/** What is known of a limit that is a constant variable; null when it is none. */
export function limitOf(fn: FunctionState, node: ts.Expression): Range | null {
  const symbol = ts.isIdentifier(node) ? symbolOf(fn.owner, node) : null;
  const binding = symbol === null ? undefined : fn.bindings.get(symbol);
  if (symbol === null || binding?.kind !== "value" || !isNumber(binding.value)) return null;
  return fn.facts.reduce((range, facts) => {
    const fact = facts.get(symbol);
    return fact === undefined ? range : intersect(range, fact);
  }, boundsOf(binding.value));
}

/** Forgets what comparisons said of the variables that a part of the source assigns: before a loop, and after an assignment. */
export function forgetAssigned(fn: FunctionState, node: ts.Node): void {
  for (const symbol of assignedIn(fn, node)) for (const facts of fn.facts) facts.delete(symbol);
  forgetFields(fn, node);
}

/** Whether a part of the source leaves the variable as it is, and no closure assigns it. */
export const isUnassigned = (fn: FunctionState, symbol: ts.Symbol, root: ts.Node): boolean =>
  !isAssignedByClosure(fn, symbol) && !assignedIn(fn, root).has(symbol);

const wholes = new WeakMap<ts.Expression, ts.Expression>();

/** The condition that an expression is a part of, found once for each part. */
function wholeCondition(node: ts.Expression): ts.Expression {
  const parts: ts.Expression[] = [];
  let whole = node;
  for (;;) {
    const known = wholes.get(whole);
    if (known !== undefined) whole = known;
    const { parent } = whole;
    if (
      !(
        ts.isBinaryExpression(parent) ||
        ts.isParenthesizedExpression(parent) ||
        ts.isPrefixUnaryExpression(parent)
      )
    )
      break;
    parts.push(whole);
    whole = parent;
  }
  for (const part of parts) wholes.set(part, whole);
  return whole;
}

const assigned = new WeakMap<ts.Node, ReadonlySet<ts.Symbol>>();

const nothing: ReadonlySet<ts.Symbol> = new Set();

/** The variables assigned in a part of the source: each part is looked at once, however deep the statements around it are. */
export function assignedIn(fn: FunctionState, root: ts.Node): ReadonlySet<ts.Symbol> {
  const known = assigned.get(root);
  if (known !== undefined) return known;
  let found: Set<ts.Symbol> | null = null;
  const add = (symbol: ts.Symbol): void => {
    found ??= new Set();
    found.add(symbol);
  };
  const target = assignedBy(root);
  if (target !== null) visitNames(fn, target, add);
  ts.forEachChild(root, (child) => assignedIn(fn, child).forEach(add));
  assigned.set(root, found ?? nothing);
  return found ?? nothing;
}

/** The assignments, steps and patterns in a part of the source that give the variable a value. */
export function assignmentsTo(fn: FunctionState, root: ts.Node, variable: ts.Symbol): readonly ts.Node[] {
  const found: ts.Node[] = [];
  visitAssigned(fn, root, (symbol, node) => {
    if (symbol === variable) found.push(node);
  });
  return found;
}

/** Each variable that something in a part of the source assigns, with what does. */
function visitAssigned(
  fn: FunctionState,
  root: ts.Node,
  found: (symbol: ts.Symbol, by: ts.Node) => void,
): void {
  const visit = (node: ts.Node): void => {
    const target = assignedBy(node);
    if (target !== null) visitNames(fn, target, (symbol) => found(symbol, node));
    ts.forEachChild(node, visit);
  };
  visit(root);
}

/** The variables that the left side of an assignment names: `a[i] = x` assigns neither `a` nor `i`, only a pattern's names are. */
function visitNames(fn: FunctionState, node: ts.Node, found: (symbol: ts.Symbol) => void): void {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return;
  const symbol = ts.isShorthandPropertyAssignment(node)
    ? fn.owner.checker.getShorthandAssignmentValueSymbol(node)
    : ts.isIdentifier(node)
      ? symbolOf(fn.owner, node)
      : null;
  if (symbol !== null && symbol !== undefined) found(symbol);
  ts.forEachChild(node, (child) => visitNames(fn, child, found));
}

/** What a node assigns: the left side of an assignment, the operand of a step. */
function assignedBy(node: ts.Node): ts.Node | null {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const isAssignment = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return isAssignment ? node.left : null;
  }
  const { PlusPlusToken, MinusMinusToken } = ts.SyntaxKind;
  const isStep =
    (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) &&
    (node.operator === PlusPlusToken || node.operator === MinusMinusToken);
  return isStep ? node.operand : null;
}

const byClosures = new WeakMap<ts.Symbol, boolean>();

/** Whether a function inside of the variable's own assigns it. */
export function isAssignedByClosure(fn: FunctionState, symbol: ts.Symbol): boolean {
  const known = byClosures.get(symbol);
  if (known !== undefined) return known;
  const owner = ts.findAncestor(symbol.valueDeclaration, ts.isFunctionLike);
  const visit = (node: ts.Node): boolean =>
    ts.isFunctionLike(node) && node !== owner
      ? assignedIn(fn, node).has(symbol)
      : (ts.forEachChild(node, (child) => visit(child) || undefined) ?? false);
  const result = owner === undefined || visit(owner);
  byClosures.set(symbol, result);
  return result;
}
