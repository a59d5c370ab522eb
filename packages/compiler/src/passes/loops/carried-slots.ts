/**
 * Slots that a loop and the function around it share and that hold one number or pointer each, when the loop becomes a function of its own.
 * Either function gets a slot of its own for each, so that it may lie in a register and the verifier follows it as any other local. The
 * values are handed over at the call and where the callback returns.
 */
import { valueTypes } from "../../ir/analysis/values.js";
import type { FreshIds } from "../../ir/rewrite.js";
import type { BlockId, Instruction, IrFunction, SlotId, ValueId } from "../../ir/types.js";
import { liveBytes } from "../dead-stores.js";
import { slotAccesses } from "../slot-accesses.js";
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
  const { into } = liveBytes(f, slotAccesses(f));
  const liveAt = (block: BlockId): SlotId[] =>
    [...types.keys()].filter((slot) => (into.get(block)?.get(slot) ?? 0n) !== 0n);
  return {
    types,
    entering: liveAt(header),
    leaving: (block) => liveAt(block).filter((slot) => changed.has(slot)),
  };
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
