/** Places that expressions name: members, elements, what assignments write to. */

import ts from "#typescript";
import { dataPlace } from "../classes/data.js";
import { contextPlace } from "../contexts/fields.js";
import { asKernel, kernelElement } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, symbolOf } from "../state.js";
import { solidIndex, wideIndex } from "../values/late-widening.js";
import { elementOf, fieldOf, nameOfIndex } from "../values/memory.js";
import { boundsOf, isNumber, rejectValue } from "../values/scalars.js";
import type { KernelValue, MemoryValue, Value } from "../values/value.js";
import { presentObject } from "./chains.js";
import { lowerExpression } from "./expressions.js";
import { staticProperty } from "./properties.js";

/** The place of `object.name`, where the object is memory. */
export function memberPlace(object: Value, node: ts.PropertyAccessExpression): MemoryValue {
  if (object.kind !== "memory")
    return reject(
      node.name,
      "WG1001",
      `${node.name.text} is a property of JavaScript's objects, and ${node.expression.getText()} is none in BPF`,
      "numbers and text have no properties in kernel code; structs have their fields",
    );
  if (object.type.kind === "array")
    return reject(node, "WG1001", `arrays have no ${node.name.text} in kernel code`);
  return fieldOf(object, node.name.text, node);
}

/** The place of `array[index]`. */
export function elementPlace(fn: FunctionState, node: ts.ElementAccessExpression): MemoryValue | KernelValue {
  const object = presentObject(fn, node, lowerExpression(fn, node.expression));
  if (object.kind === "kernel") return kernelElementAt(fn, object, node.argumentExpression);
  if (object.kind !== "memory")
    return reject(node, "WG1017", "only arrays are indexed", "name the field: value.field");
  return elementOf(fn, object, lowerExpression(fn, node.argumentExpression), node.argumentExpression);
}

function kernelElementAt(fn: FunctionState, array: KernelValue, argument: ts.Expression): KernelValue {
  const index = wideIndex(fn, lowerExpression(fn, argument));
  if (array.type.kind !== "array" || !isNumber(index)) return rejectValue(index, argument);
  const { min, max } = boundsOf(index);
  const { length, open } = array.type;
  // How far an open one goes, only the kernel's own data say; reading past it gives zeroes or what lies there, and never faults.
  if (min < 0n || (!open && max >= BigInt(length)))
    reject(
      argument,
      "WG1011",
      min < 0n
        ? `the index may be as low as ${min}`
        : `the index may be as large as ${max}, the array has ${length} elements`,
      `guard a const index: if (${nameOfIndex(argument)} < ${length}) …`,
    );
  return kernelElement(fn, array, min === max ? min : solidIndex(fn, index, argument), argument);
}

/** The place that an expression names, to be written; null when it names none in memory. */
export function lowerPlace(fn: FunctionState, node: ts.Expression): MemoryValue | null {
  if (ts.isParenthesizedExpression(node)) return lowerPlace(fn, node.expression);
  if (ts.isElementAccessExpression(node)) {
    const found = elementPlace(fn, node);
    return found.kind === "memory"
      ? found
      : reject(node, "WG1016", "the kernel's memory is read, not written");
  }
  if (!ts.isPropertyAccessExpression(node)) return null;
  const symbol = symbolOf(fn.owner, node.name);
  const data = symbol === null ? undefined : fn.owner.configs.get(symbol);
  if (data?.mutable === true) return dataPlace(fn, data);
  if (data !== undefined)
    reject(
      node,
      "WG1016",
      `${node.getText()} is constant once the program is loaded`,
      "the loader sets @config fields; use a map for what changes",
    );
  if (staticProperty(fn, node) !== null) reject(node, "WG1016", `${node.getText()} is a constant`);
  const object = lowerExpression(fn, node.expression);
  if (object.kind === "context") return contextPlace(object, node.name.text, node);
  const type = fn.owner.checker.getTypeAtLocation(node.expression);
  if (asKernel(fn.owner, object, type, node) !== null)
    return reject(node, "WG1016", "the kernel's memory is read, not written");
  return memberPlace(object, node);
}
