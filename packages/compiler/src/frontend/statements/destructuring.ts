/** Patterns: `const { a, b: c } = struct`, `const [x, y] = array`. Each name is bound to what the field holds now. */
import ts from "#typescript";
import { argumentNamed, contextField } from "../contexts/fields.js";
import { asKernel, kernelElement, kernelMember, readKernel } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { elementOf, fieldOf, readPlace } from "../values/memory.js";
import type { Value } from "../values/value.js";
import { bindName } from "./variables.js";

/** Marks the names of a declaration as rejected, until each is bound: uses are not reported again. */
export function bindBroken(fn: FunctionState, name: ts.BindingName): void {
  if (!ts.isIdentifier(name)) {
    for (const element of name.elements) if (ts.isBindingElement(element)) bindBroken(fn, element.name);
    return;
  }
  const symbol = fn.owner.checker.getSymbolAtLocation(name);
  if (symbol !== undefined) fn.bindings.set(symbol, { kind: "broken" });
}

/** Whether an expression names a variable whose declaration was rejected, of which nothing is known. */
export function namesBroken(fn: FunctionState, node: ts.Node): boolean {
  if (ts.isIdentifier(node)) {
    const symbol = fn.owner.checker.getSymbolAtLocation(node);
    return symbol !== undefined && fn.bindings.get(symbol)?.kind === "broken";
  }
  return ts.forEachChild(node, (child) => namesBroken(fn, child) || undefined) ?? false;
}

/** Binds the names of a pattern to the parts of a value; a pair is given as a list. */
export function bindPattern(
  fn: FunctionState,
  pattern: ts.BindingPattern,
  value: Value | readonly Value[],
  isConst: boolean,
): void {
  bindBroken(fn, pattern);
  for (const [index, element] of pattern.elements.entries()) {
    if (!ts.isBindingElement(element)) continue;
    if (element.dotDotDotToken !== undefined)
      reject(element, "WG1001", "the rest of a struct or array is no value", "name what you need");
    if (element.initializer !== undefined)
      reject(element.initializer, "WG1001", "a field is always there and needs no default", "remove it");
    const part = ts.isObjectBindingPattern(pattern)
      ? memberOf(fn, value, element)
      : elementAt(fn, value, index, element);
    if (ts.isIdentifier(element.name)) bindName(fn, element.name, part, isConst, element);
    else bindPattern(fn, element.name, part, isConst);
  }
}

function memberOf(fn: FunctionState, value: Value | readonly Value[], element: ts.BindingElement): Value {
  const given = element.propertyName ?? element.name;
  if (!ts.isIdentifier(given) && !ts.isStringLiteral(given))
    return reject(given, "WG1017", "a field is named in the source");
  if ("kind" in value && value.kind === "context") return contextField(fn, value, given.text, given);
  if ("kind" in value && value.kind === "arguments") return argumentNamed(fn, value, given.text, given);
  if ("kind" in value && (value.kind === "kernel" || value.kind === "scalar")) {
    const place = asKernel(fn.owner, value, fn.owner.checker.getTypeAtLocation(element.parent), element);
    if (place !== null) return readKernel(fn, kernelMember(fn, place, given.text, given), given);
  }
  if (!("kind" in value) || value.kind !== "memory")
    return reject(element, "WG1001", "only the fields of a struct are named so");
  if (value.type.kind === "array" && given.text === "length")
    return { kind: "constant", value: BigInt(value.type.length), wide: false };
  if (value.type.kind === "array")
    return reject(element, "WG1001", "only the fields of a struct are named so");
  return readPlace(fn, fieldOf(value, given.text, given));
}

function elementAt(
  fn: FunctionState,
  value: Value | readonly Value[],
  index: number,
  node: ts.BindingElement,
): Value {
  if (!("kind" in value)) return value[index] ?? reject(node, "WG1001", "a pair has two parts");
  if (value.kind === "kernel") {
    const length = value.type.kind === "array" ? value.type.length : 0;
    if (index >= length) return reject(node, "WG1011", `element ${index} is outside an array of ${length}`);
    return readKernel(fn, kernelElement(fn, value, BigInt(index), node), node);
  }
  if (value.kind !== "memory" || value.type.kind !== "array")
    return reject(node, "WG1001", "only the elements of an array are named so");
  return readPlace(fn, elementOf(fn, value, { kind: "constant", value: BigInt(index), wide: false }, node));
}
