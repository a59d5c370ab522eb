/** Rules for binary operations. */
import { evaluateBinary } from "../../ir/evaluate.js";
import { bitsOf } from "../../ir/operations.js";
import type { BinaryOp, Operation, ValueId } from "../../ir/types.js";
import { type Fold, type Rule, rule } from "./rule.js";

type Binary = Extract<Operation, { op: "binary" }>;

const commutative = ["add", "mul", "and", "or", "xor"];
const everyBinary = [...commutative, "sub", "udiv", "sdiv", "umod", "smod", "shl", "lshr", "ashr"];

const onesOf = (type: "i32" | "i64") => (type === "i32" ? 0xffff_ffffn : 0xffff_ffff_ffff_ffffn);
const constant = (type: "i32" | "i64", value: bigint): Operation => ({
  op: "const",
  type,
  value: BigInt.asUintN(bitsOf(type), value),
});
/** The exponent when `value` is a power of two. */
const exponentOf = (value: bigint | null): bigint | null =>
  value !== null && value > 0n && (value & (value - 1n)) === 0n ? BigInt(value.toString(2).length - 1) : null;
const withRight = (operation: Binary, operator: BinaryOp, right: bigint, fold: Fold): Operation => ({
  ...operation,
  operator,
  right: fold.emit(constant(operation.type, right)),
});

/** x op constant, when the left side is (y op constant) that nobody else uses. */
function nested(operation: Binary, fold: Fold): { inner: ValueId; first: bigint; second: bigint } | null {
  const inner = fold.definitionOf(operation.left);
  const second = fold.constantOf(operation.right);
  if (inner?.op !== "binary" || inner.operator !== operation.operator || second === null) return null;
  const first = fold.constantOf(inner.right);
  if (first === null || !fold.hasOneUse(operation.left)) return null;
  return { inner: inner.left, first, second };
}

/** Identities, strength reduction and joining of constants. */
export const arithmeticRules: readonly Rule[] = [
  rule("binary", everyBinary, "constant op constant", ({ operator, type, left, right }, fold) => {
    const [a, b] = [fold.constantOf(left), fold.constantOf(right)];
    return a === null || b === null ? null : constant(type, evaluateBinary(operator, a, b, bitsOf(type)));
  }),
  rule("binary", commutative, "constant op x = x op constant", (operation, fold) =>
    fold.constantOf(operation.left) !== null && fold.constantOf(operation.right) === null
      ? { ...operation, left: operation.right, right: operation.left }
      : null,
  ),
  rule("binary", ["add", "sub", "or", "xor", "shl", "lshr", "ashr"], "x op 0 = x", ({ left, right }, fold) =>
    fold.constantOf(right) === 0n ? left : null,
  ),
  rule("binary", ["mul", "udiv", "sdiv"], "x op 1 = x", ({ left, right }, fold) =>
    fold.constantOf(right) === 1n ? left : null,
  ),
  rule("binary", ["mul", "and", "udiv", "sdiv"], "x op 0 = 0", ({ type, right }, fold) =>
    fold.constantOf(right) === 0n ? constant(type, 0n) : null,
  ),
  rule("binary", ["umod", "smod"], "x mod 0 = x", ({ left, right }, fold) =>
    fold.constantOf(right) === 0n ? left : null,
  ),
  rule("binary", ["umod", "smod"], "x mod 1 = 0", ({ type, right }, fold) =>
    fold.constantOf(right) === 1n ? constant(type, 0n) : null,
  ),
  rule("binary", ["sub", "xor"], "x op x = 0", ({ type, left, right }) =>
    left === right ? constant(type, 0n) : null,
  ),
  rule("binary", ["and", "or"], "x op x = x", ({ left, right }) => (left === right ? left : null)),
  rule("binary", ["or"], "x | -1 = -1", ({ type, right }, fold) =>
    fold.constantOf(right) === onesOf(type) ? constant(type, -1n) : null,
  ),
  rule("binary", ["and"], "x & mask = x when no other bit can be set", ({ left, right }, fold) => {
    const mask = fold.constantOf(right);
    return mask !== null && (fold.possibleBits(left, "verifier") & ~mask) === 0n ? left : null;
  }),
  rule(
    "binary",
    ["and"],
    "x & mask = 0 when no bit of the mask can be set",
    ({ type, left, right }, fold) => {
      const mask = fold.constantOf(right);
      return mask !== null && (fold.possibleBits(left) & mask) === 0n ? constant(type, 0n) : null;
    },
  ),
  rule("binary", ["sub"], "x - constant = x + -constant", (operation, fold) => {
    const by = fold.constantOf(operation.right);
    return by === null ? null : withRight(operation, "add", -by, fold);
  }),
  rule("binary", ["sub"], "0 - x = neg x", ({ type, left, right }, fold) =>
    fold.constantOf(left) === 0n ? { op: "unary", operator: "neg", type, operand: right } : null,
  ),
  rule("binary", ["mul"], "x * 2^n = x << n", (operation, fold) => {
    const exponent = exponentOf(fold.constantOf(operation.right));
    return exponent === null ? null : withRight(operation, "shl", exponent, fold);
  }),
  rule("binary", ["udiv"], "x / 2^n = x >> n", (operation, fold) => {
    const exponent = exponentOf(fold.constantOf(operation.right));
    return exponent === null ? null : withRight(operation, "lshr", exponent, fold);
  }),
  rule("binary", ["umod"], "x % 2^n = x & (2^n - 1)", (operation, fold) => {
    const exponent = exponentOf(fold.constantOf(operation.right));
    return exponent === null ? null : withRight(operation, "and", (1n << exponent) - 1n, fold);
  }),
  rule("binary", ["add"], "(x + a) + b = x + (a + b)", (operation, fold) => {
    const found = nested(operation, fold);
    if (found === null) return null;
    return withRight({ ...operation, left: found.inner }, "add", found.first + found.second, fold);
  }),
  rule("binary", ["and", "or", "xor"], "(x op a) op b = x op (a op b)", (operation, fold) => {
    const found = nested(operation, fold);
    if (found === null) return null;
    const { operator, type } = operation;
    const joined = evaluateBinary(operator, found.first, found.second, bitsOf(type));
    return withRight({ ...operation, left: found.inner }, operator, joined, fold);
  }),
  rule("binary", ["shl", "lshr"], "(x shift a) shift b = x shift (a + b)", (operation, fold) => {
    const found = nested(operation, fold);
    if (found === null) return null;
    const { operator, type } = operation;
    const bits = BigInt(bitsOf(type));
    const amount = (found.first % bits) + (found.second % bits);
    if (amount >= bits) return constant(type, 0n);
    return withRight({ ...operation, left: found.inner }, operator, amount, fold);
  }),
];
