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
  const threaded = f.blocks.map((block) => shortcut(f, block));
  const first = order(threaded);
  const followers = new Map(first.map((id, index) => [id, first[index + 1]]));
  const blocks = threaded.map((block, index) =>
    exitHere(threaded, block, followers.get(index as MachineBlockId)),
  );
  const reached = new Set(order(blocks));
  return { blocks, order: first.filter((id) => reached.has(id)) };
}

/** A jump to a bare `exit` that does not just fall into it is no shorter than the `exit`. */
function exitHere(
  blocks: readonly AllocatedBlock[],
  block: AllocatedBlock,
  follower: MachineBlockId | undefined,
): AllocatedBlock {
  const { terminator } = block;
  if (terminator.op !== "jump" || terminator.target === follower) return block;
  const target = blocks[terminator.target];
  if (target?.instructions.length !== 0 || target.terminator.op !== "exit") return block;
  return { ...block, terminator: target.terminator };
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
    return { ...block, terminator: { ...terminator, target } };
  }
  const taken = destination(f, terminator.taken);
  const other = destination(f, terminator.other);
  if (taken === other)
    return { ...block, terminator: { op: "jump", target: taken, location: terminator.location } };
  return { ...block, terminator: { ...terminator, taken, other } };
}

/** Reverse postorder: a block comes after all that lead to it, but for loops, and mostly right after one of them. */
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
