/** The ways in which a loop may be seen to end. */
import ts from "#typescript";
import type { IntType } from "../../types/data-type.js";
import { rangeOf } from "../../types/integers.js";
import type { FactKey, FunctionState, SeenEnd } from "../state.js";
import { intersect, type Range } from "../values/value.js";
import type { Facts } from "./assigned-facts.js";
import { assignmentsTo } from "./compared-variables.js";
import type { Counter } from "./loop-counters.js";

/** A variable that goes towards an end with every turn. */
export interface Ending {
  readonly symbol: ts.Symbol;
  /** What a loop that counts by itself counts with; null for another. */
  readonly counter: Counter | null;
  /** How many turns the verifier has to walk, as far as the source shows; null when that is known only when it runs. */
  readonly own: bigint | null;
  /** The most turns, whatever the variable is at first; null when they are not bounded. */
  readonly most: bigint | null;
  /** Whether the verifier sees the end by the loop's own condition. */
  readonly isSeen: boolean;
  /** Of the variable, in the body. */
  readonly facts: Map<FactKey, Range>;
  /** Of the variable, where the condition is asked; null when no more is known than in the body. */
  readonly asked: Range | null;
  /** The comparison that ends the loop, where it is with a number that is known only when it runs. */
  readonly seen?: { readonly comparison: ts.Node; readonly end: SeenEnd };
}

/**
 * What a variable may be where a loop begins that changes it.
 *
 * @param before what was known of variables then
 */
export function startRange(
  fn: FunctionState,
  symbol: ts.Symbol,
  type: IntType,
  loop: ts.Node,
  before: Facts,
): Range {
  const declared = rangeOf(type);
  const fact = before.get(symbol);
  const range = fact === undefined ? declared : intersect(declared, fact);
  const binding = fn.bindings.get(symbol);
  if (binding?.kind !== "scalar" || binding.initial === undefined) return range;
  let around = loop.parent;
  while (!ts.isFunctionLike(around) && !ts.isSourceFile(around)) around = around.parent;
  const isOnlyHere = assignmentsTo(fn, around, symbol).every((node) => isWithin(node, loop));
  return isOnlyHere ? intersect(range, binding.initial) : range;
}

/** Whether a node is a part of another. */
export const isWithin = (node: ts.Node | undefined, whole: ts.Node): boolean =>
  ts.findAncestor(node, (each) => each === whole) !== undefined;
