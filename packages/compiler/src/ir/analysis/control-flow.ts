/** Who goes where: predecessors, what the entry reaches, and orders to visit blocks in. */
import { targetsOf } from "../operations.js";
import type { Block, BlockId, IrFunction } from "../types.js";

/** The shape of a function's graph of blocks. Blocks that the entry does not reach are not part of it. */
export interface ControlFlow {
  readonly entry: BlockId;
  readonly blocks: ReadonlyMap<BlockId, Block>;
  /** With repeats: a branch whose sides are one block makes it a predecessor twice. */
  readonly predecessors: ReadonlyMap<BlockId, readonly BlockId[]>;
  /** Every block before its successors, but for back edges. */
  readonly reversePostorder: readonly BlockId[];
}

/** Computes the graph. */
export function controlFlow(f: IrFunction): ControlFlow {
  const all = new Map(f.blocks.map((block) => [block.id, block]));
  const entry = f.blocks[0]?.id ?? (0 as BlockId);
  const reversePostorder = postorder(entry, all).reverse();
  const blocks = new Map<BlockId, Block>();
  const predecessors = new Map<BlockId, BlockId[]>();
  for (const id of reversePostorder) predecessors.set(id, []);
  for (const id of reversePostorder) {
    const block = all.get(id);
    if (block === undefined) continue;
    blocks.set(id, block);
    for (const target of targetsOf(block.terminator)) predecessors.get(target.block)?.push(id);
  }
  return { entry, blocks, predecessors, reversePostorder };
}

/** The function without the blocks that the entry does not reach; itself when there are none. */
export function withoutUnreachable(f: IrFunction): IrFunction {
  const { blocks } = controlFlow(f);
  if (blocks.size === f.blocks.length) return f;
  return { ...f, blocks: f.blocks.filter((block) => blocks.has(block.id)) };
}

/** Depth first, last successor first, so that `then` comes before `else` in the reverse. No recursion: functions are deep. */
function postorder(entry: BlockId, blocks: ReadonlyMap<BlockId, Block>): BlockId[] {
  const order: BlockId[] = [];
  const seen = new Set([entry]);
  const successors = (id: BlockId) => {
    const block = blocks.get(id);
    return block === undefined ? [] : targetsOf(block.terminator).map((target) => target.block);
  };
  const stack = [{ id: entry, left: successors(entry) }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.left.pop();
    if (next === undefined) {
      order.push(top.id);
      stack.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      stack.push({ id: next, left: successors(next) });
    }
  }
  return order;
}
