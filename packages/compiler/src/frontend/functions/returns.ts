/** `return`. */

import ts from "#typescript";
import type { ValueId } from "../../ir/types.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionEntry, type FunctionState, locationOf } from "../state.js";
import { checkLayout, isPresent, writePlace } from "../values/memory.js";
import { rejectOtherPlace } from "../values/references.js";
import { boundsOf, isNumber } from "../values/scalars.js";
import { type MemoryValue, type Range, union, type Value } from "../values/value.js";
import { passed } from "./function-calls.js";

/** `return`, with the result that the function declares. */
export function lowerReturn(fn: FunctionState, node: ts.ReturnStatement): void {
  if (node.expression === undefined) leave(fn, null);
  else leaveWith(fn, node.expression, node);
}

/** Leaves the body with the value of an expression. */
export function leaveWith(fn: FunctionState, expression: ts.Expression, node: ts.Node): void {
  const { returns, builder } = fn;
  const expected = returns.kind === "data" || returns.kind === "ref" ? returns.type : null;
  // Calls of `undefined` stand for null, as they do in comparisons.
  const isUndefined = ts.isIdentifier(expression) && expression.text === "undefined";
  const value: Value = isUndefined ? { kind: "null" } : lowerExpression(fn, expression, expected);
  builder.location = locationOf(fn.owner, node);
  if (returns.kind === "void") {
    if (value.kind !== "void" && !isUndefined) reject(node, "WG1001", "nothing is returned here");
    leave(fn, null);
    return;
  }
  if (fn.leave.copyTo !== null) {
    leaveWithCopy(fn, fn.leave.copyTo, value, expression);
    return;
  }
  if (value.kind === "memory" && value.region === "stack" && fn.leave.join === null) {
    reject(
      expression,
      "WG1015",
      "the object is on the stack of this function and is gone when it returns",
      "return a copy: { ...value }",
    );
  }
  if (value.kind === "memory" && fn.leave.join !== null) {
    leaveWithReference(fn, value, expression);
    return;
  }
  fn.leave.given.push(isNumber(value) ? boundsOf(value) : null);
  leave(fn, passed(fn, value, returns, expression));
}

/** Gives a reference to what comes after a body that was put in place of its call. */
function leaveWithReference(fn: FunctionState, value: MemoryValue, node: ts.Node): void {
  const { returns, leave: how } = fn;
  const [first] = how.references;
  if (first !== undefined) rejectOtherPlace(first, value, node);
  how.references.push(value);
  const isContext = value.region === "context";
  if (isContext && (returns.kind === "data" || returns.kind === "ref"))
    checkLayout(value, returns.type, node);
  leave(fn, isContext ? value.pointer : passed(fn, value, returns, node));
}

/** Bounds of every number that a body gives; null when nothing is known of one, or it gives none. */
export function boundsGiven({ given }: FunctionState["leave"]): Range | null {
  const [first, ...rest] = given.filter((range) => range !== null);
  return first === undefined || rest.length + 1 < given.length ? null : union([first, ...rest]);
}

/** Copies a struct to the caller's memory; one that may be null says whether it is there. */
function leaveWithCopy(
  fn: FunctionState,
  copyTo: NonNullable<FunctionState["leave"]["copyTo"]>,
  value: Value,
  node: ts.Node,
): void {
  const { builder, returns } = fn;
  const flag = (there: 0 | 1): ValueId | null => (returns.nullable ? builder.i32(there) : null);
  if (value.kind === "null") {
    leave(fn, flag(0));
    return;
  }
  if (value.kind === "memory" && value.nullable) {
    const [there, missing] = [builder.block(), builder.block()];
    builder.branch(isPresent(fn, value), there, missing);
    builder.switchTo(missing);
    leave(fn, flag(0));
    builder.switchTo(there);
  }
  writePlace(fn, copyTo, value, node);
  leave(fn, flag(1));
}

function leave(
  { builder, leave: { join, copyTo }, entry, returns }: FunctionState,
  id: ValueId | null,
): void {
  // A visit of a loop that returns nothing goes on.
  const isVisit = id === null && returns.kind === "data" && copyTo === null;
  if (join !== null) builder.jump(join, id !== null ? [id] : isVisit ? [builder.i32(0)] : []);
  else builder.return(id ?? (givesZero(entry) && returns.kind === "void" ? builder.i32(0) : null));
}

/** Whether the kernel wants a number of a function that gives nothing: of programs, of global functions, and of those that it calls. */
export const givesZero = ({ section, form, callback }: FunctionEntry): boolean =>
  section !== null || form === "global" || callback !== undefined;
