/**
 * Fields whose comparisons are remembered: `if (s.n < 8) s.v[s.n] = 1`. The number that was compared is the one that is used, as others may
 * change a map's value or the packet in between: what a comparison says of it holds whatever becomes of the field.
 */
import ts from "#typescript";
import type { DataType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { lowerExpression } from "../expressions/expressions.js";
import { Rejection } from "../rejections/rejection.js";
import { type FactKey, type FunctionState, kernelName, type PlacePath, symbolOf } from "../state.js";
import { boundsOf, isNumber, registerOf } from "../values/scalars.js";
import { intersect, least, type Range, type ScalarValue, type Value } from "../values/value.js";

const K = ts.SyntaxKind;

/** Functions of @waggle/kernel, and methods, that change no memory which a field could be in. */
const pure: ReadonlySet<string> = new Set([
  ...Object.keys(integers),
  ...["be16", "be32", "be64", "min", "max", "clamp", "sizeof", "offsetof", "isNull"],
  ...["at", "get", "has", "equals", "ktimeGetNs", "getPrandomU32", "getSmpProcessorId", "currentPid"],
]);

/** The field that an expression names, one object for each; null for anything else. */
export function placePath(fn: FunctionState, node: ts.Expression): PlacePath | null {
  const names: string[] = [];
  let inner: ts.Expression = node;
  while (ts.isPropertyAccessExpression(inner) && inner.questionDotToken === undefined) {
    names.unshift(inner.name.text);
    inner = ts.isParenthesizedExpression(inner.expression) ? inner.expression.expression : inner.expression;
  }
  if (!ts.isIdentifier(inner) || names.length === 0) return null;
  const variable = ts.isPropertyAccessExpression(node) ? symbolOf(fn.owner, node.name) : null;
  const isStatic = variable !== null && names.length === 1 && fn.owner.configs.has(variable);
  return pathOf(fn, inner, names, isStatic);
}

/** The same of the variable and the names; `isStatic` where the variable is a class. */
export function pathOf(
  fn: FunctionState,
  variable: ts.Identifier,
  names: readonly string[],
  isStatic = false,
): PlacePath | null {
  const root = symbolOf(fn.owner, variable);
  if (root === null) return null;
  const binding = fn.bindings.get(root);
  if (!isStatic && binding?.kind !== "value" && binding?.kind !== "place") return null;
  const memory = binding?.kind === "place" ? binding.place : binding?.kind === "value" ? binding.value : null;
  const found = fn.paths.find((path) => path.root === root && path.names.join() === names.join());
  if (found !== undefined) return found;
  const path: PlacePath = { root, names, isOwn: memory?.kind === "memory" && memory.region === "stack" };
  fn.paths.push(path);
  return path;
}

/** The number that a comparison found in a field, with what it said; null when nothing that still holds is known. */
export function knownField(fn: FunctionState, node: ts.PropertyAccessExpression): ScalarValue | null {
  if (!fn.facts.some((facts) => [...facts.keys()].some(isPath))) return null;
  const path = placePath(fn, node);
  if (path === null) return null;
  let known: ScalarValue | null = null;
  for (const facts of fn.facts) {
    const fact = facts.get(path);
    if (fact?.read === undefined) continue;
    const before: Range = known?.id === fact.read.id ? boundsOf(known) : boundsOf(fact.read);
    if (fact.unseen) fn.builder.distrust(fact.read.id);
    known = { ...fact.read, range: intersect(before, fact) };
  }
  return known;
}

/** The largest number that a field may have by what is known of it; null when nothing is. */
export function largestOfField(fn: FunctionState, node: ts.PropertyAccessExpression): bigint | null {
  const path = placePath(fn, node);
  const found = path === null ? [] : fn.facts.flatMap((facts) => facts.get(path) ?? []);
  const limits = found.map(({ max, read }) => (read === undefined ? max : least(max, boundsOf(read).max)));
  return limits.length === 0 ? null : limits.reduce(least);
}

/** The content of a field of the function's own that is about to be changed, with what is known of it. */
export function knownBefore(fn: FunctionState, node: ts.Expression, content: Value): Value {
  if (!ts.isPropertyAccessExpression(node) || placePath(fn, node)?.isOwn !== true) return content;
  return knownField(fn, node) ?? knownWithin(fn, node, content);
}

/** The content of a field with what is known of it where ways met that stored different numbers. */
export function knownWithin(fn: FunctionState, node: ts.PropertyAccessExpression, value: Value): Value {
  if (!isNumber(value) || value.kind === "constant") return value;
  if (!fn.facts.some((facts) => [...facts.keys()].some(isPath))) return value;
  const path = placePath(fn, node);
  const ranges = path === null ? [] : fn.facts.flatMap((facts) => facts.get(path) ?? []);
  const known = ranges.filter(({ read }) => read === undefined);
  if (known.length === 0) return value;
  fn.builder.distrust(value.id);
  return { ...value, range: known.reduce<Range>(intersect, boundsOf(value)) };
}

/** Reads a field of which a range is known, so that its number is known as well, and compares it: the verifier then sees the range too. */
export function readOnce(fn: FunctionState, node: ts.PropertyAccessExpression): void {
  const path = placePath(fn, node);
  const isKnown = path !== null && fn.facts.some((facts) => facts.has(path));
  if (!isKnown || !path.isOwn || knownField(fn, node) !== null) return;
  const value = lowerExpression(fn, node);
  if (value.kind !== "scalar" || !isNumber(value)) return;
  const { builder } = fn;
  const { min, max } = boundsOf(value);
  if (min < 0n) return;
  const register = registerOf(value.type);
  const join = builder.block();
  const id = builder.param(join, register);
  builder.branch(
    builder.compare("ugt", value.id, builder.const(register, max)),
    { block: join, args: [builder.const(register, 0n)] },
    { block: join, args: [value.id] },
  );
  builder.switchTo(join);
  fn.facts.at(-1)?.set(path, { min: 0n, max, read: { ...value, id } });
}

/** Remembers what the side of a comparison was, which a fact about a field goes with. */
export function noteCompared(fn: FunctionState, node: ts.Expression, value: Value): void {
  if (isNumber(value)) fn.compared.set(withoutParentheses(node), value);
}

/** What the side of a comparison was when it was last compared. */
export const comparedValue = (
  fn: FunctionState,
  node: ts.Expression,
): ReturnType<FunctionState["compared"]["get"]> => fn.compared.get(withoutParentheses(node));

const withoutParentheses = (node: ts.Expression): ts.Expression =>
  ts.isParenthesizedExpression(node) ? withoutParentheses(node.expression) : node;

/** Whether what is known of is a field. */
export const isPath = (key: FactKey): key is PlacePath => "names" in key;

/** Whether a part of the source may change the field, or lead to something that does. */
export function mayChange(fn: FunctionState, root: ts.Node, path: PlacePath): boolean {
  const visit = (node: ts.Node): boolean =>
    changes(fn, node, path) || (ts.forEachChild(node, (child) => visit(child) || undefined) ?? false);
  return visit(root);
}

/** Forgets fields that a part of the source may change; before a loop, also those that others may change while it runs. */
export function forgetFields(fn: FunctionState, node: ts.Node): void {
  const isLoop = ts.isIterationStatement(node, false);
  for (const facts of fn.facts)
    for (const key of facts.keys())
      if (isPath(key) && ((isLoop && !key.isOwn) || mayChange(fn, node, key))) facts.delete(key);
}

/** Whether a node by itself, not what is in it, may change the field. */
function changes(fn: FunctionState, node: ts.Node, path: PlacePath): boolean {
  if (ts.isCallExpression(node)) return !isPure(fn, node);
  const target = ts.isBinaryExpression(node)
    ? node.operatorToken.kind >= K.FirstAssignment && node.operatorToken.kind <= K.LastAssignment
      ? node.left
      : null
    : (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) &&
        (node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken)
      ? node.operand
      : null;
  return target !== null && writes(fn, withoutParentheses(target), path);
}

function isPure(fn: FunctionState, { expression }: ts.CallExpression): boolean {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  return (
    ts.isIdentifier(name) && pure.has(name.text) && kernelName(fn.owner, symbolOf(fn.owner, name)) !== null
  );
}

/** Only a number that is written to a field of another name, of no union, leaves the field alone. */
function writes(fn: FunctionState, target: ts.Expression, path: PlacePath): boolean {
  if (ts.isIdentifier(target)) return symbolOf(fn.owner, target) === path.root;
  const type = dataTypeOf(fn, target);
  if (type?.kind !== "int" && type?.kind !== "pointer") return true;
  let inner = target;
  let name: string | null = null;
  while (ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner)) {
    if (ts.isPropertyAccessExpression(inner)) name ??= inner.name.text;
    const object = withoutParentheses(inner.expression);
    if (mayBeUnion(fn, object)) return true;
    inner = object;
  }
  if (ts.isPropertyAccessExpression(target) && isOtherField(placePath(fn, target), path)) return false;
  return name === null ? !ts.isElementAccessExpression(target) : path.names.includes(name);
}

/** Whether both are fields of one struct on the stack, of which neither is a part of the other. What is in a union was seen before. */
function isOtherField(written: PlacePath | null, { root, names, isOwn }: PlacePath): boolean {
  if (written === null || written.root !== root || !isOwn) return false;
  const at = names.findIndex((name, index) => name !== written.names[index]);
  return at >= 0 && at < written.names.length;
}

function mayBeUnion(fn: FunctionState, object: ts.Expression): boolean {
  const symbol = ts.isIdentifier(object) ? symbolOf(fn.owner, object) : null;
  if (symbol !== null && symbol.flags & ts.SymbolFlags.Class) return false;
  const type = dataTypeOf(fn, object);
  return type === null || (type.kind === "struct" && type.union);
}

function dataTypeOf({ owner: { checker, resolver } }: FunctionState, node: ts.Expression): DataType | null {
  try {
    const resolved = resolver.resolve(checker.getNonNullableType(checker.getTypeAtLocation(node)), node);
    return resolved.kind === "data" || resolved.kind === "ref" ? resolved.type : null;
  } catch (error) {
    if (error instanceof Rejection) return null;
    throw error;
  }
}
