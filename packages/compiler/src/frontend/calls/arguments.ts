/** What calls are given. */

import ts from "#typescript";
import type { MapDefinition, ValueId } from "../../ir/types.js";
import type { DataType } from "../../types/data-type.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, symbolOf } from "../state.js";
import { addressOf } from "../values/memory.js";
import { rejectValue } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";

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

/** The text of an argument that is a string literal. */
export function literalText(node: ts.Expression): string {
  return ts.isStringLiteralLike(node)
    ? node.text
    : reject(node, "WG2010", "the name must be known when the program is compiled", "write a string literal");
}

/** The map of the class that an expression names; null when it names none. */
export function mapNamed(fn: FunctionState, node: ts.Expression): MapDefinition | null {
  const symbol = ts.isPropertyAccessExpression(node) ? symbolOf(fn.owner, node.name) : null;
  return symbol === null ? null : (fn.owner.maps.get(symbol) ?? null);
}

/** The same where a map is needed. */
export function mapArgument(fn: FunctionState, node: ts.Expression): MapDefinition {
  return mapNamed(fn, node) ?? reject(node, "WG2007", "a map of this class is named here", "Class.name");
}

/** The address of the context that an argument is. */
export function contextArgument(fn: FunctionState, node: ts.Expression): ValueId {
  const value = lowerExpression(fn, node);
  return value.kind === "context" ? value.pointer : rejectValue(value, node);
}

/** The address of memory that a helper writes: the verifier takes none of a packet or a context for that. */
export function writtenAddress(fn: FunctionState, place: MemoryValue, node: ts.Node): ValueId {
  if (place.readonly) reject(node, "WG1016", "kernel code cannot write here");
  if (place.region === "packet" || place.region === "context")
    reject(
      node,
      "WG1016",
      `a helper does not write to a ${place.region}`,
      "let it write to a variable, and assign that",
    );
  return addressOf(fn, place);
}
