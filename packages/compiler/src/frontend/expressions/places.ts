/** Places that expressions name: members, elements, what assignments write to. */

import ts from "typescript";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, symbolOf } from "../state.js";
import { elementOf, fieldOf, within } from "../values/memory.js";
import type { MemoryValue, Value } from "../values/value.js";
import { lowerExpression } from "./expressions.js";
import { staticProperty } from "./properties.js";

/** The place of `object.name`, where the object is memory. */
export function memberPlace(object: Value, node: ts.PropertyAccessExpression): MemoryValue {
  if (object.kind !== "memory")
    return reject(node, "WG1001", `${node.getText()}: numbers have no properties in kernel code`);
  const { type } = object;
  if (type.kind === "int" || type.kind === "pointer") {
    if (node.name.text === "value") return within(object, type, 0);
    return reject(node, "WG1001", `a reference has .value only, not .${node.name.text}`);
  }
  if (type.kind === "array") return reject(node, "WG1001", `arrays have no ${node.name.text} in kernel code`);
  return fieldOf(object, node.name.text, node);
}

/** The place of `array[index]`. */
export function elementPlace(fn: FunctionState, node: ts.ElementAccessExpression): MemoryValue {
  if (node.questionDotToken !== undefined)
    reject(node, "WG1001", "?. is not compiled yet", "compare with null in an if");
  const object = lowerExpression(fn, node.expression);
  if (object.kind !== "memory")
    return reject(node, "WG1017", "only arrays are indexed", "name the field: value.field");
  return elementOf(fn, object, lowerExpression(fn, node.argumentExpression), node.argumentExpression);
}

/** The place that an expression names, to be written; null when it names none in memory. */
export function lowerPlace(fn: FunctionState, node: ts.Expression): MemoryValue | null {
  if (ts.isParenthesizedExpression(node)) return lowerPlace(fn, node.expression);
  if (ts.isElementAccessExpression(node)) return elementPlace(fn, node);
  if (!ts.isPropertyAccessExpression(node)) return null;
  const symbol = symbolOf(fn.owner, node.name);
  if (symbol !== null && fn.owner.configs.has(symbol))
    reject(
      node,
      "WG1016",
      `${node.getText()} is constant once the program is loaded`,
      "the loader sets @config fields; use a map for what changes",
    );
  if (staticProperty(fn, node) !== null) reject(node, "WG1016", `${node.getText()} is a constant`);
  const object = lowerExpression(fn, node.expression);
  if (object.kind === "context") return reject(node, "WG1016", "a context cannot be written");
  return memberPlace(object, node);
}
