/**
 * Slots that a loop and the function around it share and that hold one number or pointer each, when the loop becomes a function of its own.
 * Either function gets a slot of its own for each, so that it may lie in a register and the verifier follows it as any other local. The
 * values are handed over at the call and where the callback returns.
 */
import { controlFlow } from "../../ir/analysis/control-flow.js";
import { valueTypes } from "../../ir/analysis/values.js";
import { targetsOf } from "../../ir/operations.js";
import type { FreshIds } from "../../ir/rewrite.js";
import type { Block, BlockId, Instruction, IrFunction, SlotId, ValueId } from "../../ir/types.js";
import { make, type Region } from "./region.js";
import { addressesOf, scalarSlots } from "./whole-slots.js";

/** What is handed over. All of it takes 8 bytes. */
export interface CarriedSlots {
  readonly types: ReadonlyMap<SlotId, "i64" | "ptr">;
  /** What the loop reads before it stores it. */
  readonly entering: readonly SlotId[];
  /** What the loop may have changed, and what is read after the way to the block has been taken. */
  leaving(block: BlockId): readonly SlotId[];
}

/** Those of the shared slots that are only loaded and stored, always as a whole. */
export function carriedSlots(
  f: IrFunction,
  inside: Region,
  header: BlockId,
  shared: ReadonlySet<SlotId>,
): CarriedSlots {
  const sizes = new Map(f.slots.map(({ id, size }) => [id, size]));
  const slots = new Set([...scalarSlots(f, shared)].filter((slot) => sizes.get(slot) === 8));
  const addresses = addressesOf(f, slots);
  const values = valueTypes(f);
  const types = new Map<SlotId, "i64" | "ptr">();
  const changed = new Set<SlotId>();
  for (const { id, instructions } of f.blocks)
    for (const each of instructions) {
      const slot = each.op === "load" || each.op === "store" ? addresses.get(each.pointer) : undefined;
      if (slot === undefined) continue;
      const type = each.op === "load" ? each.type : each.op === "store" ? values.get(each.value) : undefined;
      types.set(slot, type === "ptr" ? "ptr" : (types.get(slot) ?? "i64"));
      if (each.op === "store" && inside.has(id)) changed.add(slot);
    }
  const live = liveSlots(f, addresses);
  const liveAt = (block: BlockId): SlotId[] => [...(live.get(block) ?? [])];
  return {
    types,
    entering: liveAt(header),
    leaving: (block) => liveAt(block).filter((slot) => changed.has(slot)),
  };
}

/** The slots that are read after a block begins and before they are stored. */
function liveSlots(
  f: IrFunction,
  addresses: ReadonlyMap<ValueId, SlotId>,
): ReadonlyMap<BlockId, ReadonlySet<SlotId>> {
  const order = controlFlow(f).reversePostorder.toReversed();
  const blocks = new Map(f.blocks.map((block) => [block.id, block]));
  const live = new Map<BlockId, ReadonlySet<SlotId>>();
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const id of order) {
      const block = blocks.get(id);
      if (block === undefined) continue;
      const before = liveBefore(block, addresses, live);
      if (before.size !== (live.get(id)?.size ?? -1)) isSettled = false;
      live.set(id, before);
    }
  }
  return live;
}

function liveBefore(
  { instructions, terminator }: Block,
  addresses: ReadonlyMap<ValueId, SlotId>,
  live: ReadonlyMap<BlockId, ReadonlySet<SlotId>>,
): ReadonlySet<SlotId> {
  const found = new Set(targetsOf(terminator).flatMap(({ block }) => [...(live.get(block) ?? [])]));
  for (const each of instructions.toReversed()) {
    const slot = each.op === "load" || each.op === "store" ? addresses.get(each.pointer) : undefined;
    if (slot === undefined) continue;
    if (each.op === "load") found.add(slot);
    else found.delete(slot);
  }
  return found;
}

/** An address and what is added to it. */
export interface Field {
  readonly pointer: ValueId;
  readonly displacement: number;
}

/** Copies the whole of a slot to a field in memory, or from there. */
export function handOver(
  way: "to slot" | "to field",
  slot: SlotId,
  type: "i64" | "ptr",
  field: Field,
  ids: FreshIds,
): Instruction[] {
  const [pointer, value] = [ids.value(), ids.value()];
  const own = { pointer, displacement: 0 };
  const [from, to] = way === "to slot" ? [field, own] : [own, field];
  return [
    make({ op: "slot", slot }, pointer),
    make({ op: "load", type, width: 8, signed: false, ...from, region: "stack" }, value),
    make({ op: "store", width: 8, value, ...to, region: "stack" }),
  ];
}
