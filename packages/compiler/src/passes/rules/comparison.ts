/** Rules for comparisons. */
import { inverted } from "../../ir/analysis/facts.js";
import { evaluateCompare, evaluateUnary } from "../../ir/evaluate.js";
import { bitsOf } from "../../ir/operations.js";
import type { CompareOp, Operation, UnaryOp, ValueId } from "../../ir/types.js";
import { type Fold, type Rule, rule } from "./rule.js";

/** The operator that holds when the operands change sides. */
const swapped: Readonly<Record<CompareOp, CompareOp>> = {
  eq: "eq",
  ne: "ne",
  ult: "ugt",
  ule: "uge",
  ugt: "ult",
  uge: "ule",
  slt: "sgt",
  sle: "sge",
  sgt: "slt",
  sge: "sle",
};
const everyCompare = Object.keys(swapped);
const unsigned = ["eq", "ne", "ult", "ule", "ugt", "uge"];
const truth = (holds: boolean): Operation => ({ op: "const", type: "i32", value: holds ? 1n : 0n });
const widthOfSwap: Partial<Record<UnaryOp, bigint>> = { be16: 16n, be32: 32n, be64: 64n };

function unaryOf(value: ValueId, fold: Fold): Extract<Operation, { op: "unary" }> | null {
  const definition = fold.definitionOf(value);
  return definition?.op === "unary" ? definition : null;
}

/** Folding, canonical forms with constants, and comparisons moved before a conversion. */
export const comparisonRules: readonly Rule[] = [
  rule("compare", everyCompare, "constant op constant", ({ operator, left, right }, fold) => {
    const [a, b] = [fold.constantOf(left), fold.constantOf(right)];
    if (a === null || b === null) return null;
    return truth(evaluateCompare(operator, a, b, bitsOf(fold.typeOf(left))));
  }),
  rule("compare", everyCompare, "x op x", ({ operator, left, right }) =>
    left === right ? truth(evaluateCompare(operator, 0n, 0n, 64)) : null,
  ),
  rule("compare", everyCompare, "constant op x = x swapped constant", (operation, fold) =>
    fold.constantOf(operation.left) !== null && fold.constantOf(operation.right) === null
      ? { ...operation, operator: swapped[operation.operator], left: operation.right, right: operation.left }
      : null,
  ),
  rule("compare", ["eq", "ne"], "pointer == null is false when it is never null", (operation, fold) =>
    fold.typeOf(operation.left) === "ptr" &&
    fold.constantOf(operation.right) === 0n &&
    fold.isNonNull(operation.left)
      ? truth(operation.operator === "ne")
      : null,
  ),
  rule(
    "compare",
    unsigned,
    "unsigned x op constant when x is too small",
    ({ operator, left, right }, fold) => {
      const limit = fold.constantOf(right);
      const possible = fold.possibleBits(left, "verifier");
      if (limit === null || fold.typeOf(left) === "ptr") return null;
      if ((operator === "eq" || operator === "ne") && (limit & ~possible) !== 0n)
        return truth(operator === "ne");
      if (operator === "ult" && possible < limit) return truth(true);
      if (operator === "ule" && possible <= limit) return truth(true);
      if (operator === "ugt" && possible <= limit) return truth(false);
      if (operator === "uge" && possible < limit) return truth(false);
      return null;
    },
  ),
  rule("compare", ["ult", "uge"], "x < 0 is false", ({ operator, right }, fold) =>
    fold.constantOf(right) === 0n ? truth(operator === "uge") : null,
  ),
  rule("compare", ["ugt", "ule"], "x > 0 = x != 0", (operation, fold) =>
    fold.constantOf(operation.right) === 0n && fold.typeOf(operation.left) !== "ptr"
      ? { ...operation, operator: operation.operator === "ugt" ? "ne" : "eq" }
      : null,
  ),
  rule("compare", ["ult", "uge"], "x < 1 = x == 0", (operation, fold) => {
    const type = fold.typeOf(operation.left);
    if (fold.constantOf(operation.right) !== 1n || type === "ptr") return null;
    const right = fold.emit({ op: "const", type, value: 0n });
    return { ...operation, operator: operation.operator === "ult" ? "eq" : "ne", right };
  }),
  rule("compare", ["eq", "ne"], "(truth != 0) = truth", ({ operator, left, right }, fold) => {
    const against = fold.constantOf(right);
    if (fold.typeOf(left) !== "i32" || fold.possibleBits(left) !== 1n || against === null) return null;
    return (operator === "ne") === (against === 0n) ? left : null;
  }),
  rule("compare", ["eq", "ne"], "(x op y) == 0 = x inverted y", ({ operator, left, right }, fold) => {
    const inner = fold.definitionOf(left);
    const against = fold.constantOf(right);
    if (inner?.op !== "compare" || against === null || against > 1n) return null;
    if ((operator === "ne") === (against === 0n)) return null;
    return { op: "compare", operator: inverted[inner.operator], left: inner.left, right: inner.right };
  }),
  rule("compare", unsigned, "zext32 x op constant = x op constant", (operation, fold) => {
    const extension = unaryOf(operation.left, fold);
    const limit = fold.constantOf(operation.right);
    if (extension?.operator !== "zext32" || limit === null || limit >= 1n << 32n) return null;
    if (!fold.hasOneUse(operation.left)) return null;
    const right = fold.emit({ op: "const", type: "i32", value: limit });
    return { ...operation, left: extension.operand, right };
  }),
  rule("compare", ["eq", "ne"], "be x == constant = x == be constant", (operation, fold) => {
    const swap = unaryOf(operation.left, fold);
    const value = fold.constantOf(operation.right);
    const width = swap === null ? undefined : widthOfSwap[swap.operator];
    if (swap === null || width === undefined || value === null || !fold.hasOneUse(operation.left))
      return null;
    if (value >> width !== 0n || fold.possibleBits(swap.operand) >> width !== 0n) return null;
    const type = fold.typeOf(swap.operand);
    const bytes = evaluateUnary(swap.operator, value, bitsOf(type), fold.byteOrder);
    return { ...operation, left: swap.operand, right: fold.emit({ op: "const", type, value: bytes }) };
  }),
  rule("compare", ["eq", "ne"], "be x == be y = x == y", (operation, fold) => {
    const [a, b] = [unaryOf(operation.left, fold), unaryOf(operation.right, fold)];
    const width = a === null ? undefined : widthOfSwap[a.operator];
    if (a === null || b === null || width === undefined || a.operator !== b.operator) return null;
    if (!fold.hasOneUse(operation.left) || !fold.hasOneUse(operation.right)) return null;
    const possible = fold.possibleBits(a.operand) | fold.possibleBits(b.operand);
    return possible >> width === 0n ? { ...operation, left: a.operand, right: b.operand } : null;
  }),
];
