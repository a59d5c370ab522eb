/**
 * The slot whose address a callback is given, as all that it shares with its caller: structs and arrays lie in it, numbers and pointers are
 * handed over in it.
 */
import { BugError } from "../../ir/bug-error.js";
import type { FreshIds } from "../../ir/rewrite.js";
import type { Block, BlockId, Instruction, IrFunction, Slot, SlotId, ValueId } from "../../ir/types.js";
import { type CarriedSlots, carriedSlots, handOver } from "./carried-slots.js";
import { constant, make, type Region } from "./region.js";

/** A slot whose value is handed over. */
interface Carried {
  readonly type: "i64" | "ptr";
  readonly displacement: number;
}

/** The slot whose address the callback is given. */
export interface Captured {
  readonly slot: Slot;
  /** Where the shared slots lie that both sides access in place. */
  readonly inPlace: ReadonlyMap<SlotId, number>;
  readonly carried: CarriedSlots;
  /** What those are, and where they are handed over. */
  readonly fields: ReadonlyMap<SlotId, Carried>;
  /** Where the number of the exit lies. */
  readonly exit: number;
}

/** The slots that the blocks name. */
export function slotsIn(blocks: readonly Block[]): Set<SlotId> {
  const instructions = blocks.flatMap((block) => block.instructions);
  return new Set(instructions.flatMap((each) => (each.op === "slot" ? [each.slot] : [])));
}

/** The slots that both sides name. */
export function sharedSlots(f: IrFunction, inside: Region): Set<SlotId> {
  const outer = slotsIn(f.blocks.filter(({ id }) => !inside.has(id)));
  const inner = slotsIn(f.blocks.filter(({ id }) => inside.has(id)));
  return new Set([...inner].filter((id) => outer.has(id)));
}

/** Places the shared slots, the strictest alignment first, and the number of the exit behind them. */
export function capture(f: IrFunction, inside: Region, header: BlockId, ids: FreshIds): Captured {
  const isShared = sharedSlots(f, inside);
  const carried = carriedSlots(f, inside, header, isShared);
  const shared = f.slots.filter(({ id }) => isShared.has(id));
  const [inPlace, fields] = [new Map<SlotId, number>(), new Map<SlotId, Carried>()];
  let end = 0;
  for (const slot of shared.toSorted((a, b) => b.align - a.align || b.size - a.size)) {
    const displacement = Math.ceil(end / slot.align) * slot.align;
    const type = carried.types.get(slot.id);
    if (type === undefined) inPlace.set(slot.id, displacement);
    else fields.set(slot.id, { type, displacement });
    end = displacement + slot.size;
  }
  const exit = Math.ceil(end / 8) * 8;
  const names = shared.filter((slot) => !slot.name.startsWith("a ")).map((slot) => slot.name);
  const name = names.length === 0 ? "what a loop needs" : names.join(", ");
  return { slot: { id: ids.slot(), name, size: exit + 8, align: 8 }, inPlace, carried, fields, exit };
}

/** Hands the slots over: to the callback's fields at `pointer` or from them. */
export function handOverAll(
  way: "to slot" | "to field",
  slots: readonly SlotId[],
  { slot, fields }: Captured,
  pointer: ValueId,
  ids: FreshIds,
): Instruction[] {
  return slots.flatMap((id) => {
    const field = fields.get(id);
    if (field === undefined)
      throw new BugError(`what slot ${id} holds is to be handed over, and has no place in ${slot.name}`, "");
    return handOver(way, id, field.type, { pointer, displacement: field.displacement }, ids);
  });
}

/** The same where the callback's fields are in the function's own slot. */
export function handOverHere(
  way: "to slot" | "to field",
  slots: readonly SlotId[],
  captured: Captured,
  ids: FreshIds,
): Instruction[] {
  if (slots.length === 0) return [];
  const pointer = ids.value();
  return [
    make({ op: "slot", slot: captured.slot.id }, pointer),
    ...handOverAll(way, slots, captured, pointer, ids),
  ];
}

/** Names of captured slots become places in the one slot: at `base`, or at that slot's own address. */
export function addressCaptured(
  instructions: readonly Instruction[],
  { slot, inPlace }: Captured,
  ids: FreshIds,
  base: ValueId | null = null,
): Instruction[] {
  return instructions.flatMap((instruction): Instruction[] => {
    const offset = instruction.op === "slot" ? inPlace.get(instruction.slot) : undefined;
    if (offset === undefined) return [instruction];
    const bytes = ids.value();
    const pointer = base ?? ids.value();
    return [
      ...(base === null ? [make({ op: "slot", slot: slot.id }, pointer)] : []),
      constant("i64", BigInt(offset), bytes),
      { op: "offset", pointer, bytes, result: instruction.result, location: instruction.location },
    ];
  });
}
