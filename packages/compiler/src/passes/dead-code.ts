/**
 * Drops what nobody needs: pure operations and loads whose result is not used, block parameters that are not used (or
 * only feed themselves round a loop), slots that are only written, and slots that are not named any more.
 */
import { controlFlow, withoutUnreachable } from "../ir/analysis/control-flow.js";
import { isRemovable, mapTargets, operandsOf, targetsOf, terminatorOperands } from "../ir/operations.js";
import type { Block, BlockId, Instruction, IrFunction, SlotId, ValueId } from "../ir/types.js";

/** The function without its dead instructions, parameters and slots. The entry keeps its parameters. */
export function removeDeadCode(input: IrFunction): IrFunction {
  const f = withoutUnreachable(input);
  const deadWrites = writesToUnreadSlots(f);
  const live = liveValues(f, deadWrites);
  const keeps = (instruction: Instruction) =>
    !deadWrites.has(instruction) &&
    (!isRemovable(instruction) || instruction.result === null || live.has(instruction.result));

  const [entry] = f.blocks;
  const kept = new Map<BlockId, readonly boolean[]>(
    f.blocks.map((block) => [block.id, block.params.map(({ id }) => block === entry || live.has(id))]),
  );
  const keepOf = (id: BlockId, index: number) => kept.get(id)?.[index] ?? true;
  const blocks = f.blocks.map(
    (block): Block => ({
      ...block,
      params: block.params.filter((_, index) => keepOf(block.id, index)),
      instructions: block.instructions.filter(keeps),
      terminator: mapTargets(block.terminator, (target) => ({
        ...target,
        args: target.args.filter((_, index) => keepOf(target.block, index)),
      })),
    }),
  );
  const named = new Set<SlotId>();
  for (const { instructions } of blocks) {
    for (const instruction of instructions) if (instruction.op === "slot") named.add(instruction.slot);
  }
  return { ...f, slots: f.slots.filter((slot) => named.has(slot.id)), blocks };
}

/** Values that something with an effect depends on. An argument counts only once its parameter does. */
function liveValues(f: IrFunction, dead: ReadonlySet<Instruction>): Set<ValueId> {
  const live = new Set<ValueId>();
  const needs = new Map<ValueId, readonly ValueId[]>();
  const roots: ValueId[] = [];
  const flow = controlFlow(f);
  const incoming = new Map<ValueId, ValueId[]>();
  for (const block of f.blocks) {
    for (const instruction of block.instructions) {
      if (dead.has(instruction)) continue;
      if (isRemovable(instruction) && instruction.result !== null) {
        needs.set(instruction.result, operandsOf(instruction));
      } else roots.push(...operandsOf(instruction));
    }
    const { terminator } = block;
    if (terminator.op !== "jump") {
      const args = targetsOf(terminator).reduce((sum, target) => sum + target.args.length, 0);
      const operands = terminatorOperands(terminator);
      roots.push(...operands.slice(0, operands.length - args));
    }
    for (const target of targetsOf(terminator)) {
      flow.blocks.get(target.block)?.params.forEach(({ id }, index) => {
        const arg = target.args[index];
        if (arg !== undefined) incoming.set(id, [...(incoming.get(id) ?? []), arg]);
      });
    }
  }
  for (let value = roots.pop(); value !== undefined; value = roots.pop()) {
    if (live.has(value)) continue;
    live.add(value);
    roots.push(...(needs.get(value) ?? []), ...(incoming.get(value) ?? []));
  }
  return live;
}

/** Stores and zeroings of slots whose bytes nobody ever reads and whose address goes nowhere. */
function writesToUnreadSlots(f: IrFunction): Set<Instruction> {
  const slotOf = new Map<ValueId, SlotId>();
  const read = new Set<SlotId>();
  const writes: { readonly instruction: Instruction; readonly slot: SlotId }[] = [];
  const flow = controlFlow(f);
  const leaks = (value: ValueId) => {
    const slot = slotOf.get(value);
    if (slot !== undefined) read.add(slot);
  };
  for (const id of flow.reversePostorder) {
    const block = flow.blocks.get(id);
    for (const instruction of block?.instructions ?? []) {
      if (instruction.op === "slot" && instruction.result !== null) {
        slotOf.set(instruction.result, instruction.slot);
      } else if (instruction.op === "offset" && instruction.result !== null) {
        const slot = slotOf.get(instruction.pointer);
        if (slot !== undefined) slotOf.set(instruction.result, slot);
      } else if (instruction.op === "store" || instruction.op === "zero") {
        const slot = slotOf.get(instruction.pointer);
        if (slot !== undefined) writes.push({ instruction, slot });
        if (instruction.op === "store") leaks(instruction.value);
      } else if (instruction.op === "copy") {
        const slot = slotOf.get(instruction.target);
        if (slot !== undefined) writes.push({ instruction, slot });
        leaks(instruction.source);
      } else operandsOf(instruction).forEach(leaks);
    }
    if (block !== undefined) terminatorOperands(block.terminator).forEach(leaks);
  }
  return new Set(writes.filter(({ slot }) => !read.has(slot)).map(({ instruction }) => instruction));
}
