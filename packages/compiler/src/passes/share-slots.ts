/**
 * Stack slot colouring: slots that are never live at the same time share one. A slot is live from where it is written to where its bytes are
 * last read. Slots are coloured greedily, the largest first. A slot that may be read before it is written keeps its own bytes, and so does
 * one whose address has escaped.
 *
 * The verifier benefits, too: the copies of an unrolled loop leave their keys and values in one slot, not in one each, so that fewer paths
 * differ in what they leave behind.
 */
import { controlFlow } from "../ir/analysis/control-flow.js";
import type { BlockId, IrFunction, Slot, SlotId } from "../ir/types.js";
import { type LiveBytes, liveBytes, stepBack } from "./dead-stores.js";
import { type SlotAccesses, slotAccesses } from "./slot-accesses.js";

/** The function with as few slots as this finds. */
export function shareSlots(f: IrFunction): IrFunction {
  if (f.slots.length < 2) return f;
  const accesses = slotAccesses(f);
  const { into, out } = liveBytes(f, accesses);
  const exposed = into.get(controlFlow(f).entry);
  const candidates = f.slots.filter(({ id }) => !accesses.escaped.has(id) && (exposed?.get(id) ?? 0n) === 0n);
  const bits = new Map(candidates.map(({ id }, index) => [id, 1n << BigInt(index)]));
  const conflicts = conflictsOf(f, accesses, out, bits);

  /** Slots that share, by the one that they become. */
  const homes: { readonly first: Slot; mask: bigint; align: Slot["align"] }[] = [];
  const home = new Map<SlotId, SlotId>();
  const order = candidates.map((slot, index) => ({ slot, index })).sort((a, b) => b.slot.size - a.slot.size);
  for (const { slot, index } of order) {
    const free = homes.filter(({ mask }) => ((conflicts[index] ?? 0n) & mask) === 0n);
    const chosen = free.find(({ first }) => first.size === slot.size) ?? free[0];
    if (chosen === undefined) homes.push({ first: slot, mask: 1n << BigInt(index), align: slot.align });
    else {
      chosen.mask |= 1n << BigInt(index);
      if (slot.align > chosen.align) chosen.align = slot.align;
      home.set(slot.id, chosen.first.id);
    }
  }
  if (home.size === 0) return f;
  const aligns = new Map(homes.map(({ first, align }) => [first.id, align]));
  return {
    ...f,
    slots: f.slots
      .filter(({ id }) => !home.has(id))
      .map((slot) => ({ ...slot, align: aligns.get(slot.id) ?? slot.align })),
    blocks: f.blocks.map((block) => ({
      ...block,
      instructions: block.instructions.map((instruction) =>
        instruction.op === "slot"
          ? { ...instruction, slot: home.get(instruction.slot) ?? instruction.slot }
          : instruction,
      ),
    })),
  };
}

/**
 * For each candidate the set of those that it may not share with, as bits: those that an instruction uses together with it, and those whose
 * bytes are still to be read when an instruction uses it.
 */
function conflictsOf(
  f: IrFunction,
  accesses: SlotAccesses,
  out: ReadonlyMap<BlockId, LiveBytes>,
  bits: ReadonlyMap<SlotId, bigint>,
): readonly bigint[] {
  const conflicts = Array.from({ length: bits.size }, () => 0n);
  const conflict = (set: bigint, others: bigint): void => {
    for (let index = 0, rest = set; rest !== 0n; index += 1, rest >>= 1n)
      if ((rest & 1n) !== 0n) conflicts[index] = (conflicts[index] ?? 0n) | others;
  };
  for (const { id, instructions } of f.blocks) {
    const live = new Map(out.get(id));
    for (const instruction of [...instructions].reverse()) {
      const used = accesses
        .effectsOf(instruction)
        .reduce((set, { slot }) => set | (bits.get(slot) ?? 0n), 0n);
      if (used === 0n) continue;
      let after = 0n;
      for (const [slot, bytes] of live) if (bytes !== 0n) after |= bits.get(slot) ?? 0n;
      conflict(used, used | after);
      conflict(after, used);
      stepBack(instruction, accesses, live);
    }
  }
  return conflicts;
}
