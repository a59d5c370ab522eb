/** Comparison of two numbers. */
import ts from "#typescript";
import type { CompareOp } from "../../ir/types.js";
import type { IntType } from "../../types/data-type.js";
import { operatorOf } from "../rejections/operand.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { boolean, isNumber, meetOperands, nameOf } from "./scalars.js";
import type { ScalarValue, Value } from "./value.js";

const orders: ReadonlyMap<ts.SyntaxKind, readonly [CompareOp, CompareOp]> = new Map([
  [ts.SyntaxKind.LessThanToken, ["ult", "slt"]],
  [ts.SyntaxKind.LessThanEqualsToken, ["ule", "sle"]],
  [ts.SyntaxKind.GreaterThanToken, ["ugt", "sgt"]],
  [ts.SyntaxKind.GreaterThanEqualsToken, ["uge", "sge"]],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ["eq", "eq"]],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ["ne", "ne"]],
] as const satisfies [ts.SyntaxKind, readonly [CompareOp, CompareOp]][]);

/** Whether the token compares. */
export const isComparison = (operator: ts.SyntaxKind): boolean => orders.has(operator);

/** Compares two scalars; 1 or 0. */
export function compare(
  fn: FunctionState,
  operator: ts.SyntaxKind,
  left: Value,
  right: Value,
  node: ts.Node,
): ScalarValue {
  const [unsigned, signed] = orders.get(operator) ?? ["eq", "eq"];
  const equality = unsigned === "eq" || unsigned === "ne";
  if (left.kind === "scalar" && right.kind === "scalar" && equality && left.type.kind === right.type.kind) {
    const same =
      left.type.kind === "pointer" || (right.type.kind === "int" && left.type.name === right.type.name);
    if (same) return boolean(fn.builder.compare(unsigned, left.id, right.id));
  }
  const always = outcomeAtZero(unsigned, left, right) ?? outcomeAtZero(mirrored[unsigned], right, left);
  if (always !== null)
    reject(
      operatorOf(node),
      "WG1018",
      `${nameOf(always.type)} is never below 0, so this is always ${always.outcome}`,
    );
  const [a, b, type] = meetOperands(fn, left, right, node);
  return boolean(fn.builder.compare(type.signed ? signed : unsigned, a.id, b.id));
}

/** The operator with its sides changed over. */
const mirrored: Partial<Record<CompareOp, CompareOp>> = { ule: "uge", ugt: "ult" };

/** What `x < 0` and `x >= 0` always give for an unsigned number; null for other comparisons. */
function outcomeAtZero(
  operator: CompareOp | undefined,
  number: Value,
  zero: Value,
): { readonly type: IntType; readonly outcome: boolean } | null {
  if (operator !== "ult" && operator !== "uge") return null;
  if (zero.kind !== "constant" || zero.value !== 0n || number.kind !== "scalar" || !isNumber(number))
    return null;
  return number.type.signed ? null : { type: number.type, outcome: operator === "uge" };
}
