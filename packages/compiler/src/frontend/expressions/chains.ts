/**
 * `?.`: where a link of a chain is null, the whole chain is. What that means is up to what uses it: `??` gives another value,
 * a condition takes its other branch, a statement ends. There is no undefined to be kept.
 */
import ts from "#typescript";
import type { BlockId } from "../../ir/types.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import type { MemoryValue, Value } from "../values/value.js";
import { branchOnPresence } from "./conditions.js";
import { lowerExpression } from "./expressions.js";
import { merge } from "./merge.js";

type ChainLink = ts.PropertyAccessExpression | ts.ElementAccessExpression | ts.CallExpression;

const isLink = (node: ts.Node): node is ChainLink =>
  ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) || ts.isCallExpression(node);

/** The chain that a node is; null when it is none, or only a part of one. */
export function chainOf(node: ts.Expression): ChainLink | null {
  const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
  return isLink(inner) && ts.isOptionalChain(inner) && outermost(inner) === inner ? inner : null;
}

function outermost(link: ChainLink): ChainLink {
  const { parent } = link;
  return isLink(parent) && ts.isOptionalChain(parent) && parent.expression === link
    ? outermost(parent)
    : link;
}

/** Lowers a chain; goes to `missing` where it is null. */
export function lowerChain(fn: FunctionState, node: ChainLink, missing: BlockId): Value {
  fn.chains.set(node, missing);
  try {
    return lowerExpression(fn, node);
  } finally {
    fn.chains.delete(node);
  }
}

/** The object of `object?.…`, which is there from here on. */
export function presentObject(fn: FunctionState, link: ChainLink, object: Value): MemoryValue | Value {
  if (link.questionDotToken === undefined) return object;
  const missing = fn.chains.get(outermost(link));
  if (missing === undefined)
    return reject(link, "WG1001", "?. has no meaning here", "compare with null in an if");
  if (object.kind === "kernel")
    return reject(
      link.questionDotToken,
      "WG1001",
      "an address of the kernel is never null to TypeScript",
      "leave the question mark out: what cannot be read is 0, and isNull(…) asks for null",
    );
  const there = fn.builder.block();
  branchOnPresence(fn, object, there, missing, link.expression);
  fn.builder.switchTo(there);
  return object.kind === "memory" ? { ...object, nullable: false } : object;
}

const isWide = (value: Value): boolean =>
  value.kind === "scalar" && value.type.kind === "int" && value.type.size === 8;

/** A chain that nothing asks for: a nullable reference, or nothing at all. */
export function lowerLooseChain(fn: FunctionState, node: ChainLink): Value {
  const { builder } = fn;
  const missing = builder.block();
  const value = lowerChain(fn, node, missing);
  const left = { value, end: builder.current, node };
  if (value.kind === "void") {
    builder.jump(missing);
    builder.switchTo(missing);
    return value;
  }
  if (value.kind !== "memory") {
    const isStatement = ts.isExpressionStatement(node.parent);
    if (!isStatement)
      reject(
        node,
        "WG1001",
        "a number or boolean is always there",
        `say what it is otherwise: ${node.getText()} ?? ${isWide(value) ? "0n" : "0"}`,
      );
    builder.jump(missing);
    builder.switchTo(missing);
    return { kind: "void" };
  }
  builder.switchTo(missing);
  return merge(fn, left, { value: { kind: "null" }, end: missing, node }, null, node);
}
