/** Expressions, a handler for each kind of node; a kind without one is rejected with its reason. */
import ts from "#typescript";
import type { DataType } from "../../types/data-type.js";
import { lowerCall } from "../calls/calls.js";
import { rejectCallUnderLock } from "../calls/lock-calls.js";
import { readKernel } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import { unsupported } from "../rejections/unsupported.js";
import type { FunctionState } from "../state.js";
import { tokenLocation } from "../token-location.js";
import { readPlace } from "../values/memory.js";
import { boolean, registerOf, scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { increment } from "./assignments.js";
import { chainOf, lowerLooseChain } from "./chains.js";
import { lowerLiteral } from "./literals.js";
import { lowerLogMessage } from "./log-messages.js";
import { lowerIdentifier } from "./names.js";
import { lowerBinary, lowerPrefix } from "./operators.js";
import { elementPlace } from "./places.js";
import { lowerProperty } from "./properties.js";
import { lowerTernary } from "./ternary.js";

function handler<N extends ts.Node>(
  guard: (node: ts.Node) => node is N,
  lower: (fn: FunctionState, node: N, expected: DataType | null) => Value,
): (fn: FunctionState, node: ts.Node, expected: DataType | null) => Value {
  return (fn, node, expected) => (guard(node) ? lower(fn, node, expected) : unsupported(node));
}

/** Lowers an expression to a value. `expected` is the type in memory that an object or array literal is to have. */
export function lowerExpression(
  fn: FunctionState,
  node: ts.Expression,
  expected: DataType | null = null,
): Value {
  const outer = fn.builder.location;
  // A constant of another file is at the place of its use.
  if (node.getSourceFile() === fn.entry.declaration.getSourceFile())
    fn.builder.location = tokenLocation(fn.owner, node);
  try {
    const chain = chainOf(node);
    if (chain === node && chain !== null && !fn.chains.has(chain)) return lowerLooseChain(fn, chain);
    const lower = handlers.get(node.kind);
    const value = lower === undefined ? unsupported(node) : lower(fn, node, expected);
    rejectCallUnderLock(fn, node);
    return value;
  } finally {
    fn.builder.location = outer;
  }
}

const K = ts.SyntaxKind;

type Lower = (fn: FunctionState, node: ts.Node, expected: DataType | null) => Value;

const handlers: ReadonlyMap<ts.SyntaxKind, Lower> = new Map<ts.SyntaxKind, Lower>([
  [
    K.ParenthesizedExpression,
    handler(ts.isParenthesizedExpression, (fn, node, expected) =>
      lowerExpression(fn, node.expression, expected),
    ),
  ],
  [
    K.SatisfiesExpression,
    handler(ts.isSatisfiesExpression, (fn, node, expected) => lowerExpression(fn, node.expression, expected)),
  ],
  [K.AsExpression, handler(ts.isAsExpression, lowerAs)],
  [K.NumericLiteral, handler(ts.isNumericLiteral, (_fn, node) => numberLiteral(node))],
  [
    K.BigIntLiteral,
    handler(ts.isBigIntLiteral, (_fn, node) => ({
      kind: "constant",
      value: BigInt(node.text.slice(0, -1)),
      wide: true,
    })),
  ],
  [K.StringLiteral, handler(ts.isStringLiteral, (_fn, node) => ({ kind: "text", value: node.text }))],
  [
    K.NoSubstitutionTemplateLiteral,
    handler(ts.isNoSubstitutionTemplateLiteral, (_fn, node) => ({ kind: "text", value: node.text })),
  ],
  [K.TrueKeyword, (fn: FunctionState) => boolean(fn.builder.i32(1))],
  [K.FalseKeyword, (fn: FunctionState) => boolean(fn.builder.i32(0))],
  [K.NullKeyword, () => ({ kind: "null" })],
  [K.Identifier, handler(ts.isIdentifier, lowerIdentifier)],
  [
    K.PropertyAccessExpression,
    handler(ts.isPropertyAccessExpression, (fn, node) => {
      const value = lowerProperty(fn, node);
      if (value.kind === "scalar" && isPath(node)) fn.builder.nameField(value.id, node.getText());
      return value;
    }),
  ],
  [
    K.ElementAccessExpression,
    handler(ts.isElementAccessExpression, (fn, node) => {
      const found = elementPlace(fn, node);
      return found.kind === "kernel" ? readKernel(fn, found, node) : readPlace(fn, found);
    }),
  ],
  [K.BinaryExpression, handler(ts.isBinaryExpression, lowerBinary)],
  [K.PrefixUnaryExpression, handler(ts.isPrefixUnaryExpression, lowerPrefix)],
  [
    K.PostfixUnaryExpression,
    handler(ts.isPostfixUnaryExpression, (fn, node) =>
      increment(fn, node.operand, node.operator, false, node),
    ),
  ],
  [K.ConditionalExpression, handler(ts.isConditionalExpression, lowerTernary)],
  [K.CallExpression, handler(ts.isCallExpression, lowerCall)],
  [K.TaggedTemplateExpression, handler(ts.isTaggedTemplateExpression, lowerLogMessage)],
  [K.ObjectLiteralExpression, handler(ts.isObjectLiteralExpression, lowerLiteral)],
  [K.ArrayLiteralExpression, handler(ts.isArrayLiteralExpression, lowerLiteral)],
]);

function numberLiteral(node: ts.NumericLiteral): Value {
  const value = Number(node.text);
  if (!Number.isInteger(value) || /^[\d_]*\.|^\d[\d_]*e-/i.test(node.getText())) {
    reject(
      node,
      "WG1002",
      `${node.getText()} is a floating point number`,
      "scale it, for example to thousandths",
    );
  }
  if (!Number.isSafeInteger(value))
    reject(node, "WG2001", `${node.getText()} is not exact`, "write a bigint: 123n");
  return { kind: "constant", value: BigInt(value), wide: false };
}

function lowerAs(fn: FunctionState, node: ts.AsExpression, expected: DataType | null): Value {
  if (ts.isConstTypeReference(node.type)) return lowerExpression(fn, node.expression, expected);
  // In @waggle/kernel's own constants a cast makes a big-endian constant, whose declaration shows the number.
  if (node.getSourceFile().fileName.startsWith(fn.owner.kernel.kernelSources || "\0")) {
    const type = fn.owner.resolver.data(fn.owner.checker.getTypeFromTypeNode(node.type), node);
    let inner: ts.Expression = node.expression;
    while (ts.isAsExpression(inner)) inner = inner.expression;
    const value = lowerExpression(fn, inner);
    if (type.kind === "int" && value.kind === "constant") {
      const swap = type.size === 8 ? "be64" : type.size === 4 ? "be32" : "be16";
      return scalar(type, fn.builder.unary(swap, fn.builder.const(registerOf(type), value.value)));
    }
  }
  return reject(
    node,
    "WG1012",
    "a cast is taken on trust, which kernel memory does not allow",
    "convert numbers with u8(…) and the like, and let types follow from declarations",
  );
}

/** `job.index`, `task.real_parent.tgid`: names alone, which a report can show in a line. */
function isPath(node: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(node)) return isPath(node.expression);
  return ts.isIdentifier(node) || node.kind === K.ThisKeyword;
}
