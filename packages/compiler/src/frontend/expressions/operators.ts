/** Operators: which rule an operator follows. */

import ts from "#typescript";
import type { DataType } from "../../types/data-type.js";
import { kernelPointer } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import { unsupported } from "../rejections/unsupported.js";
import type { FunctionState } from "../state.js";
import { noteAssigned } from "../statements/assigned-facts.js";
import { noteCompared } from "../statements/compared-places.js";
import { forgetAssigned } from "../statements/compared-variables.js";
import { binary, isArithmetic, unary } from "../values/arithmetic.js";
import { compare, isComparison } from "../values/comparison.js";
import { boolean, isNumber } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { assign, increment, isAssignment } from "./assignments.js";
import { chainOf } from "./chains.js";
import { isNothing, lowerCondition, materialize } from "./conditions.js";
import { lowerExpression } from "./expressions.js";
import { lowerChoice, lowerNullish } from "./ternary.js";

const K = ts.SyntaxKind;

/** `a operator b`, assignments included. */
export function lowerBinary(fn: FunctionState, node: ts.BinaryExpression, expected: DataType | null): Value {
  const operator = node.operatorToken.kind;
  if (isAssignment(operator)) {
    const value = assign(fn, node);
    forgetAssigned(fn, node);
    noteAssigned(fn, node, node.left, value);
    return value;
  }
  if (operator === K.EqualsEqualsToken || operator === K.ExclamationEqualsToken) {
    reject(
      node.operatorToken,
      "WG1014",
      `${node.operatorToken.getText()} compares after conversions`,
      `write ${node.operatorToken.getText()}=`,
    );
  }
  if (operator === K.AmpersandAmpersandToken || operator === K.BarBarToken) {
    if (!hasBooleanType(fn, node.left)) return lowerChoice(fn, node, expected);
    return boolean(materialize(fn, (then, otherwise) => lowerCondition(fn, node, then, otherwise, true)));
  }
  if (operator === K.QuestionQuestionToken) return lowerNullish(fn, node, expected);
  if (operator === K.CommaToken) {
    lowerExpression(fn, node.left);
    return lowerExpression(fn, node.right, expected);
  }
  if (isComparison(operator)) {
    const isTest = [node.left, node.right].some((side) => isNothing(side) || chainOf(side) !== null);
    if (isTest) {
      return boolean(materialize(fn, (then, otherwise) => lowerCondition(fn, node, then, otherwise)));
    }
    const [left, right] = [node.left, node.right].map((side) => {
      const value = lowerExpression(fn, side);
      return value.kind === "kernel" ? kernelPointer(fn, value) : value;
    });
    if (left === undefined || right === undefined) return unsupported(node);
    noteCompared(fn, node.left, left);
    noteCompared(fn, node.right, right);
    const memory = [left, right].find((side) => side.kind === "memory");
    if (memory !== undefined)
      reject(
        node,
        "WG1001",
        "references are not compared in kernel code",
        "compare with null, or compare the fields",
      );
    return compare(fn, operator, left, right, node);
  }
  if (isArithmetic(operator)) {
    return binary(
      fn,
      operator,
      lowerExpression(fn, node.left, expected),
      lowerExpression(fn, node.right, expected),
      node,
    );
  }
  return unsupported(node.operatorToken);
}

function hasBooleanType(fn: FunctionState, node: ts.Expression): boolean {
  const type = fn.owner.checker.getTypeAtLocation(node);
  const parts = type.isUnion() ? type.types : [type];
  return parts.every((part) => part.flags & ts.TypeFlags.BooleanLike);
}

/** `!a`, `-a`, `~a`, `++a`, `--a`. */
export function lowerPrefix(fn: FunctionState, node: ts.PrefixUnaryExpression): Value {
  if (node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken) {
    return increment(fn, node.operand, node.operator, true, node);
  }
  if (node.operator === K.ExclamationToken) {
    return boolean(materialize(fn, (then, otherwise) => lowerCondition(fn, node, then, otherwise)));
  }
  const value = lowerExpression(fn, node.operand);
  if (node.operator === K.PlusToken) return isNumber(value) ? value : unary(fn, K.MinusToken, value, node);
  return unary(fn, node.operator, value, node);
}
