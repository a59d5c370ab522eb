/**
 * Copy forwarding: a slot that is written once, by a copy of another whole slot, and that is then only read, is that
 * slot, as long as nothing changes it between the copy and the last read. The readers are given the
 * source's address, and the copy goes.
 */
import { type ControlFlow, controlFlow } from "../ir/analysis/control-flow.js";
import { type Dominators, dominators } from "../ir/analysis/dominators.js";
import type { BlockId, Instruction, IrFunction, SlotId } from "../ir/types.js";
import { type Effect, type SlotAccesses, slotAccesses } from "./slot-accesses.js";

/** Where an instruction stands. */
interface Position {
  readonly block: BlockId;
  readonly index: number;
}

interface Touch extends Position {
  readonly instruction: Instruction;
  readonly effect: Effect;
}

/** The function without slots that are only copies of others. */
export function forwardCopies(f: IrFunction): IrFunction {
  if (!f.blocks.some(({ instructions }) => instructions.some(({ op }) => op === "copy"))) return f;
  const accesses = slotAccesses(f);
  const flow = controlFlow(f);
  const tree = dominators(flow);
  const touches = touchesBySlot(flow, accesses);
  const stands = new Map<SlotId, SlotId>();
  const named = new Set<SlotId>();
  for (const [slot, uses] of touches) {
    const source = sourceOf(slot, uses, touches, { accesses, flow, tree });
    // A chain of copies is followed one link a run.
    if (source === null || named.has(slot) || named.has(source)) continue;
    stands.set(slot, source);
    named.add(slot).add(source);
  }
  if (stands.size === 0) return f;
  const isGone = (instruction: Instruction) =>
    instruction.op === "copy" && stands.has(accesses.placeOf(instruction.target)?.slot ?? noSlot);
  const blocks = f.blocks.map((block) => ({
    ...block,
    instructions: block.instructions
      .filter((instruction) => !isGone(instruction))
      .map((instruction) =>
        instruction.op === "slot"
          ? { ...instruction, slot: stands.get(instruction.slot) ?? instruction.slot }
          : instruction,
      ),
  }));
  return { ...f, blocks };
}

const noSlot = -1 as SlotId;

function touchesBySlot(flow: ControlFlow, accesses: SlotAccesses): Map<SlotId, Touch[]> {
  const touches = new Map<SlotId, Touch[]>();
  for (const [block, { instructions }] of flow.blocks) {
    instructions.forEach((instruction, index) => {
      for (const effect of accesses.effectsOf(instruction)) {
        const known = touches.get(effect.slot) ?? [];
        known.push({ block, index, instruction, effect });
        touches.set(effect.slot, known);
      }
    });
  }
  return touches;
}

/** The slot that can stand for a slot; null when it is not just a copy. */
function sourceOf(
  slot: SlotId,
  uses: readonly Touch[],
  touches: ReadonlyMap<SlotId, readonly Touch[]>,
  { accesses, flow, tree }: { accesses: SlotAccesses; flow: ControlFlow; tree: Dominators },
): SlotId | null {
  const writes = uses.filter(({ effect }) => effect.kind !== "read");
  const [copy] = writes;
  if (copy === undefined || writes.length > 1 || copy.instruction.op !== "copy") return null;
  const target = accesses.placeOf(copy.instruction.target);
  const source = accesses.placeOf(copy.instruction.source);
  if (target?.offset !== 0 || source?.offset !== 0 || source.slot === slot) return null;
  const [own, other] = [accesses.slots.get(slot), accesses.slots.get(source.slot)];
  if (own === undefined || other === undefined || other.align < own.align) return null;
  // What reads to the slot's end would read on into what follows the copied bytes.
  if (copy.instruction.size !== own.size || other.size !== own.size) return null;
  const reads = uses.filter(({ effect }) => effect.kind === "read");
  if (!reads.every((read) => comesBefore(copy, read, tree))) return null;
  const changes = (touches.get(source.slot) ?? []).filter(({ effect }) => effect.kind !== "read");
  const dirty = changes.some((change) => reads.some((read) => reaches(change, read, copy, flow)));
  return dirty ? null : source.slot;
}

function comesBefore(first: Position, then: Position, tree: Dominators): boolean {
  return first.block === then.block ? first.index < then.index : tree.dominates(first.block, then.block);
}

/** Whether control may go from behind `from` to `to` without passing `barrier`. `barrier` dominates `to`. */
function reaches(from: Position, to: Position, barrier: Position, flow: ControlFlow): boolean {
  const barred = (block: BlockId, above: number, below: number) =>
    block === barrier.block && above < barrier.index && barrier.index < below;
  // Backwards from `to`; a block is searched from its end, but for the first.
  const seen = new Set<BlockId>();
  const pending: { readonly block: BlockId; readonly below: number }[] = [
    { block: to.block, below: to.index },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { block, below } = next;
    if (block === from.block && from.index < below && !barred(block, from.index, below)) return true;
    if (barred(block, -1, below)) continue;
    for (const before of flow.predecessors.get(block) ?? []) {
      if (seen.has(before)) continue;
      seen.add(before);
      pending.push({ block: before, below: Number.POSITIVE_INFINITY });
    }
  }
  return false;
}
