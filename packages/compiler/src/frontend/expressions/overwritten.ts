/** Names for memory that an assignment overwrites: JavaScript would keep the old object, a copy into memory does not. */
import ts from "#typescript";
import { sizeOf } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import { type Binding, type FunctionState, symbolOf } from "../state.js";
import type { MemoryValue } from "../values/value.js";

/**
 * Rejects `place = …`, which copies a struct or an array, when a name refers to memory in that place and is used afterwards.
 */
export function rejectOverwritten(fn: FunctionState, place: MemoryValue, node: ts.BinaryExpression): void {
  if (place.type.kind !== "struct" && place.type.kind !== "array") return;
  const root = rootOf(node.left);
  for (const [symbol, binding] of fn.bindings) {
    const named = memoryOf(binding);
    if (named === null || !isInside(named, place)) continue;
    if (symbol === symbolOf(fn.owner, root) || !isUsedLater(fn, symbol, node)) continue;
    reject(
      node.left,
      "WG1022",
      `${symbol.name} refers to ${node.left.getText()}, which is overwritten here, and is used later`,
      `copy what is needed later: ${symbol.name} = copyOf(…)`,
    );
  }
}

function memoryOf(binding: Binding): MemoryValue | null {
  if (binding.kind === "reference") return binding.origin;
  return binding.kind === "value" && binding.value.kind === "memory" ? binding.value : null;
}

const isInside = (inner: MemoryValue, outer: MemoryValue): boolean =>
  inner.pointer === outer.pointer &&
  inner.displacement >= outer.displacement &&
  inner.displacement + sizeOf(inner.type) <= outer.displacement + sizeOf(outer.type);

/** `a` of `a.b[c]`. */
function rootOf(node: ts.Expression): ts.Expression {
  return ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isParenthesizedExpression(node)
    ? rootOf(node.expression)
    : node;
}

/** Whether a name of the function around the node is used after it, or in another turn of a loop around it. */
function isUsedLater(fn: FunctionState, symbol: ts.Symbol, node: ts.Node): boolean {
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined) return false;
  let repeated: ts.Node | null = null;
  let around: ts.Node = node.parent;
  for (; !ts.isFunctionLike(around) && !ts.isSourceFile(around); around = around.parent) {
    if (ts.isIterationStatement(around, false) && !contains(around, declaration)) repeated = around;
  }
  if (!contains(around, declaration)) return false;
  const visit = (inner: ts.Node): boolean => {
    const isLater = inner.pos >= node.end || (repeated !== null && contains(repeated, inner));
    if (isLater && ts.isIdentifier(inner) && symbolOf(fn.owner, inner) === symbol) return true;
    return ts.forEachChild(inner, (child) => visit(child) || undefined) ?? false;
  };
  return visit(around);
}

const contains = (outer: ts.Node, inner: ts.Node): boolean =>
  inner.pos >= outer.pos && inner.end <= outer.end;
