/** The order of blocks in memory. */
import type { AllocatedBlock, AllocatedFunction } from "./allocate.js";
import type { MachineBlockId } from "./machine.js";
import { successorsOf } from "./machine.js";

export interface Layout {
  /** By id, with jumps through empty blocks already taken to their end. */
  readonly blocks: readonly AllocatedBlock[];
  /** Blocks that are reached, the entry first. */
  readonly order: readonly MachineBlockId[];
}

/** Orders the blocks so that each is followed by a successor where one is free, and drops what nothing reaches. */
export function layoutBlocks(f: AllocatedFunction): Layout {
  const blocks = f.blocks.map((block) => shortcut(f, block));
  return { blocks, order: order(blocks) };
}

/** Where a jump to `id` ends up when empty blocks that only jump on are skipped. */
function destination(f: AllocatedFunction, id: MachineBlockId): MachineBlockId {
  const seen = new Set<MachineBlockId>();
  let current = id;
  for (;;) {
    const block = f.blocks[current];
    if (block?.instructions.length !== 0 || block.terminator.op !== "jump" || seen.has(current))
      return current;
    seen.add(current);
    current = block.terminator.target;
  }
}

function shortcut(f: AllocatedFunction, block: AllocatedBlock): AllocatedBlock {
  const { terminator } = block;
  if (terminator.op === "exit") return block;
  if (terminator.op === "jump") {
    const target = destination(f, terminator.target);
    const last = f.blocks[target];
    // A jump to a bare `exit` is no shorter than the `exit`.
    if (last?.instructions.length === 0 && last.terminator.op === "exit")
      return { ...block, terminator: last.terminator };
    return { ...block, terminator: { ...terminator, target } };
  }
  const taken = destination(f, terminator.taken);
  const other = destination(f, terminator.other);
  if (taken === other)
    return { ...block, terminator: { op: "jump", target: taken, location: terminator.location } };
  return { ...block, terminator: { ...terminator, taken, other } };
}

/**
 * Reverse postorder, so that a block comes after all that lead to it but for loops, and then chains: after each block the
 * successor that only it leads to still, if there is one.
 */
function order(blocks: readonly AllocatedBlock[]): readonly MachineBlockId[] {
  const postorder: MachineBlockId[] = [];
  const seen = new Set<MachineBlockId>([0 as MachineBlockId]);
  const stack = [{ id: 0 as MachineBlockId, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const block = blocks[top.id];
    const successor = block === undefined ? undefined : successorsOf(block.terminator)[top.next];
    top.next += 1;
    if (successor === undefined) {
      postorder.push(top.id);
      stack.pop();
    } else if (!seen.has(successor)) {
      seen.add(successor);
      stack.push({ id: successor, next: 0 });
    }
  }
  return postorder.reverse();
}
