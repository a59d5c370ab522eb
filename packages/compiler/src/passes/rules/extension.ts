/** Rules for unary operations: extensions, truncation, byte order. */
import { evaluateUnary } from "../../ir/evaluate.js";
import { bitsOf } from "../../ir/operations.js";
import type { Operation, UnaryOp, ValueId } from "../../ir/types.js";
import { type Fold, type Rule, rule } from "./rule.js";

const everyUnary = [
  ...["neg", "zext8", "zext16", "sext8", "sext16"],
  ...["zext32", "sext32", "trunc32", "ptrtoint", "be16", "be32", "be64"],
];

/** The low bits that an in-place extension looks at. */
const lowBits: Partial<Record<UnaryOp, number>> = { zext8: 8, sext8: 8, zext16: 16, sext16: 16 };

/** The operand of an instruction when it is one of these unary operations. */
function operandOf(value: ValueId, operators: readonly UnaryOp[], fold: Fold): ValueId | null {
  const definition = fold.definitionOf(value);
  return definition?.op === "unary" && operators.includes(definition.operator) ? definition.operand : null;
}

/** An operand that keeps its low `bits` when `value` is made of it. */
function sameLowBits(value: ValueId, bits: number, fold: Fold): ValueId | null {
  const definition = fold.definitionOf(value);
  if (definition?.op === "unary") {
    const width = lowBits[definition.operator];
    return width !== undefined && width >= bits ? definition.operand : null;
  }
  if (definition?.op !== "binary" || definition.operator !== "and") return null;
  const mask = fold.constantOf(definition.right);
  const wanted = (1n << BigInt(bits)) - 1n;
  return mask !== null && (mask & wanted) === wanted ? definition.left : null;
}

/** Whether `value` is already sign-extended from its low `bits`. */
function isSignExtended(value: ValueId, bits: number, fold: Fold): boolean {
  if (fold.possibleBits(value) < 1n << BigInt(bits - 1)) return true;
  const definition = fold.definitionOf(value);
  if (definition?.op === "load") return definition.signed && definition.width * 8 <= bits;
  if (definition?.op !== "unary") return false;
  return definition.operator === "sext8" || (definition.operator === "sext16" && bits >= 16);
}

/** Extensions that change nothing, chains of them, and swaps that meet. */
export const extensionRules: readonly Rule[] = [
  rule("unary", everyUnary, "op constant", ({ operator, type, operand }, fold): Operation | null => {
    const value = fold.constantOf(operand);
    if (value === null || (type !== "i32" && type !== "i64")) return null;
    return { op: "const", type, value: evaluateUnary(operator, value, bitsOf(type), fold.byteOrder) };
  }),
  rule(
    "unary",
    ["zext8", "zext16"],
    "zext x = x when the bits above are 0",
    ({ operator, operand }, fold) => {
      const limit = 1n << BigInt(lowBits[operator] ?? 0);
      return fold.possibleBits(operand) < limit ? operand : null;
    },
  ),
  rule("unary", ["sext8", "sext16"], "sext x = x when it is sign-extended", ({ operator, operand }, fold) =>
    isSignExtended(operand, lowBits[operator] ?? 0, fold) ? operand : null,
  ),
  rule("unary", ["zext8", "zext16", "sext8", "sext16"], "ext8 (ext16 x) = ext8 x", (operation, fold) => {
    const operand = sameLowBits(operation.operand, lowBits[operation.operator] ?? 0, fold);
    return operand === null ? null : { ...operation, operand };
  }),
  rule("unary", ["trunc32"], "trunc32 (ext32 x) = x", ({ operand }, fold) =>
    operandOf(operand, ["zext32", "sext32"], fold),
  ),
  rule("unary", ["zext32"], "zext32 (trunc32 x) = x when the bits above are 0", ({ operand }, fold) => {
    const wide = operandOf(operand, ["trunc32"], fold);
    return wide !== null && fold.possibleBits(wide) < 1n << 32n ? wide : null;
  }),
  rule("unary", ["sext32"], "sext32 x = zext32 x when x is not negative", (operation, fold) =>
    fold.possibleBits(operation.operand) < 1n << 31n ? { ...operation, operator: "zext32" } : null,
  ),
  rule("unary", ["neg", "be32", "be64"], "op (op x) = x", ({ operator, operand }, fold) =>
    operandOf(operand, [operator], fold),
  ),
  rule("unary", ["be16"], "be16 (be16 x) = zext16 x", (operation, fold) => {
    const operand = operandOf(operation.operand, ["be16"], fold);
    return operand === null ? null : { ...operation, operator: "zext16", operand };
  }),
  rule("unary", ["be32", "be64"], "be x = x on a big-endian target", ({ operand }, fold) =>
    fold.byteOrder === "big" ? operand : null,
  ),
  rule("unary", ["be16"], "be16 x = zext16 x on a big-endian target", (operation, fold) =>
    fold.byteOrder === "big" ? { ...operation, operator: "zext16" } : null,
  ),
];
