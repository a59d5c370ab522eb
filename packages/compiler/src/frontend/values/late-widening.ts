/**
 * Results of narrow arithmetic that become wider. `1 + length` of a `u8` wraps at 8 bits where it is given to a `u8`; where it goes to
 * something wider, such as an offset, all of it is taken, as it was computed in 32 bits. What was kept in a variable has wrapped already:
 * widening it is an error.
 */
import ts from "#typescript";
import type { IntType, PointerType } from "../../types/data-type.js";
import { integers, rangeOf } from "../../types/integers.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, symbolOf } from "../state.js";
import { nameOf, scalar, solid } from "./scalars.js";
import type { ConstantValue, NarrowVariable, ScalarValue, Value } from "./value.js";

/**
 * A number that is about to become one of `to`: all of a result that would have wrapped at a narrower width. Rejects one that has wrapped
 * already, and one that `to` does not hold.
 *
 * @param isExplicit whether the low bits are taken of what does not fit
 */
export function widened(
  fn: FunctionState,
  from: ScalarValue,
  to: IntType | PointerType,
  isExplicit = false,
): ScalarValue {
  const { type, wrappedAt, exact, variables = [] } = from;
  if (type.kind !== "int" || to.kind !== "int" || to.size <= type.size) return from;
  for (const variable of variables) {
    variable.widenedTo ??= to;
    rejectWrappedVariable(fn, variable);
  }
  if (wrappedAt === undefined) return from;
  if (exact !== undefined) {
    const { min, max } = rangeOf(to);
    const { range } = exact;
    const fits = range.min >= min && range.max <= max;
    if (fits || (isExplicit && (range.min >= 0n || to.signed)))
      return scalar(range.min < 0n ? integers.i32 : integers.u32, exact.id, range);
  }
  return rejectWrapped(fn, wrappedAt, type, to);
}

/** A number that is an index or an offset, which are wide; any other value as it is. */
export const wideIndex = (fn: FunctionState, value: Value): Value =>
  value.kind === "scalar" ? widened(fn, value, integers.u32) : value;

/** The same of a number that must be in a register. */
export const solidIndex = (
  fn: FunctionState,
  value: ConstantValue | ScalarValue,
  node: ts.Node,
): ScalarValue => widened(fn, solid(fn, value, node), integers.u32);

/** Notes what a statement assigns to a variable that is narrow by its first value only: it may not be widened after it wrapped. */
export function noteWrapped(fn: FunctionState, node: ts.BinaryExpression, value: Value): void {
  const symbol = ts.isIdentifier(node.left) ? symbolOf(fn.owner, node.left) : null;
  const binding = symbol === null ? undefined : fn.bindings.get(symbol);
  if (binding?.kind !== "scalar" || binding.narrow === undefined) return;
  if (value.kind !== "scalar" || value.wrappedAt === undefined || isStep(node)) return;
  binding.narrow.wrappedAt ??= node;
  rejectWrappedVariable(fn, binding.narrow);
}

/** The third part of a `for`: the loop's condition bounds it. */
function isStep(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isForStatement(parent)
    ? parent.incrementor === node
    : ts.isBinaryExpression(parent) && isStep(parent);
}

function rejectWrappedVariable(fn: FunctionState, { wrappedAt, widenedTo, type }: NarrowVariable): void {
  if (wrappedAt !== null && widenedTo !== null) rejectWrapped(fn, wrappedAt, type, widenedTo);
}

function rejectWrapped(fn: FunctionState, node: ts.Node, type: IntType, to: IntType): never {
  const [name, wide] = [nameOf(type), nameOf(to)];
  const variable = untypedLet(fn, node);
  const bound = variable === null ? untypedDeclaration(node) : null;
  const widen =
    variable !== null
      ? `${variable} is ${name} by its first value: declare it wider, let ${variable}: ${wide} = …`
      : bound !== null
        ? `declare it wider: ${bound}: ${wide} = …`
        : `widen an operand first, ${wide}(…)`;
  return reject(
    node,
    "WG2016",
    `${node.getText()} wraps at ${type.size * 8} bits before it becomes ${wide}`,
    `${widen}, or write ${name}(…) around it where it is to wrap`,
  );
}

/** A variable among the operands that was declared without a type. */
function untypedLet(fn: FunctionState, node: ts.Node): string | null {
  if (ts.isParenthesizedExpression(node)) return untypedLet(fn, node.expression);
  if (ts.isBinaryExpression(node)) return untypedLet(fn, node.left) ?? untypedLet(fn, node.right);
  const declaration = ts.isIdentifier(node) ? symbolOf(fn.owner, node)?.valueDeclaration : undefined;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return null;
  const isLet = (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Let) !== 0;
  return isLet && declaration.type === undefined && ts.isIdentifier(declaration.name)
    ? declaration.name.text
    : null;
}

/** The variable without a declared type that has the result as its first value, as in its declaration: `const sum`. */
function untypedDeclaration(node: ts.Node): string | null {
  const { parent } = node;
  if (ts.isParenthesizedExpression(parent)) return untypedDeclaration(parent);
  if (!ts.isVariableDeclaration(parent) || parent.type !== undefined || !ts.isIdentifier(parent.name))
    return null;
  const isConst = (ts.getCombinedNodeFlags(parent) & ts.NodeFlags.Const) !== 0;
  return `${isConst ? "const" : "let"} ${parent.name.text}`;
}
