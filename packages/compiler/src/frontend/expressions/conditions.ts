/** Conditions: lowered to branches, so that a null check is the branch that the verifier sees. */
import ts from "#typescript";
import type { BlockId, ValueId } from "../../ir/types.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { withFacts } from "../statements/facts.js";
import { tokenLocation } from "../token-location.js";
import { compare } from "../values/comparison.js";
import { isPresent, loadScalar, memoryAt } from "../values/memory.js";
import { isNumber, rejectValue, solid } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { chainOf, lowerChain } from "./chains.js";
import { lowerExpression } from "./expressions.js";

const K = ts.SyntaxKind;

/** Goes to `then` or `otherwise`. `strict` wants a boolean, because the result is used as a value. */
export function lowerCondition(
  fn: FunctionState,
  node: ts.Expression,
  then: BlockId,
  otherwise: BlockId,
  strict = false,
): void {
  const { builder } = fn;
  if (ts.isParenthesizedExpression(node)) {
    lowerCondition(fn, node.expression, then, otherwise, strict);
    return;
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken) {
    lowerCondition(fn, node.operand, otherwise, then);
    return;
  }
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    if (operator === K.AmpersandAmpersandToken || operator === K.BarBarToken) {
      const second = builder.block();
      const isAnd = operator === K.AmpersandAmpersandToken;
      lowerCondition(fn, node.left, isAnd ? second : then, isAnd ? otherwise : second, strict);
      builder.switchTo(second);
      withFacts(fn, node.left, isAnd, () => lowerCondition(fn, node.right, then, otherwise, strict));
      return;
    }
    const isNull = operator === K.EqualsEqualsEqualsToken;
    if ((isNull || operator === K.ExclamationEqualsEqualsToken) && lowerChainTest(fn, node, then, otherwise))
      return;
    if (isNull || operator === K.ExclamationEqualsEqualsToken) {
      const side = isNothing(node.right) ? node.left : isNothing(node.left) ? node.right : null;
      if (side !== null) {
        const value = lowerExpression(fn, side);
        builder.location = tokenLocation(fn.owner, node);
        branchOnPresence(fn, value, isNull ? otherwise : then, isNull ? then : otherwise, side);
        return;
      }
    }
  }
  leaveBeyondEnd(fn, node, then, otherwise);
  const chain = chainOf(node);
  const value = chain === null ? lowerExpression(fn, node) : lowerChain(fn, chain, otherwise);
  builder.location = tokenLocation(fn.owner, node);
  if (value.kind === "memory" || value.kind === "null") {
    if (strict) reject(node, "WG1001", "a reference is not a boolean", "compare with null");
    branchOnPresence(fn, value, then, otherwise, node);
    return;
  }
  if (strict && (isNumber(value) || value.kind !== "scalar")) {
    reject(node, "WG1001", "&& and || give booleans in kernel code", "compare with 0");
  }
  if (value.kind === "scalar" && value.type.kind === "int" && value.type.bigEndian) {
    reject(node, "WG2004", "a big-endian number is not a condition", "compare it: x !== be16(0)");
  }
  if (value.kind !== "scalar" && value.kind !== "constant") rejectValue(value, node);
  builder.branch(solid(fn, value, node).id, then, otherwise);
}

/**
 * Of a loop that the verifier walks. In `i < n` with an `n` of up to 15 it may not know the bound of `n`: it loses that of a quotient, and
 * that of what a turn compared in a loop that it walks until its state repeats (`widen_imprecise_scalars`). So `i <= 14` is asked first,
 * which is true whenever the comparison is.
 */
function leaveBeyondEnd(fn: FunctionState, node: ts.Node, then: BlockId, otherwise: BlockId): void {
  const { builder } = fn;
  const end = fn.ends.get(node);
  const binding = end === undefined ? undefined : fn.bindings.get(end.symbol);
  if (end === undefined || binding?.kind !== "scalar" || binding.type.kind !== "int") return;
  const { type, slot } = binding;
  const counter = loadScalar(fn, memoryAt(type, builder.slotAddress(slot), "stack"), type);
  const last = builder.const(type.size === 8 ? "i64" : "i32", end.last);
  const rest = builder.block();
  builder.branch(
    builder.compare(type.signed ? "sgt" : "ugt", counter.id, last),
    end.beyond ? then : otherwise,
    rest,
  );
  builder.switchTo(rest);
}

/** `null`, or `undefined`, which stands for it in comparisons. */
export const isNothing = (node: ts.Expression): boolean =>
  node.kind === K.NullKeyword || (ts.isIdentifier(node) && node.text === "undefined");

/** `a?.b === c` and `a?.b !== c`: a chain that is null is no number, and is null. False when there is no chain. */
function lowerChainTest(
  fn: FunctionState,
  node: ts.BinaryExpression,
  then: BlockId,
  otherwise: BlockId,
): boolean {
  const sides = [chainOf(node.left), chainOf(node.right)];
  const [left, right] = sides;
  if (left === null && right === null) return false;
  if (left !== null && right !== null)
    reject(
      node,
      "WG1001",
      "two chains that may be null are not compared",
      "say what one is otherwise: a?.b ?? 0",
    );
  const isEqual = node.operatorToken.kind === K.EqualsEqualsEqualsToken;
  const other = left === null ? node.left : node.right;
  const chain = left ?? right ?? null;
  if (chain === null || chain === undefined) return false;
  const asksNull = isNothing(other);
  const missing = asksNull === isEqual ? then : otherwise;
  const value = lowerChain(fn, chain, missing);
  if (asksNull) {
    const [whenThere, whenNot] = isEqual ? [otherwise, then] : [then, otherwise];
    if (value.kind === "memory") branchOnPresence(fn, value, whenThere, whenNot, chain);
    else fn.builder.jump(whenThere);
    return true;
  }
  const second = lowerExpression(fn, other);
  const test = compare(fn, node.operatorToken.kind, value, second, node);
  fn.builder.branch(test.id, then, otherwise);
  return true;
}

/** Goes to `there` when a reference is not null. */
export function branchOnPresence(
  fn: FunctionState,
  value: Value,
  there: BlockId,
  missing: BlockId,
  node: ts.Node,
): void {
  const { builder } = fn;
  if (value.kind === "null") {
    builder.jump(missing);
    return;
  }
  if (value.kind === "kernel" && value.nullable === true) {
    builder.branch(builder.compare("ne", value.base, builder.nullPointer()), there, missing);
    return;
  }
  if (value.kind !== "memory")
    reject(
      node,
      "WG1001",
      "only references are compared with null",
      value.kind === "kernel" ? "isNull(…) asks whether an address of the kernel is null" : null,
    );
  if (!value.nullable) {
    builder.jump(there);
    return;
  }
  builder.branch(isPresent(fn, value), there, missing);
}

/** A condition as 1 or 0. */
export function materialize(fn: FunctionState, lower: (then: BlockId, otherwise: BlockId) => void): ValueId {
  const { builder } = fn;
  const [then, otherwise, join] = [builder.block(), builder.block(), builder.block()];
  lower(then, otherwise);
  const result = builder.param(join, "i32");
  for (const [block, value] of [
    [then, 1],
    [otherwise, 0],
  ] as const) {
    builder.switchTo(block);
    builder.jump(join, [builder.i32(value)]);
  }
  builder.switchTo(join);
  return result;
}
