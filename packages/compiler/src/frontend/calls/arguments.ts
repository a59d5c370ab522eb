/** What calls are given. */

import type ts from "typescript";
import type { DataType } from "../../types/data-type.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import type { Value } from "../values/value.js";

/** Lowers the call of a function that the compiler knows. */
export type Call = (fn: FunctionState, node: ts.CallExpression) => Value;

/** The argument at `index`; TypeScript has checked the count. */
export function argument(node: ts.CallExpression, index: number): ts.Expression {
  const found = node.arguments[index];
  return found === undefined ? reject(node, "WG1001", "an argument is missing") : found;
}

/** The type argument of a call, laid out. */
export function typeArgument(fn: FunctionState, node: ts.CallExpression): DataType {
  const { checker, resolver } = fn.owner;
  const given = node.typeArguments?.[0];
  if (given !== undefined) return resolver.data(checker.getTypeFromTypeNode(given), given);
  const type = checker.getContextualType(node);
  if (type === undefined) return reject(node, "WG2005", "the type is not known", "name it: <Type>");
  return resolver.data(checker.getNonNullableType(type), node);
}
