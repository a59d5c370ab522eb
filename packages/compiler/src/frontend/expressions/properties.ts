/** Property accesses: constants of classes, objects and enums, fields of contexts and of memory. */

import ts from "#typescript";
import { dataPlace } from "../classes/data.js";
import { argumentNamed, contextField } from "../contexts/fields.js";
import { asKernel, kernelMember, readKernel } from "../kernel-types/kernel-memory.js";
import { reject, rejectSilently } from "../rejections/rejection.js";
import { type FunctionState, symbolOf } from "../state.js";
import { knownField, knownWithin } from "../statements/compared-places.js";
import { readPlace } from "../values/memory.js";
import type { KernelValue, Value } from "../values/value.js";
import { presentObject } from "./chains.js";
import { lowerExpression } from "./expressions.js";
import { constantInitializer, moduleConstant } from "./names.js";
import { memberPlace } from "./places.js";

const K = ts.SyntaxKind;

/** `object.name`. */
export function lowerProperty(fn: FunctionState, node: ts.PropertyAccessExpression): Value {
  const known = knownField(fn, node);
  if (known !== null) return known;
  const named = staticProperty(fn, node);
  if (named !== null) return named;
  const object = presentObject(fn, node, lowerExpression(fn, node.expression));
  if (object.kind === "context") return contextField(fn, object, node.name.text, node);
  if (object.kind === "arguments") return argumentNamed(fn, object, node.name.text, node);
  const place = asKernel(
    fn.owner,
    object,
    fn.owner.checker.getTypeAtLocation(node.expression),
    node.expression,
  );
  if (place !== null) return kernelProperty(fn, place, node);
  if (object.kind === "memory" && object.type.kind === "array" && node.name.text === "length") {
    return { kind: "constant", value: BigInt(object.type.length), wide: false };
  }
  return knownWithin(fn, node, readPlace(fn, memberPlace(object, node)));
}

function kernelProperty(fn: FunctionState, place: KernelValue, node: ts.PropertyAccessExpression): Value {
  if (place.type.kind === "array" && node.name.text === "length")
    return { kind: "constant", value: BigInt(place.type.length), wide: false };
  return readKernel(fn, kernelMember(fn, place, node.name.text, node.name), node);
}

/** A property whose object is no value: a constant, a `@config` field, an enum's member. */
export function staticProperty(fn: FunctionState, node: ts.PropertyAccessExpression): Value | null {
  const symbol = symbolOf(fn.owner, node.name);
  if (symbol === null) return null;
  const data = fn.owner.configs.get(symbol);
  if (data !== undefined) return readPlace(fn, dataPlace(fn, data));
  if (fn.owner.maps.has(symbol))
    return reject(node, "WG1001", "a map is not a value", "call its methods: get, set, delete");
  const declared = symbol.valueDeclaration;
  const constant =
    declared !== undefined && ts.isEnumMember(declared)
      ? fn.owner.checker.getConstantValue(declared)
      : undefined;
  if (typeof constant === "number") {
    if (!Number.isSafeInteger(constant)) reject(node, "WG1002", `${constant} is not an integer`);
    return { kind: "constant", value: BigInt(constant), wide: false };
  }
  if (typeof constant === "string") return { kind: "text", value: constant };
  const declaration = symbol.valueDeclaration;
  if (declaration !== undefined && ts.isPropertyAssignment(declaration)) {
    const inConst = ts.findAncestor(declaration, ts.isVariableDeclaration);
    const frozen = ts.findAncestor(
      declaration,
      (parent) => ts.isAsExpression(parent) && ts.isConstTypeReference(parent.type),
    );
    if (inConst?.parent === undefined || !isTopLevel(inConst)) return null;
    if (frozen === undefined)
      reject(node, "WG2010", `${node.getText()} can change`, "say `as const` after the object");
    return lowerExpression(fn, declaration.initializer);
  }
  if (declaration !== undefined && ts.isPropertyDeclaration(declaration) && isStatic(declaration)) {
    const readonly = declaration.modifiers?.some((modifier) => modifier.kind === K.ReadonlyKeyword) ?? false;
    // What is wrong with a variable of this class was said where it is declared.
    if (!readonly && declaration.parent === fn.owner.declaration) rejectSilently();
    if (!readonly)
      reject(
        node,
        "WG2010",
        `${node.getText()} is a variable of another class`,
        "a class uses its own variables: a module's let is in every object that names it",
      );
    if (declaration.initializer === undefined)
      reject(node, "WG2010", `${node.getText()} has no value`, "give it one");
    return constantInitializer(fn, symbol, declaration, declaration.initializer, node);
  }
  // `namespace.NAME` of `import * as namespace`.
  if (declaration !== undefined && ts.isVariableDeclaration(declaration) && isTopLevel(declaration))
    return moduleConstant(fn, symbol, node);
  if (
    declaration !== undefined &&
    (ts.isMethodDeclaration(declaration) || ts.isMethodSignature(declaration))
  ) {
    reject(node, "WG1005", `${node.name.text} is a function, and functions are not values in BPF`, "call it");
  }
  return null;
}

function isTopLevel(node: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(node.parent.parent.parent);
}

function isStatic(node: ts.PropertyDeclaration): boolean {
  return node.modifiers?.some((modifier) => modifier.kind === K.StaticKeyword) ?? false;
}
