/** Assignment, compound assignment, ++ and --. */
import ts from "#typescript";
import { reject, rejectSilently } from "../rejections/rejection.js";
import { unsupported } from "../rejections/unsupported.js";
import { type FunctionState, symbolOf } from "../state.js";
import { noteAssigned, noteStored } from "../statements/assigned-facts.js";
import { knownBefore } from "../statements/compared-places.js";
import { forgetAssigned } from "../statements/compared-variables.js";
import { binary } from "../values/arithmetic.js";
import { wrappedToPlace } from "../values/bit-fields.js";
import { noteWrapped } from "../values/late-widening.js";
import {
  checkLayout,
  copyToStack,
  elementOf,
  fieldOf,
  isContextPart,
  memoryAt,
  readPlace,
  writePlace,
} from "../values/memory.js";
import { keptPointer, keptShape, rejectOtherPlace } from "../values/references.js";
import { coerce } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";
import { branchOnPresence, lowerCondition } from "./conditions.js";
import { lowerExpression } from "./expressions.js";
import { knownRange, moduleVariable } from "./names.js";
import { rejectOverwritten } from "./overwritten.js";
import { lowerPlace } from "./places.js";

const K = ts.SyntaxKind;
const compound: ReadonlyMap<ts.SyntaxKind, ts.SyntaxKind> = new Map([
  [K.PlusEqualsToken, K.PlusToken],
  [K.MinusEqualsToken, K.MinusToken],
  [K.AsteriskEqualsToken, K.AsteriskToken],
  [K.SlashEqualsToken, K.SlashToken],
  [K.PercentEqualsToken, K.PercentToken],
  [K.AmpersandEqualsToken, K.AmpersandToken],
  [K.BarEqualsToken, K.BarToken],
  [K.CaretEqualsToken, K.CaretToken],
  [K.LessThanLessThanEqualsToken, K.LessThanLessThanToken],
  [K.GreaterThanGreaterThanEqualsToken, K.GreaterThanGreaterThanToken],
  [K.GreaterThanGreaterThanGreaterThanEqualsToken, K.GreaterThanGreaterThanGreaterThanToken],
]);

const logical = new Set([
  K.BarBarEqualsToken,
  K.AmpersandAmpersandEqualsToken,
  K.QuestionQuestionEqualsToken,
]);

/** Whether the token assigns in a way that the language has. */
export const isAssignment = (operator: ts.SyntaxKind): boolean =>
  operator === K.EqualsToken || compound.has(operator) || logical.has(operator);

/** A scalar variable or a place in memory. */
export function assignedPlace(fn: FunctionState, node: ts.Expression): MemoryValue {
  const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
  if (ts.isIdentifier(inner)) {
    const symbol = ts.isShorthandPropertyAssignment(inner.parent)
      ? (fn.owner.checker.getShorthandAssignmentValueSymbol(inner.parent) ?? null)
      : symbolOf(fn.owner, inner);
    const binding = symbol === null ? undefined : fn.bindings.get(symbol);
    if (binding?.kind === "broken") rejectSilently();
    if (binding?.kind === "scalar") {
      return memoryAt(binding.type, fn.builder.slotAddress(binding.slot), "stack");
    }
    if (binding?.kind === "place") return binding.place;
    const variable = binding === undefined && symbol !== null ? moduleVariable(fn, symbol, inner) : null;
    if (variable !== null) return variable;
    return reject(
      inner,
      "WG1016",
      `${inner.text} cannot be assigned in kernel code`,
      binding === undefined
        ? "use an entry of a map for what changes"
        : "copy it to a variable: let copy = …",
    );
  }
  return lowerPlace(fn, inner) ?? unsupported(inner);
}

/** `a = b` and `a += b`; its value is what was assigned. */
export function assign(fn: FunctionState, node: ts.BinaryExpression): Value {
  if (logical.has(node.operatorToken.kind)) return assignWhere(fn, node);
  const operator = compound.get(node.operatorToken.kind);
  if (operator === undefined) return assignPlain(fn, node);
  const place = assignedPlace(fn, node.left);
  const symbol = ts.isIdentifier(node.left) ? symbolOf(fn.owner, node.left) : null;
  const read = readPlace(fn, place);
  const old = symbol === null ? knownBefore(fn, node.left, read) : knownRange(fn, symbol, read);
  const { type } = place;
  const result = binary(fn, operator, old, lowerExpression(fn, node.right), node);
  noteWrapped(fn, node, result);
  const value =
    type.kind === "int" || type.kind === "pointer"
      ? coerce(
          fn,
          wrappedToPlace(fn, place, result),
          type.kind === "int" && old.kind === "scalar" ? old.type : type,
          node,
        )
      : result;
  noteStored(fn, node, writePlace(fn, place, value, node));
  return value;
}

function assignPlain(fn: FunctionState, node: ts.BinaryExpression): Value {
  if (ts.isArrayLiteralExpression(node.left) || ts.isObjectLiteralExpression(node.left))
    return assignParts(fn, node.left, node.right);
  const reference = assignReference(fn, node);
  if (reference !== null) return reference;
  const place = assignedPlace(fn, node.left);
  const value = lowerExpression(fn, node.right, place.type);
  noteWrapped(fn, node, value);
  rejectOverwritten(fn, place, node);
  noteStored(fn, node, writePlace(fn, place, value, node.right));
  return value;
}

