/** The numbers known only at run time that loops compare with, and that no turn changes. */
import type { ControlFlow } from "../../ir/analysis/control-flow.js";
import type { Dominators } from "../../ir/analysis/dominators.js";
import type { Loop } from "../../ir/analysis/loops.js";
import { homesOf, valueTypes } from "../../ir/analysis/values.js";
import { targetsOf } from "../../ir/operations.js";
import type { Instruction, IrFunction, Operation, SlotId, ValueId } from "../../ir/types.js";
import { changedPlaces, type Place, type StackPlaces } from "./stack-places.js";

type Comparison = Extract<Operation, { op: "compare" }> & Instruction;

/** One side of a comparison in a loop: a number that no turn changes. */
export interface Limit {
  readonly compare: Comparison;
  readonly side: "left" | "right";
  readonly type: "i32" | "i64";
}

/** What the values of a function's loops are to them. */
export interface LoopNumbers {
  /** What loops count with. */
  readonly counters: ReadonlySet<ValueId>;
  /** The comparisons that decide whether a loop ends, but not those of the loops in it. */
  readonly exits: ReadonlyMap<Loop, readonly Comparison[]>;
  /** The side of a comparison that no turn of the loop changes; null when neither is, or both are. */
  limitOf(compare: Comparison, loop: Loop): Limit | null;
}

/**
 * The limits that a loop ends by, but not those of the loops in it. None where the loop does not end by a counter and a constant too: the
 * verifier has to know the largest limit.
 */
export function limitsOf({ definitions: defs }: StackPlaces, loop: Loop, numbers: LoopNumbers): Limit[] {
  const exits = numbers.exits.get(loop) ?? [];
  const isCounter = (value: ValueId): boolean => numbers.counters.has(value);
  const isConstant = (value: ValueId): boolean => defs.get(value)?.op === "const";
  const hasConstantEnd = exits.some(
    ({ left, right }) => (isCounter(left) && isConstant(right)) || (isCounter(right) && isConstant(left)),
  );
  return hasConstantEnd ? exits.flatMap((compare) => numbers.limitOf(compare, loop) ?? []) : [];
}

/**
 * What else a loop compares its counter with, in the loops in it too: `if (i === wanted)`. In each turn that tells the verifier another number
 * or bound of what is compared, so that it would walk all later turns for each.
 */
export function comparedWithCounter(
  { flow, definitions: defs }: StackPlaces,
  loop: Loop,
  { counters, exits, limitOf }: LoopNumbers,
): Limit[] {
  const ends = new Set([...exits].flatMap(([{ header }, list]) => (loop.blocks.has(header) ? list : [])));
  return [...loop.blocks].flatMap((id) =>
    (flow.blocks.get(id)?.instructions ?? []).flatMap((each): Limit[] => {
      if (each.op !== "compare" || ends.has(each)) return [];
      const limit = limitOf(each, loop);
      return limit !== null && isCounted(each[limit.side === "left" ? "right" : "left"]) ? [limit] : [];
    }),
  );

  /** Whether it is what loops count with, or computed of that and constants. */
  function isCounted(value: ValueId): boolean {
    if (counters.has(value)) return true;
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

/** The numbers of the loops of a function. */
export function loopNumbers(
  f: IrFunction,
  places: StackPlaces,
  all: readonly Loop[],
  tree: Dominators,
): LoopNumbers {
  const { flow, definitions: defs, accesses } = places;
  const types = valueTypes(f);
  const homes = homesOf(f);
  const loads = new Map(
    accesses.flatMap((access) =>
      access.kind === "load" && access.value !== null ? [[access.value, access]] : [],
    ),
  );
  const written = new Map(all.map((loop) => [loop, writtenIn(loop)]));
  return {
    counters: new Set(all.flatMap(countersOf)),
    exits: new Map(all.map((loop) => [loop, exitsOf(flow, loop, all)])),
    limitOf,
  };

  function limitOf(compare: Comparison, loop: Loop): Limit | null {
    const sides = (["left", "right"] as const).filter((side) => isInvariant(compare[side], loop));
    const [side] = sides;
    if (side === undefined || sides.length > 1) return null;
    const type = types.get(compare[side]);
    return type === "i32" || type === "i64" ? { compare, side, type } : null;
  }

  /** The parameters of the loop's header, and what is read of the places that it counts in. */
  function countersOf(loop: Loop): ValueId[] {
    const isNotCounted = placeSet(changedPlaces(places, loop, all, tree, { keepCounters: true }));
    const isChanged = placeSet(changedPlaces(places, loop, all, tree, { keepCounters: false }));
    const read = [...loads].flatMap(([value, load]) =>
      loop.blocks.has(load.block) && isChanged(load) && !isNotCounted(load) ? [value] : [],
    );
    return [...(flow.blocks.get(loop.header)?.params.map(({ id }) => id) ?? []), ...read];
  }

  /** The slots that a loop writes, and whether it writes what a callback was given. */
  function writtenIn(loop: Loop): ReadonlySet<SlotId | "param"> {
    const stores = accesses.filter(({ kind, block }) => kind !== "load" && loop.blocks.has(block));
    return new Set(stores.map(({ base }) => (base.kind === "slot" ? base.slot : "param")));
  }

  /** Whether it is made outside, or read from a place on the stack that the loop does not write. */
  function isInvariant(value: ValueId, loop: Loop): boolean {
    const each = defs.get(value);
    if (each?.op === "const") return false;
    const home = homes.get(value);
    if (home === undefined || !loop.blocks.has(home)) return true;
    if (each?.op === "unary") return isInvariant(each.operand, loop);
    const base = loads.get(value)?.base;
    return base !== undefined && written.get(loop)?.has(base.kind === "slot" ? base.slot : "param") === false;
  }
}

/** A test for places in slots. */
function placeSet(list: readonly Place[]): (place: Pick<Place, "base" | "start">) => boolean {
  const keys = new Set(
    list.flatMap(({ base, start }) => (base.kind === "slot" ? [`${base.slot} ${start}`] : [])),
  );
  return ({ base, start }) => base.kind === "slot" && keys.has(`${base.slot} ${start}`);
}

/** The comparisons that decide whether a loop ends, but not those of the loops in it. */
function exitsOf(flow: ControlFlow, loop: Loop, all: readonly Loop[]): readonly Comparison[] {
  const inner = all.flatMap(({ header, blocks }) =>
    header !== loop.header && loop.blocks.has(header) ? [blocks] : [],
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
