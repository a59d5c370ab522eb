/** Operators that run one side only: `?:`, `??`, and `||` and `&&` of numbers and references. */
import ts from "#typescript";
import type { BlockId } from "../../ir/types.js";
import type { DataType } from "../../types/data-type.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { withFacts } from "../statements/facts.js";
import { isBoolean, isNumber, solid } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { chainOf, lowerChain } from "./chains.js";
import { branchOnPresence, lowerCondition } from "./conditions.js";
import { lowerExpression } from "./expressions.js";
import { merge, type Way } from "./merge.js";

/** `condition ? a : b`. Only one side is run. */
export function lowerTernary(
  fn: FunctionState,
  node: ts.ConditionalExpression,
  expected: DataType | null,
): Value {
  const { builder } = fn;
  const [thenBlock, elseBlock] = [builder.block(), builder.block()];
  lowerCondition(fn, node.condition, thenBlock, elseBlock);
  const way = (block: BlockId, side: ts.Expression, outcome: boolean): Way => {
    builder.switchTo(block);
    const value = withFacts(fn, node.condition, outcome, () => lowerExpression(fn, side, expected));
    return { value, end: builder.current, node: side };
  };
  const left = way(thenBlock, node.whenTrue, true);
  return merge(fn, left, way(elseBlock, node.whenFalse, false), expected, node);
}

/** `a ?? b`: `b` where `a`, a reference or a chain of them, is null. */
export function lowerNullish(fn: FunctionState, node: ts.BinaryExpression, expected: DataType | null): Value {
  const { builder } = fn;
  const missing = builder.block();
  const chain = chainOf(node.left);
  const value = chain === null ? lowerExpression(fn, node.left) : lowerChain(fn, chain, missing);
  let there = value;
  if (value.kind === "null" || (value.kind === "memory" && value.nullable)) {
    const present = builder.block();
    branchOnPresence(fn, value, present, missing, node.left);
    builder.switchTo(present);
    if (value.kind === "memory") there = { ...value, nullable: false, present: null };
  } else if (chain === null && !isNullable(fn, node.left)) {
    reject(node.left, "WG1018", "the left side of ?? is never null here", "leave ?? and the right side out");
  }
  const left: Way = { value: there, end: builder.current, node: node.left };
  builder.switchTo(missing);
  const other = lowerExpression(fn, node.right, expected);
  return merge(fn, left, { value: other, end: builder.current, node: node.right }, expected, node);
}

/** Whether TypeScript takes it for null at times, though lowering may know better: of what a function was given, say. */
function isNullable(fn: FunctionState, node: ts.Expression): boolean {
  const type = fn.owner.checker.getTypeAtLocation(node);
  const parts = type.isUnion() ? type.types : [type];
  return parts.some(({ flags }) => flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined));
}

/**
 * `a || b` and `a && b` where `a` is a number or a reference: the result is one of the two. So it is for a boolean that TypeScript narrows to
 * `never`, in code that cannot be reached.
 */
export function lowerChoice(fn: FunctionState, node: ts.BinaryExpression, expected: DataType | null): Value {
  const { builder } = fn;
  const isOr = node.operatorToken.kind === ts.SyntaxKind.BarBarToken;
  const [kept, other] = [builder.block(), builder.block()];
  const value = lowerExpression(fn, node.left);
  if (value.kind === "memory" || value.kind === "null") {
    if (!isOr) reject(node, "WG1001", "a reference && something is neither", "use if, or ?.");
    branchOnPresence(fn, value, kept, other, node.left);
  } else {
    if (!isNumber(value) && !isBoolean(value))
      reject(node.left, "WG1001", "only numbers, booleans and references are chosen from");
    const { id } = solid(fn, value, node.left);
    builder.branch(id, isOr ? kept : other, isOr ? other : kept);
  }
  const there = value.kind === "memory" ? { ...value, nullable: false, present: null } : value;
  builder.switchTo(other);
  const second = lowerExpression(fn, node.right, expected);
  return merge(
    fn,
    { value: there, end: kept, node: node.left },
    { value: second, end: builder.current, node: node.right },
    expected,
    node,
  );
}
