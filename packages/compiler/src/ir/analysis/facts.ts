/** What branches taken on the way to a block say about values. */

import { targetsOf } from "../operations.js";
import type { BlockId, CompareOp, Instruction, ValueId } from "../types.js";
import type { ControlFlow } from "./control-flow.js";
import type { Dominators } from "./dominators.js";

/** Conditions that are known to have held (true) or failed (false). */
export type Facts = ReadonlyMap<ValueId, boolean>;

/** Dominators that are asked at most: without a limit, each block of a long chain of branches would ask all before it. */
const mostDominators = 256;

/** The facts on entry to a block: those of each branch that one of its nearest dominators is only reached through. */
export function factsAt(block: BlockId, flow: ControlFlow, tree: Dominators): Map<ValueId, boolean> {
  const facts = new Map<ValueId, boolean>();
  let left = mostDominators;
  for (let id: BlockId | undefined = block; id !== undefined && left > 0; id = tree.immediate.get(id)) {
    left -= 1;
    const predecessors: readonly BlockId[] = flow.predecessors.get(id) ?? [];
    const [from] = predecessors;
    if (from === undefined || predecessors.length !== 1) continue;
    for (const [condition, holds] of factsOfEdge(from, id, flow)) {
      if (!facts.has(condition)) facts.set(condition, holds);
    }
  }
  return facts;
}

/** The fact that going from one block to another makes. */
export function factsOfEdge(from: BlockId, to: BlockId, flow: ControlFlow): Map<ValueId, boolean> {
  const terminator = flow.blocks.get(from)?.terminator;
  if (terminator?.op !== "branch" || targetsOf(terminator).every(({ block }) => block === to))
    return new Map();
  return new Map([[terminator.condition, terminator.then.block === to]]);
}

/** Whether the facts say that a pointer is not null. */
export function provesNonNull(
  facts: Facts,
  pointer: ValueId,
  definitionOf: (value: ValueId) => Instruction | undefined,
): boolean {
  for (const [condition, holds] of facts) {
    const test = definitionOf(condition);
    if (test?.op !== "compare" || test.left !== pointer) continue;
    const against = definitionOf(test.right);
    if (against?.op !== "const" || against.value !== 0n) continue;
    if (test.operator === (holds ? "ne" : "eq")) return true;
  }
  return false;
}

/** The operator that holds when this one does not. */
export const inverted: Readonly<Record<CompareOp, CompareOp>> = {
  eq: "ne",
  ne: "eq",
  ult: "uge",
  ule: "ugt",
  ugt: "ule",
  uge: "ult",
  slt: "sge",
  sle: "sgt",
  sgt: "sle",
  sge: "slt",
};

/** What the facts say of a condition: of it itself, of the same comparison or its inverse, of a null test. */
export function decidedBy(
  facts: Facts,
  condition: ValueId,
  definitionOf: (value: ValueId) => Instruction | undefined,
): boolean | null {
  const known = facts.get(condition);
  if (known !== undefined) return known;
  const test = definitionOf(condition);
  if (test?.op !== "compare") return null;
  for (const [other, holds] of facts) {
    const said = definitionOf(other);
    if (said?.op !== "compare" || said.left !== test.left || said.right !== test.right) continue;
    if (said.operator === test.operator) return holds;
    if (said.operator === inverted[test.operator]) return !holds;
  }
  const against = definitionOf(test.right);
  if (against?.op !== "const" || against.type !== "ptr") return null;
  if (test.operator !== "eq" && test.operator !== "ne") return null;
  return provesNonNull(facts, test.left, definitionOf) ? test.operator === "ne" : null;
}
