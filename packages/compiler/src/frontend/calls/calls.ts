/** Calls: which kind of thing is called. */

import ts from "#typescript";
import { contextMethods } from "../contexts/methods.js";
import { presentObject } from "../expressions/chains.js";
import { lowerExpression } from "../expressions/expressions.js";
import { callClosure, callFunction } from "../functions/function-calls.js";
import { globalHelp } from "../rejections/globals.js";
import { reject, rejectSilently } from "../rejections/rejection.js";
import { type FunctionState, kernelName, symbolOf } from "../state.js";
import { forgetFields } from "../statements/compared-places.js";
import { addressOf } from "../values/memory.js";
import type { Value } from "../values/value.js";
import { atomicCall } from "./atomic-calls.js";
import { helperCall } from "./helper-calls.js";
import { intrinsics } from "./intrinsics.js";
import { kfuncCall } from "./kfunc-calls.js";
import { mapCall } from "./map-calls.js";
import { textMethods } from "./text-calls.js";

/** Any call. What was known of fields that it may change is forgotten. */
export function lowerCall(fn: FunctionState, node: ts.CallExpression): Value {
  const value = lowerCalled(fn, node);
  forgetFields(fn, node);
  return value;
}

function lowerCalled(fn: FunctionState, node: ts.CallExpression): Value {
  const callee = ts.isParenthesizedExpression(node.expression) ? node.expression.expression : node.expression;
  if (node.questionDotToken !== undefined)
    reject(
      node,
      "WG1005",
      "a function is not a value, so it is never missing",
      "leave the question mark out",
    );
  const spread = node.arguments.find((item) => ts.isSpreadElement(item));
  if (spread !== undefined)
    reject(spread, "WG1001", "spread needs a heap, which BPF does not have", "name the arguments one by one");
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  const ofKernel = ts.isPropertyAccessExpression(callee) ? kfuncCall(fn, node, callee) : null;
  if (ofKernel !== null) return ofKernel;
  const symbol = symbolOf(fn.owner, name);
  const isFunction = symbol !== null && (symbol.flags & ts.SymbolFlags.Function) !== 0;
  if (ts.isPropertyAccessExpression(callee) && !isFunction && kernelName(fn.owner, symbol) !== null) {
    return lowerMethod(fn, node, callee);
  }
  const kernelFunction = kernelName(fn.owner, symbol);
  if (kernelFunction !== null) {
    const intrinsic = intrinsics.get(kernelFunction) ?? helperCall(kernelFunction);
    if (intrinsic !== null) return intrinsic(fn, node);
  }
  const binding = symbol === null ? undefined : fn.bindings.get(symbol);
  if (binding?.kind === "closure") return callClosure(fn, node, binding.closure);
  // Of overloads, the one with the body.
  const declaration =
    symbol?.declarations?.find(
      (item) => (ts.isFunctionDeclaration(item) || ts.isMethodDeclaration(item)) && item.body !== undefined,
    ) ?? symbol?.valueDeclaration;
  if (
    declaration !== undefined &&
    (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) &&
    declaration.body !== undefined
  ) {
    return callFunction(fn, node, declaration);
  }
  if (
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    !declaration.getSourceFile().isDeclarationFile
  ) {
    reject(
      name,
      "WG1005",
      `${name.getText()} is a variable, and functions are not values in BPF`,
      "declare it: function name() { … }",
    );
  }
  return reject(
    name,
    "WG1013",
    `${(ts.isPropertyAccessExpression(callee) && ts.isIdentifier(callee.expression) ? callee : name).getText()} is not known to kernel code`,
    globalHelp(callee) ?? "call functions of kernel files and of @waggle/kernel",
  );
}

function lowerMethod(fn: FunctionState, node: ts.CallExpression, callee: ts.PropertyAccessExpression): Value {
  const atomic = atomicCall(fn, node, callee);
  if (atomic !== null) return atomic;
  const owner = ts.isPropertyAccessExpression(callee.expression)
    ? symbolOf(fn.owner, callee.expression.name)
    : null;
  const map = owner === null ? undefined : fn.owner.maps.get(owner);
  const method = callee.name.text;
  if (map !== undefined) return mapCall(fn, node, callee.name, map, () => fn.builder.map(map.name));
  const field = owner?.valueDeclaration;
  if (
    field !== undefined &&
    ts.isPropertyDeclaration(field) &&
    field.initializer?.kind === ts.SyntaxKind.NewExpression
  ) {
    // A map of this class that is not there is one whose declaration was rejected.
    if (field.parent === fn.owner.declaration) rejectSilently();
    reject(
      callee.expression,
      "WG2007",
      `${callee.expression.getText()} is a map of another class`,
      "a class uses its own maps",
    );
  }
  const object = presentObject(fn, callee, lowerExpression(fn, callee.expression));
  if (object.kind === "memory" && object.map !== undefined)
    return mapCall(fn, node, callee.name, object.map, () => addressOf(fn, object));
  const contextMethod = object.kind === "context" ? contextMethods[method] : undefined;
  if (object.kind === "context" && contextMethod !== undefined) return contextMethod(object)(fn, node);
  if (object.kind === "memory" && object.type.kind === "array" && object.type.text) {
    const lower = textMethods[method];
    if (lower !== undefined) return lower(fn, node, object);
  }
  return reject(callee.name, "WG1013", `${method} is not known to kernel code`);
}
