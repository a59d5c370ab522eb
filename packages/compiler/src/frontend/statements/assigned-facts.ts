/** What an assignment says of a variable, and what is left of it where branches join: `if (slot > 25) slot = 25;`. */
import ts from "#typescript";
import { type FactKey, type FunctionState, type PlacePath, symbolOf } from "../state.js";
import { boundsOf, isNumber } from "../values/scalars.js";
import { intersect, type Range, type ScalarValue, union, type Value } from "../values/value.js";
import { isPath, mayChange, pathOf, placePath } from "./compared-places.js";
import { assignedIn, assignmentsTo, isAssignedByClosure } from "./compared-variables.js";
import { collectFacts } from "./facts.js";
import { doesExit } from "./loop-source.js";

/** Facts by variable, of one path. */
export type Facts = ReadonlyMap<FactKey, Range>;

/** Remembers the bounds of what `node` assigned to a variable. What was known of it is forgotten already. */
export function noteAssigned(fn: FunctionState, node: ts.Node, target: ts.Expression, value: Value): void {
  if (isNumber(value)) fn.assigned.set(node, boundsOf(value));
  // `a &&= b` gives no value: it may not have assigned anything.
  if (!ts.isExpressionStatement(node.parent) || value.kind === "void") return;
  if (ts.isPropertyAccessExpression(target)) noteField(fn, placePath(fn, target), node);
  else noteDeclared(fn, target, value);
}

/** Remembers the number that an assignment or a literal stored in a place. */
export function noteStored(fn: FunctionState, node: ts.Node, stored: ScalarValue | null): void {
  if (stored !== null && isNumber(stored)) fn.stored.set(node, stored);
}

/** A field of a struct on the stack has the number that was stored until something may change it. */
function noteField(fn: FunctionState, path: PlacePath | null, node: ts.Node): void {
  const read = fn.stored.get(node);
  if (path?.isOwn && read !== undefined)
    fn.facts.at(-1)?.set(path, { ...boundsOf(read), unseen: true, read });
}

/** What a literal gives the fields of a variable that refers to it. */
export function noteLiteral(
  fn: FunctionState,
  name: ts.Identifier,
  literal: ts.Expression,
  names: readonly string[] = [],
): void {
  if (!ts.isObjectLiteralExpression(literal)) return;
  for (const property of literal.properties) {
    const { name: field } = property;
    if (field === undefined || !ts.isIdentifier(field)) continue;
    const value = ts.isPropertyAssignment(property) ? property.initializer : field;
    const path = [...names, field.text];
    noteField(fn, pathOf(fn, name, path), value);
    noteLiteral(fn, name, value, path);
  }
}

/** The same of the first value of a variable. */
export function noteDeclared(fn: FunctionState, name: ts.Expression, value: Value): void {
  if (!ts.isIdentifier(name) || !isNumber(value)) return;
  const symbol = symbolOf(fn.owner, name);
  const binding = symbol === null ? undefined : fn.bindings.get(symbol);
  if (symbol === null || binding?.kind !== "scalar" || isAssignedByClosure(fn, symbol)) return;
  fn.facts.at(-1)?.set(symbol, { ...boundsOf(value), unseen: true });
}

/** Adds what the scopes around say of the variables: a branch may forget it by an assignment. */
export function withOuterFacts(fn: FunctionState, facts: Facts): Facts {
  const known = new Map(facts);
  for (const outer of fn.facts)
    for (const [symbol, range] of outer) {
      const here = known.get(symbol);
      known.set(symbol, here === undefined ? range : intersect(here, range));
    }
  return known;
}

/** After a statement that branches: what every path that comes out of it says of the variables that it assigns. */
export function joinFacts(fn: FunctionState, node: ts.Node, paths: readonly Facts[]): void {
  const fields = [...(paths[0]?.keys() ?? [])].filter(
    (key) => isPath(key) && key.isOwn && mayChange(fn, node, key),
  );
  for (const key of [...assignedIn(fn, node), ...fields]) {
    const [first, ...rest] = paths.map((facts) => facts.get(key));
    if (first === undefined) continue;
    const ranges = rest.filter((range) => range !== undefined);
    if (ranges.length < rest.length) continue;
    fn.facts.at(-1)?.set(key, { ...union([first, ...ranges]), unseen: true });
  }
}

/** After a `switch`: what a variable was before it, and what all its clauses give it. */
export function joinClauses(fn: FunctionState, node: ts.SwitchStatement, before: Facts): void {
  for (const symbol of assignedIn(fn, node)) {
    const known = before.get(symbol);
    const given = assignmentsTo(fn, node, symbol).map((assignment) => fn.assigned.get(assignment));
    const ranges = given.filter((range) => range !== undefined);
    if (known === undefined || ranges.length < given.length || isAssignedByClosure(fn, symbol)) continue;
    fn.facts.at(-1)?.set(symbol, { ...union([known, ...ranges]), unseen: true });
  }
}

/** What is known after an `if` one of whose branches leaves: what its condition says where the other one is taken. */
export function collectExit(fn: FunctionState, node: ts.IfStatement, into: Map<FactKey, Range>): void {
  const { thenStatement, elseStatement, expression } = node;
  const [leavesThen, leavesElse] = [
    doesExit(thenStatement),
    elseStatement !== undefined && doesExit(elseStatement),
  ];
  if (leavesThen === leavesElse) return;
  const other = leavesThen ? elseStatement : thenStatement;
  const found = new Map<FactKey, Range>();
  collectFacts(fn, expression, leavesElse, found);
  for (const [key, range] of found) {
    const isChanged =
      other !== undefined && (isPath(key) ? mayChange(fn, other, key) : assignedIn(fn, other).has(key));
    const known = into.get(key);
    const isSame = known !== undefined && known.read?.id === range.read?.id;
    if (!isChanged) into.set(key, isSame ? { ...known, ...range, ...intersect(known, range) } : range);
  }
}
