/** What an assignment says of a variable, and what is left of it where branches join: `if (slot > 25) slot = 25;`. */
import ts from "#typescript";
import { type FunctionState, symbolOf } from "../state.js";
import { boundsOf, isNumber } from "../values/scalars.js";
import { intersect, type Range, union, type Value } from "../values/value.js";
import { assignedIn, isAssignedByClosure } from "./compared-variables.js";

/** Facts by variable, of one path. */
export type Facts = ReadonlyMap<ts.Symbol, Range>;

/** Remembers the bounds of what a statement assigned to a variable. What was known of it is forgotten already. */
export function noteAssigned(fn: FunctionState, node: ts.BinaryExpression, value: Value): void {
  if (!ts.isExpressionStatement(node.parent) || !ts.isIdentifier(node.left) || !isNumber(value)) return;
  const symbol = symbolOf(fn.owner, node.left);
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
  for (const symbol of assignedIn(fn, node)) {
    const [first, ...rest] = paths.map((facts) => facts.get(symbol));
    if (first === undefined) continue;
    const ranges = rest.filter((range) => range !== undefined);
    if (ranges.length < rest.length) continue;
    fn.facts.at(-1)?.set(symbol, { ...union([first, ...ranges]), unseen: true });
  }
}
