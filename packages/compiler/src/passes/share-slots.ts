/**
 * Stack slot colouring: slots that are never in use at the same time share one. A slot is in use where an access to it
 * lies behind and another one ahead. Slots are coloured greedily, the largest first. A slot that may be read before it is
 * written keeps its own bytes, and so does one whose address has escaped.
 */
import { controlFlow } from "../ir/analysis/control-flow.js";
import { targetsOf } from "../ir/operations.js";
import type { BlockId, Instruction, IrFunction, Slot, SlotId } from "../ir/types.js";
import { liveBytes } from "./dead-stores.js";
import { slotAccesses } from "./slot-accesses.js";

/** The function with as few slots as this finds. */
export function shareSlots(f: IrFunction): IrFunction {
  if (f.slots.length < 2) return f;
  const accesses = slotAccesses(f);
  const exposed = liveBytes(f, accesses).into.get(controlFlow(f).entry);
  const candidates = f.slots.filter(({ id }) => !accesses.escaped.has(id) && (exposed?.get(id) ?? 0n) === 0n);
  const bits = new Map(candidates.map(({ id }, index) => [id, 1n << BigInt(index)]));
  const touched = (instruction: Instruction) =>
    accesses.effectsOf(instruction).reduce((set, { slot }) => set | (bits.get(slot) ?? 0n), 0n);
  const conflicts = conflictsOf(f, touched, candidates.length);

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

/** For each candidate the set of those that it may not share with, as bits. */
function conflictsOf(
  f: IrFunction,
  touched: (instruction: Instruction) => bigint,
  count: number,
): readonly bigint[] {
  const flow = controlFlow(f);
  const own = new Map<BlockId, bigint>();
  for (const [id, { instructions }] of flow.blocks)
    own.set(
      id,
      instructions.reduce((set, each) => set | touched(each), 0n),
    );
  const successors = (id: BlockId) => {
    const block = flow.blocks.get(id);
    return block === undefined ? [] : targetsOf(block.terminator).map((target) => target.block);
  };
  const predecessors = (id: BlockId) => flow.predecessors.get(id) ?? [];
  const behind = spread(flow.reversePostorder, predecessors, own);
  const ahead = spread([...flow.reversePostorder].reverse(), successors, own);

  const conflicts = Array.from({ length: count }, () => 0n);
  const conflict = (set: bigint) => {
    for (let index = 0, rest = set; rest !== 0n; index += 1, rest >>= 1n)
      if ((rest & 1n) !== 0n) conflicts[index] = (conflicts[index] ?? 0n) | set;
  };
  for (const [id, { instructions }] of flow.blocks) {
    let before = behind.get(id) ?? 0n;
    const after: bigint[] = [];
    let later = ahead.get(id) ?? 0n;
    for (const each of [...instructions].reverse()) {
      after.push(later);
      later |= touched(each);
    }
    instructions.forEach((each, index) => {
      const here = touched(each);
      if (here !== 0n) conflict((before | here) & ((after[instructions.length - 1 - index] ?? 0n) | here));
      before |= here;
    });
  }
  return conflicts;
}

/** What flows into each block from those next to it, to a fixpoint. */
function spread(
  order: readonly BlockId[],
  sources: (id: BlockId) => readonly BlockId[],
  own: ReadonlyMap<BlockId, bigint>,
): Map<BlockId, bigint> {
  const into = new Map<BlockId, bigint>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of order) {
      const set = sources(id).reduce((sum, from) => sum | (into.get(from) ?? 0n) | (own.get(from) ?? 0n), 0n);
      changed ||= set !== into.get(id);
      into.set(id, set);
    }
  }
  return into;
}
