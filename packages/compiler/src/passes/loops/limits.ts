/** The numbers known only at run time that loops end by: what their exits compare with and no turn changes. */
import type { Dominators } from "../../ir/analysis/dominators.js";
import type { Loop } from "../../ir/analysis/loops.js";
import { valueTypes } from "../../ir/analysis/values.js";
import { targetsOf } from "../../ir/operations.js";
import type { Instruction, IrFunction, Operation, ValueId } from "../../ir/types.js";
import { changedPlaces, type Place, type StackPlaces } from "./stack-places.js";

type Comparison = Extract<Operation, { op: "compare" }> & Instruction;

/** One side of a comparison that decides whether a loop ends. */
export interface Limit {
  readonly compare: Comparison;
  readonly side: "left" | "right";
  readonly type: "i32" | "i64";
}

/**
 * The limits of a loop, but not those of the loops in it. None where the loop does not end by a counter and a constant too: the verifier
 * has to know the largest limit.
 */
export function limitsOf(
  f: IrFunction,
  places: StackPlaces,
  loop: Loop,
  all: readonly Loop[],
  tree: Dominators,
): Limit[] {
  const { flow, definitions: defs, accesses } = places;
  const types = valueTypes(f);
  const inner = all.filter(({ header }) => header !== loop.header && loop.blocks.has(header));
  const made = new Set(
    [...loop.blocks].flatMap((id) => {
      const block = flow.blocks.get(id);
      return [...(block?.params ?? []), ...(block?.instructions ?? [])].map((each) =>
        "result" in each ? each.result : each.id,
      );
    }),
  );
  const exits = [...loop.blocks].flatMap((id): Comparison[] => {
    const block = flow.blocks.get(id);
    if (block?.terminator.op !== "branch" || inner.some(({ blocks }) => blocks.has(id))) return [];
    if (targetsOf(block.terminator).every((target) => loop.blocks.has(target.block))) return [];
    const { condition } = block.terminator;
    const compare = block.instructions.find((each) => each.result === condition);
    return compare?.op === "compare" ? [compare] : [];
  });
  if (exits.length === 0) return [];
  const changed = changedPlaces(places, loop, all, tree, { keepCounters: false });
  const changedAndNotCounted = changedPlaces(places, loop, all, tree, { keepCounters: true });
  const hasConstantEnd = exits.some(
    ({ left, right }) =>
      (isCounter(left) && defs.get(right)?.op === "const") ||
      (isCounter(right) && defs.get(left)?.op === "const"),
  );
  return !hasConstantEnd
    ? []
    : exits.flatMap((compare): Limit[] => {
        const sides = (["left", "right"] as const).filter((side) => isInvariant(compare[side]));
        const [side] = sides;
        if (side === undefined || sides.length > 1) return [];
        const type = types.get(compare[side]);
        return type === "i32" || type === "i64" ? [{ compare, side, type }] : [];
      });

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
