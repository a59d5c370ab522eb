/** What passes share to change a function: new ids, and values put in the place of others. */
import { mapOperands, mapTerminatorOperands } from "./operations.js";
import type { Block, BlockId, IrFunction, SlotId, ValueId } from "./types.js";

/** Gives out ids that the function does not use yet. */
export interface FreshIds {
  value(): ValueId;
  block(): BlockId;
  slot(): SlotId;
}

/** Counts on from the highest ids of the function. */
export function freshIds(f: IrFunction): FreshIds {
  let value = -1;
  let block = -1;
  for (const { id, params, instructions } of f.blocks) {
    block = Math.max(block, id);
    for (const param of params) value = Math.max(value, param.id);
    for (const { result } of instructions) value = Math.max(value, result ?? -1);
  }
  let slot = f.slots.reduce((highest, { id }) => Math.max(highest, id), -1);
  const next = {
    value: () => (value += 1),
    block: () => (block += 1),
    slot: () => (slot += 1),
  };
  return {
    value: () => next.value() as ValueId,
    block: () => next.block() as BlockId,
    slot: () => next.slot() as SlotId,
  };
}

/** Values that stand for others; a value that is replaced may itself stand for another. */
export type Replacements = Map<ValueId, ValueId>;

/** The value that stands for `value` in the end. */
export function resolve(replacements: ReadonlyMap<ValueId, ValueId>, value: ValueId): ValueId {
  let current = value;
  for (let next = replacements.get(current); next !== undefined; next = replacements.get(current))
    current = next;
  return current;
}

/** The function with every use of a replaced value changed; definitions stay. */
export function replaceUses(f: IrFunction, replacements: ReadonlyMap<ValueId, ValueId>): IrFunction {
  if (replacements.size === 0) return f;
  const rename = (value: ValueId) => resolve(replacements, value);
  return { ...f, blocks: f.blocks.map((block) => renameUses(block, rename)) };
}

/** The block with `rename` put on everything it reads. */
export function renameUses(block: Block, rename: (value: ValueId) => ValueId): Block {
  return {
    ...block,
    instructions: block.instructions.map((instruction) => mapOperands(instruction, rename)),
    terminator: mapTerminatorOperands(block.terminator, rename),
  };
}
