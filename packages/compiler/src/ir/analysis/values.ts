/** Definitions, types, uses and liveness of values. */
import { operandsOf, resultType, targetsOf, terminatorOperands } from "../operations.js";
import type { Block, BlockId, Instruction, IrFunction, IrType, ValueId } from "../types.js";
import type { ControlFlow } from "./control-flow.js";

/** The instruction that makes each value; block parameters are not in it. */
export function definitions(f: IrFunction): Map<ValueId, Instruction> {
  const map = new Map<ValueId, Instruction>();
  for (const block of f.blocks) {
    for (const instruction of block.instructions) {
      if (instruction.result !== null) map.set(instruction.result, instruction);
    }
  }
  return map;
}

/** The block that makes each value, parameters included. */
export function homesOf(f: IrFunction): Map<ValueId, BlockId> {
  const homes = new Map<ValueId, BlockId>();
  for (const { id, params, instructions } of f.blocks) {
    for (const param of params) homes.set(param.id, id);
    for (const { result } of instructions) if (result !== null) homes.set(result, id);
  }
  return homes;
}

/** The type of each value, parameters included. */
export function valueTypes(f: IrFunction): Map<ValueId, IrType> {
  const types = new Map<ValueId, IrType>();
  for (const block of f.blocks) {
    for (const { id, type } of block.params) types.set(id, type);
    for (const instruction of block.instructions) {
      const type = resultType(instruction);
      if (instruction.result !== null && type !== null) types.set(instruction.result, type);
    }
  }
  return types;
}

/** How often each value is read by instructions and terminators. Values that nobody reads are not in it. */
export function useCounts(f: IrFunction): Map<ValueId, number> {
  const counts = new Map<ValueId, number>();
  const use = (value: ValueId) => counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const block of f.blocks) {
    for (const instruction of block.instructions) operandsOf(instruction).forEach(use);
    terminatorOperands(block.terminator).forEach(use);
  }
  return counts;
}

/** The values that are needed on entry to a block (not counting its params) and on leaving it. */
export interface Liveness {
  readonly liveIn: ReadonlyMap<BlockId, ReadonlySet<ValueId>>;
  readonly liveOut: ReadonlyMap<BlockId, ReadonlySet<ValueId>>;
}

/** Backward data flow to a fixpoint. An argument of a target is a use at the end of the block that jumps. */
export function liveness(flow: ControlFlow): Liveness {
  const liveIn = new Map<BlockId, Set<ValueId>>();
  const liveOut = new Map<BlockId, Set<ValueId>>();
  for (const id of flow.reversePostorder) {
    liveIn.set(id, new Set());
    liveOut.set(id, new Set());
  }
  const backward = [...flow.reversePostorder].reverse();
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of backward) {
      const block = flow.blocks.get(id);
      if (block === undefined) continue;
      const out = new Set<ValueId>();
      for (const target of targetsOf(block.terminator)) {
        for (const value of liveIn.get(target.block) ?? []) out.add(value);
      }
      const into = liveBefore(block, out);
      changed ||= into.size !== liveIn.get(id)?.size;
      liveOut.set(id, out);
      liveIn.set(id, into);
    }
  }
  return { liveIn, liveOut };
}

function liveBefore(block: Block, out: ReadonlySet<ValueId>): Set<ValueId> {
  const live = new Set(out);
  for (const value of terminatorOperands(block.terminator)) live.add(value);
  for (const instruction of [...block.instructions].reverse()) {
    if (instruction.result !== null) live.delete(instruction.result);
    for (const value of operandsOf(instruction)) live.add(value);
  }
  for (const { id } of block.params) live.delete(id);
  return live;
}
