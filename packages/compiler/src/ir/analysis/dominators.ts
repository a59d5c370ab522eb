/** The dominator tree, by the iterative algorithm of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance Algorithm"). */
import type { BlockId } from "../types.js";
import type { ControlFlow } from "./control-flow.js";

/** Which blocks are on every way from the entry to a block. */
export interface Dominators {
  /** The closest strict dominator; absent for the entry. */
  readonly immediate: ReadonlyMap<BlockId, BlockId>;
  readonly children: ReadonlyMap<BlockId, readonly BlockId[]>;
  /** Whether every way to `block` passes `by`; a block dominates itself. */
  dominates(by: BlockId, block: BlockId): boolean;
  /** Where the dominance of each block ends: the join points that its definitions meet others at. */
  readonly frontier: ReadonlyMap<BlockId, ReadonlySet<BlockId>>;
}

/** Computes the tree of the blocks that the entry reaches. */
export function dominators(flow: ControlFlow): Dominators {
  const order = flow.reversePostorder;
  const rank = new Map(order.map((id, index) => [id, index]));
  const rankOf = (id: BlockId) => rank.get(id) ?? 0;
  const immediate = new Map<BlockId, BlockId>();
  const parent = (id: BlockId) => immediate.get(id) ?? flow.entry;
  const meet = (left: BlockId, right: BlockId) => {
    let [a, b] = [left, right];
    while (a !== b) {
      if (rankOf(a) > rankOf(b)) a = parent(a);
      else b = parent(b);
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of order.slice(1)) {
      const known = (flow.predecessors.get(id) ?? []).filter(
        (predecessor) => predecessor === flow.entry || immediate.has(predecessor),
      );
      const closest = known.reduce(meet);
      if (immediate.get(id) !== closest) {
        immediate.set(id, closest);
        changed = true;
      }
    }
  }

  const children = new Map<BlockId, BlockId[]>(order.map((id) => [id, []]));
  for (const id of order.slice(1)) children.get(parent(id))?.push(id);
  const spans = numberTree(flow.entry, children);
  const dominates = (by: BlockId, block: BlockId) => {
    const [outer, inner] = [spans.get(by), spans.get(block)];
    return (
      outer !== undefined && inner !== undefined && outer.first <= inner.first && inner.last <= outer.last
    );
  };
  return { immediate, children, dominates, frontier: frontiers(flow, parent) };
}

/** Numbers the tree so that a subtree is a range. */
function numberTree(root: BlockId, children: ReadonlyMap<BlockId, readonly BlockId[]>) {
  const spans = new Map<BlockId, { first: number; last: number }>();
  let next = 0;
  const stack = [{ id: root, left: [...(children.get(root) ?? [])] }];
  spans.set(root, { first: 0, last: 0 });
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = top.left.pop();
    if (child !== undefined) {
      next += 1;
      spans.set(child, { first: next, last: next });
      stack.push({ id: child, left: [...(children.get(child) ?? [])] });
    } else {
      const span = spans.get(top.id);
      if (span !== undefined) span.last = next;
      stack.pop();
    }
  }
  return spans;
}

function frontiers(flow: ControlFlow, parent: (id: BlockId) => BlockId): Map<BlockId, Set<BlockId>> {
  const frontier = new Map<BlockId, Set<BlockId>>(flow.reversePostorder.map((id) => [id, new Set()]));
  for (const [id, predecessors] of flow.predecessors) {
    if (predecessors.length < 2) continue;
    for (const predecessor of predecessors) {
      for (let runner = predecessor; runner !== parent(id); runner = parent(runner)) {
        frontier.get(runner)?.add(id);
      }
    }
  }
  return frontier;
}
