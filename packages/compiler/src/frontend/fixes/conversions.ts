/** Fixes of numbers that do not fit or do not meet: the conversion that the help names, written where it belongs. */
import ts from "#typescript";
import type { Edit, Fix } from "../../diagnostics/diagnostic.js";
import type { FixContext } from "./context.js";
import { around, fix, insert, replace, wrap } from "./context.js";
import { importEdits } from "./imports.js";

/** The expression that gives the value: TypeScript often points at the variable or field that takes it. */
export function givenValue({ node }: FixContext): ts.Expression | null {
  const { parent } = node;
  if (ts.isReturnStatement(node)) return node.expression ?? null;
  if (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)) return node.initializer ?? null;
  if (parent !== undefined) {
    if (ts.isVariableDeclaration(parent) && parent.name === node) return parent.initializer ?? null;
    if (ts.isPropertyDeclaration(parent) && parent.name === node) return parent.initializer ?? null;
    if (ts.isPropertyAssignment(parent) && parent.name === node) return parent.initializer;
    if (ts.isBinaryExpression(parent) && parent.left === node && isAssignment(parent.operatorToken.kind))
      return parent.right;
  }
  return ts.isExpression(node) && !ts.isBinaryExpression(node)
    ? node
    : ts.isBinaryExpression(node)
      ? node
      : null;
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** `node` as a number of type `name`: `u8(…)`, or for a literal of 64 bits `1n`. */
function conversion(context: FixContext, node: ts.Expression, name: string): readonly Edit[] {
  if (ts.isNumericLiteral(node) && /^[ui]64$/.test(name) && /^\d+$/.test(node.getText()))
    return [insert(context, node.getEnd(), "n")];
  return [...wrap(context, node, name), ...importEdits(context, name, "value")];
}

const title = (context: FixContext, node: ts.Expression, name: string): string => {
  const isLiteral = ts.isNumericLiteral(node) && /^[ui]64$/.test(name);
  const text = node.getText(context.source);
  return isLiteral ? `Write ${text}n` : `Convert ${text.length > 30 ? "it" : text} with ${name}(…)`;
};

function convert(context: FixContext, node: ts.Expression | null, name: string): Fix[] {
  return node === null ? [] : fix(title(context, node, name), conversion(context, node, name));
}

/** The value that does not fit, in `name(…)`. */
export function convertValue(context: FixContext, name: string): Fix[] {
  const value = givenValue(context);
  // A short form `{ a }` has no value of its own to convert.
  const { node } = context;
  const short = ts.isShorthandPropertyAssignment(node) ? node : node.parent;
  if (short !== undefined && ts.isShorthandPropertyAssignment(short)) {
    const { text } = short.name;
    return fix(
      `Convert ${text} with ${name}(…)`,
      insert(context, short.name.getEnd(), `: ${name}(${text})`),
      importEdits(context, name, "value"),
    );
  }
  return convert(context, value, name);
}

/** The two sides of an operator that do not meet: each converted to the other's type. */
export function convertSides(context: FixContext, left: string, right: string): Fix[] {
  const binary = around(context.node, ts.isBinaryExpression);
  if (binary === null) return [];
  const toLeft = convert(context, binary.right, left);
  return isAssignment(binary.operatorToken.kind)
    ? toLeft
    : [...toLeft, ...convert(context, binary.left, right)];
}

const typeName = ({ checker }: FixContext, node: ts.Expression): string =>
  checker.typeToString(checker.getTypeAtLocation(node));

/** A big-endian side of an operator: to host order, or a literal beside it to network order. */
export function convertByteOrder(context: FixContext): Fix[] {
  const binary = around(context.node, ts.isBinaryExpression);
  if (binary === null) return [];
  const sides = [binary.left, binary.right];
  return sides.flatMap((side, index) => {
    const other = sides[1 - index];
    const [, bits] = typeName(context, side).match(/^be(16|32|64)$/) ?? [];
    if (bits === undefined || other === undefined) return [];
    const isCompared = /^[!=]==?$/.test(binary.operatorToken.getText());
    const toNetwork =
      isCompared && !/^be\d+$/.test(typeName(context, other)) ? convert(context, other, `be${bits}`) : [];
    const toHost =
      isAssignment(binary.operatorToken.kind) && index === 0 ? [] : convert(context, side, `u${bits}`);
    return [...toNetwork, ...toHost];
  });
}

/** A side of 32 bits beside one of 64. */
export function convertTo64(context: FixContext): Fix[] {
  const binary = around(context.node, ts.isBinaryExpression);
  if (binary === null) return [];
  const [left, right] = [typeName(context, binary.left), typeName(context, binary.right)];
  if (/^[ui]64$/.test(left) && right !== left) return convert(context, binary.right, left);
  return /^[ui]64$/.test(right) ? convert(context, binary.left, right) : [];
}

const widths = [
  ["u8", 0n, 0xffn],
  ["i8", -0x80n, 0x7fn],
  ["u16", 0n, 0xffffn],
  ["i16", -0x8000n, 0x7fffn],
  ["u32", 0n, 0xffff_ffffn],
  ["i32", -0x8000_0000n, 0x7fff_ffffn],
] as const;

/** A literal that does not fit: the variable's type or the other operand made wide enough, or the bits that fit. */
export function widen(context: FixContext, literal: string, name: string): Fix[] {
  const value = BigInt(literal);
  const declaration = around(context.node, ts.isVariableDeclaration);
  const type = declaration?.initializer === givenValue(context) ? declaration?.type : undefined;
  const wider = widths.find(([, min, max]) => value >= min && value <= max)?.[0];
  const declared =
    type === undefined || wider === undefined
      ? []
      : fix(`Declare it as ${wider}`, replace(context, type, wider), importEdits(context, wider, "type"));
  const other = otherOperand(context.node);
  if (other !== null) return wider === undefined ? [] : convert(context, other, wider);
  return [...declared, ...(ts.isBinaryExpression(context.node) ? [] : convertValue(context, name))];
}

/** The other operand of the operation that a node is one of. */
function otherOperand(node: ts.Node): ts.Expression | null {
  const operation = node.parent;
  if (operation === undefined || !ts.isBinaryExpression(operation)) return null;
  if (isAssignment(operation.operatorToken.kind)) return null;
  return operation.left === node ? operation.right : operation.left;
}

/** `x as u8` becomes `u8(x)`. */
export function convertCast(context: FixContext): Fix[] {
  const { node } = context;
  if (!ts.isAsExpression(node) && !ts.isTypeAssertionExpression(node)) return [];
  const name = node.type.getText();
  if (!/^(?:[ui](?:8|16|32|64)|be(?:16|32|64))$/.test(name)) return [];
  let inner: ts.Expression = node.expression;
  while (ts.isAsExpression(inner) || ts.isParenthesizedExpression(inner)) inner = inner.expression;
  return fix(
    `Convert with ${name}(…)`,
    replace(context, node, `${name}(${inner.getText()})`),
    importEdits(context, name, "value"),
  );
}