/** `a ||= b`, `a &&= b`, `a ??= b`: assigns, and computes `b`, only where the left side asks for it. */
function assignWhere(fn: FunctionState, node: ts.BinaryExpression): Value {
  const { builder } = fn;
  if (!ts.isExpressionStatement(node.parent))
    reject(node, "WG1001", `${node.operatorToken.getText()} is a statement`, "assign in an if");
  const [there, missing, after] = [builder.block(), builder.block(), builder.block()];
  if (node.operatorToken.kind === K.QuestionQuestionEqualsToken)
    branchOnPresence(fn, lowerExpression(fn, node.left), there, missing, node.left);
  else lowerCondition(fn, node.left, there, missing);
  const [assigns, leaves] =
    node.operatorToken.kind === K.AmpersandAmpersandEqualsToken ? [there, missing] : [missing, there];
  builder.switchTo(assigns);
  assignPlain(fn, node);
  builder.jump(after);
  builder.switchTo(leaves);
  builder.jump(after);
  builder.switchTo(after);
  return { kind: "void" };
}

/** `[a, b] = [b, a]` and `({ a, b } = struct)`: everything on the right is read before anything is written. */
function assignParts(
  fn: FunctionState,
  left: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression,
  right: ts.Expression,
): Value {
  const parts = partsOf(fn, left, right).map(
    ([place, value, node]): Part => [
      place,
      value.kind === "memory" ? copyToStack(fn, value, "part", node) : value,
      node,
    ],
  );
  for (const [place, value, node] of parts) writePlace(fn, assignedPlace(fn, place), value, node);
  return { kind: "void" };
}

type Part = readonly [place: ts.Expression, value: Value, node: ts.Node];

function partsOf(
  fn: FunctionState,
  left: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression,
  right: ts.Expression,
): Part[] {
  if (ts.isArrayLiteralExpression(left) && ts.isArrayLiteralExpression(right)) {
    return left.elements.map((place, index): Part => {
      const given = right.elements[index];
      if (given === undefined) return reject(place, "WG2006", "there is no element for this");
      return [place, lowerExpression(fn, given), given];
    });
  }
  const source = lowerExpression(fn, right);
  if (source.kind !== "memory") return reject(right, "WG1001", "only structs and arrays have parts");
  if (ts.isArrayLiteralExpression(left)) {
    return left.elements.map((place, index): Part => {
      const at = { kind: "constant", value: BigInt(index), wide: false } as const;
      return [place, readPlace(fn, elementOf(fn, source, at, place)), place];
    });
  }
  return left.properties.map((property): Part => {
    const { name } = property;
    if (name === undefined || !ts.isIdentifier(name)) return unsupported(property);
    const value = readPlace(fn, fieldOf(source, name.text, name));
    if (ts.isShorthandPropertyAssignment(property)) return [property.name, value, name];
    return ts.isPropertyAssignment(property) ? [property.initializer, value, name] : unsupported(property);
  });
}

function assignReference(fn: FunctionState, node: ts.BinaryExpression): Value | null {
  if (!ts.isIdentifier(node.left)) return null;
  const symbol = symbolOf(fn.owner, node.left);
  const binding = symbol === null ? undefined : fn.bindings.get(symbol);
  if (binding?.kind === "value" && binding.value.kind === "memory" && isContextPart(binding.value))
    // What it is assigned would take its place.
    keptPointer(fn, binding.value, node.left);
  if (binding?.kind !== "reference") return null;
  const value = lowerExpression(fn, node.right, binding.shape.type);
  const { builder } = fn;
  if (value.kind !== "memory" && value.kind !== "null")
    reject(node.right, "WG1001", "only a reference can be assigned here");
  if (value.kind === "memory") {
    if (value.region === "stack")
      reject(
        node.right,
        "WG1015",
        `${node.left.text} would refer to another object on the stack`,
        "assign its fields one by one",
      );
    checkLayout(value, binding.shape.type, node.right);
    const met = binding.origin ?? binding.met;
    if (met !== undefined) rejectOtherPlace(met, value, node.right);
    else if (symbol !== null && value.region === "context")
      fn.bindings.set(symbol, { ...binding, met: value, shape: keptShape(value, binding.shape.pointer) });
  }
  const pointer = value.kind === "null" ? builder.nullPointer() : keptPointer(fn, value, node.right);
  builder.store(builder.slotAddress(binding.slot), pointer, { width: 8, region: "stack" });
  return value;
}

/** `++x` gives the new value, `x++` the old. */
export function increment(
  fn: FunctionState,
  operand: ts.Expression,
  operator: ts.SyntaxKind,
  prefix: boolean,
  node: ts.Node,
): Value {
  const place = assignedPlace(fn, operand);
  const symbol = ts.isIdentifier(operand) ? symbolOf(fn.owner, operand) : null;
  const read = readPlace(fn, place);
  const old = symbol === null ? knownBefore(fn, operand, read) : knownRange(fn, symbol, read);
  const wide = old.kind === "scalar" && old.type.kind === "int" && old.type.size === 8;
  const by = operator === K.PlusPlusToken ? K.PlusToken : K.MinusToken;
  const sum = binary(fn, by, old, { kind: "constant", value: 1n, wide }, node);
  const result = wrappedToPlace(fn, place, sum);
  noteStored(fn, node, writePlace(fn, place, result, node));
  forgetAssigned(fn, node);
  noteAssigned(fn, node, operand, result);
  return prefix ? result : old;
}
