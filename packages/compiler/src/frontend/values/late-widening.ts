/** Results of narrow arithmetic that become wider after they may have wrapped. */
import ts from "#typescript";
import type { IntType, PointerType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, symbolOf } from "../state.js";
import { nameOf, solid } from "./scalars.js";
import type { ConstantValue, ScalarValue } from "./value.js";

/** Rejects a result that is widened after it may have wrapped: C and JavaScript would have kept all of it. */
export function rejectLateWidening(fn: FunctionState, from: ScalarValue, to: IntType | PointerType): void {
  const { type, wrappedAt } = from;
  if (wrappedAt === undefined || type.kind !== "int" || to.kind !== "int" || to.size <= type.size) return;
  const [name, wide] = [nameOf(type), nameOf(to)];
  const variable = untypedLet(fn, wrappedAt);
  const widen =
    variable === null
      ? `widen an operand first, ${wide}(…)`
      : `${variable} is ${name} by its first value: declare it wider, let ${variable}: ${wide} = …`;
  reject(
    wrappedAt,
    "WG2016",
    `${wrappedAt.getText()} wraps at ${type.size * 8} bits before it becomes ${wide}`,
    `${widen}, or write ${name}(…) around it where it is to wrap`,
  );
}

/** A number that is an index or an offset: sums of narrow numbers must not have wrapped. */
export function solidIndex(
  fn: FunctionState,
  value: ConstantValue | ScalarValue,
  node: ts.Node,
): ScalarValue {
  const index = solid(fn, value, node);
  rejectLateWidening(fn, index, integers.u32);
  return index;
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
