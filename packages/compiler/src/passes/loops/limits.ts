/** The numbers known only at run time that loops compare with, and that no turn changes. */
import type { ControlFlow } from "../../ir/analysis/control-flow.js";
import type { Dominators } from "../../ir/analysis/dominators.js";
import type { Loop } from "../../ir/analysis/loops.js";
import { valueTypes } from "../../ir/analysis/values.js";
import { targetsOf } from "../../ir/operations.js";
import type { Instruction, IrFunction, IrType, Operation, ValueId } from "../../ir/types.js";
import { changedPlaces, type Place, type StackPlaces } from "./stack-places.js";

type Comparison = Extract<Operation, { op: "compare" }> & Instruction;

/** One side of a comparison in a loop: a number that no turn changes. */
export interface Limit {
  readonly compare: Comparison;
  readonly side: "left" | "right";
  readonly type: "i32" | "i64";
}

/**
 * The limits that a loop ends by, but not those of the loops in it. None where the loop does not end by a counter and a constant too: the
 * verifier has to know the largest limit.
 */
export function limitsOf(
  { flow, definitions: defs }: StackPlaces,
  loop: Loop,
  all: readonly LoopNumbers[],
): Limit[] {
  const exits = exitsOf(flow, loop, all);
  const numbers = all.find((each) => each.loop === loop);
  if (exits.length === 0 || numbers === undefined) return [];
  const hasConstantEnd = exits.some(
    ({ left, right }) =>
      (numbers.isCounter(left) && defs.get(right)?.op === "const") ||
      (numbers.isCounter(right) && defs.get(left)?.op === "const"),
  );
  return hasConstantEnd ? exits.flatMap((compare) => numbers.limitOf(compare) ?? []) : [];
}

/**
 * What else a loop compares its counter with, in the loops in it too: `if (i === wanted)`. In each turn that tells the verifier another number
 * or bound of what is compared, so that it would walk all later turns for each.
 */
export function comparedWithCounter(
  { flow, definitions: defs }: StackPlaces,
  loop: Loop,
  all: readonly LoopNumbers[],
): Limit[] {
  const exits = new Set(all.flatMap((each) => exitsOf(flow, each.loop, all)));
  const numbers = all.find((each) => each.loop === loop);
  return [...loop.blocks].flatMap((id) =>
    (flow.blocks.get(id)?.instructions ?? []).flatMap((each): Limit[] => {
      if (each.op !== "compare" || exits.has(each)) return [];
      const limit = numbers?.limitOf(each) ?? null;
      return limit !== null && isCounted(each[limit.side === "left" ? "right" : "left"]) ? [limit] : [];
    }),
  );

  /** Whether it is what loops count with, or computed of that and constants. */
  function isCounted(value: ValueId): boolean {
    if (all.some((each) => each.isCounter(value))) return true;
    const each = defs.get(value);
    if (each?.op === "unary") return isCounted(each.operand);
    if (each?.op !== "binary") return false;
    const isConstant = (operand: ValueId): boolean => defs.get(operand)?.op === "const";
    const { left, right } = each;
    return (
      (isCounted(left) && (isConstant(right) || isCounted(right))) || (isConstant(left) && isCounted(right))
    );
  }
}

/** The comparisons that decide whether a loop ends, but not those of the loops in it. */
function exitsOf(flow: ControlFlow, loop: Loop, all: readonly LoopNumbers[]): Comparison[] {
  const inner = all.flatMap((each) =>
    each.loop !== loop && loop.blocks.has(each.loop.header) ? [each.loop.blocks] : [],
  );
  return [...loop.blocks].flatMap((id): Comparison[] => {
    const block = flow.blocks.get(id);
    if (block?.terminator.op !== "branch" || inner.some((blocks) => blocks.has(id))) return [];
    if (targetsOf(block.terminator).every((target) => loop.blocks.has(target.block))) return [];
    const { condition } = block.terminator;
    const compare = block.instructions.find((each) => each.result === condition);
    return compare?.op === "compare" ? [compare] : [];
  });
}

/** What the values of a loop are to it. */
export interface LoopNumbers {
  readonly loop: Loop;
  /** What it counts with. */
  isCounter(value: ValueId): boolean;
  /** The side of the comparison that no turn changes; null when neither is, or both are. */
  limitOf(compare: Comparison): Limit | null;
}

/** The numbers of each loop of a function. */
export function loopNumbers(
  f: IrFunction,
  places: StackPlaces,
  all: readonly Loop[],
  tree: Dominators,
): readonly LoopNumbers[] {
  const types = valueTypes(f);
  return all.map((loop) => numbersOf(places, loop, all, tree, types));
}

function numbersOf(
  places: StackPlaces,
  loop: Loop,
  all: readonly Loop[],
  tree: Dominators,
  types: ReadonlyMap<ValueId, IrType>,
): LoopNumbers {
  const { flow, definitions: defs, accesses } = places;
  const made = new Set(
    [...loop.blocks].flatMap((id) => {
      const block = flow.blocks.get(id);
      return [...(block?.params ?? []), ...(block?.instructions ?? [])].map((each) =>
        "result" in each ? each.result : each.id,
      );
    }),
  );
  const changed = changedPlaces(places, loop, all, tree, { keepCounters: false });
  const changedAndNotCounted = changedPlaces(places, loop, all, tree, { keepCounters: true });
  return { loop, isCounter, limitOf };

  function limitOf(compare: Comparison): Limit | null {
    const sides = (["left", "right"] as const).filter((side) => isInvariant(compare[side]));
    const [side] = sides;
    if (side === undefined || sides.length > 1) return null;
    const type = types.get(compare[side]);
    return type === "i32" || type === "i64" ? { compare, side, type } : null;
  }

  function isCounter(value: ValueId): boolean {
    if (flow.blocks.get(loop.header)?.params.some(({ id }) => id === value) === true) return true;
    const load = accesses.find((access) => access.kind === "load" && access.value === value);
    const isAt = ({ base, start }: Place): boolean =>
      base.kind === "slot" &&
      load?.base.kind === "slot" &&
      base.slot === load.base.slot &&
      start === load.start;
    return changed.some(isAt) && !changedAndNotCounted.some(isAt);
  }

  /** Whether it is made outside, or read from a place on the stack that the loop does not write. */
  function isInvariant(value: ValueId): boolean {
    const each = defs.get(value);
    if (each?.op === "const") return false;
    if (!made.has(value)) return true;
    if (each?.op === "unary") return isInvariant(each.operand);
    const load = accesses.find((access) => access.kind === "load" && access.value === value);
    return (
      load !== undefined &&
      accesses.every(
        ({ kind, base, block }) =>
          kind === "load" ||
          !loop.blocks.has(block) ||
          base.kind !== load.base.kind ||
          (base.kind === "slot" && load.base.kind === "slot" && base.slot !== load.base.slot),
      )
    );
  }
}
