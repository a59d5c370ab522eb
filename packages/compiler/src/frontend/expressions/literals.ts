/** Object and array literals: structs and arrays on the stack. */

import ts from "#typescript";
import type { DataType } from "../../types/data-type.js";
import { isDense } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import { unsupported } from "../rejections/unsupported.js";
import type { FunctionState } from "../state.js";
import { noteStored } from "../statements/assigned-facts.js";
import { elementOf, fieldOf, newSlot, writePlace, zeroMemory } from "../values/memory.js";
import type { MemoryValue, Value } from "../values/value.js";
import { lowerExpression } from "./expressions.js";
import { spreadInto } from "./spread.js";

/** `{ … }` or `[ … ]`: new memory on the stack, padding zeroed. */
export function lowerLiteral(
  fn: FunctionState,
  node: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression,
  expected: DataType | null,
): Value {
  const type = expected ?? literalType(fn, node);
  const slot = newSlot(
    fn,
    ts.isVariableDeclaration(node.parent) && ts.isIdentifier(node.parent.name)
      ? node.parent.name.text
      : "literal",
    type,
  );
  // All of it is zeroed first where bytes lie between the fields: the kernel copies and compares those too.
  if (!isDense(type)) zeroMemory(fn, slot);
  fillLiteral(fn, node, slot);
  return slot;
}

function literalType(fn: FunctionState, node: ts.Expression): DataType {
  const { checker, resolver } = fn.owner;
  const type = checker.getContextualType(node) ?? spreadType(fn, node);
  if (type === undefined || type === null)
    reject(
      node,
      "WG1004",
      "an object without a declared type has no layout",
      "declare its type: const key: Key = { … }",
    );
  return resolver.data(checker.getNonNullableType(type), node);
}

/** The struct that `{ ...struct, field: 1 }` is a copy of: it has all the fields that are named. */
function spreadType(fn: FunctionState, node: ts.Expression): ts.Type | null {
  const [first, ...rest] = ts.isObjectLiteralExpression(node) ? node.properties : [];
  if (first === undefined || !ts.isSpreadAssignment(first)) return null;
  const { checker } = fn.owner;
  const type = checker.getTypeAtLocation(first.expression);
  const isField = (property: ts.ObjectLiteralElementLike): boolean =>
    property.name !== undefined && checker.getPropertyOfType(type, property.name.getText()) !== undefined;
  return rest.every(isField) ? type : null;
}

/** Stores what an expression makes into memory that nothing else refers to yet. */
function fill(fn: FunctionState, node: ts.Expression, place: MemoryValue): void {
  const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
  if (ts.isObjectLiteralExpression(inner) || ts.isArrayLiteralExpression(inner))
    fillLiteral(fn, inner, place);
  else noteStored(fn, inner, writePlace(fn, place, lowerExpression(fn, inner, place.type), inner));
}

/** Fills memory that nothing else refers to yet with what a literal says; a union has one member given. */
export function fillLiteral(
  fn: FunctionState,
  node: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression,
  place: MemoryValue,
): void {
  const { type } = place;
  if (ts.isArrayLiteralExpression(node)) {
    if (type.kind !== "array")
      reject(
        node,
        "WG1004",
        "an array of JavaScript lives on a heap, which BPF does not have",
        "use FixedArray<T, N>",
      );
    if (node.elements.length !== type.length)
      reject(node, "WG2006", `${node.elements.length} elements for an array of ${type.length}`);
    for (const [index, item] of node.elements.entries()) {
      if (ts.isSpreadElement(item) || ts.isOmittedExpression(item)) unsupported(item);
      fill(
        fn,
        item,
        elementOf(fn, { ...place, type }, { kind: "constant", value: BigInt(index), wide: false }, item),
      );
    }
    return;
  }
  if (type.kind !== "struct")
    reject(node, "WG1004", "an object literal makes a struct, and none is expected here");
  const written = new Set<string>();
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      spreadInto(fn, property, place, written);
      continue;
    }
    if (property.name !== undefined && ts.isComputedPropertyName(property.name))
      reject(property.name, "WG1017", "a field is named in the source");
    const name =
      property.name !== undefined && (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name))
        ? property.name.text
        : "";
    written.add(name);
    const field = fieldOf(place, name, property);
    if (ts.isPropertyAssignment(property)) fill(fn, property.initializer, field);
    else if (ts.isShorthandPropertyAssignment(property))
      noteStored(fn, property.name, writePlace(fn, field, lowerExpression(fn, property.name), property));
    else unsupported(property);
  }
  const missing = type.union ? undefined : type.fields.find((field) => !written.has(field.name));
  if (type.union && written.size !== 1)
    reject(
      node,
      "WG2006",
      `${written.size} members of the union ${type.name} are given, and they share their bytes`,
      `make it of one: union<${type.name}>({ ${type.fields[0]?.name ?? "member"}: … })`,
    );
  if (missing !== undefined)
    reject(node, "WG2006", `${type.name}.${missing.name} is missing`, "give every field a value");
}
