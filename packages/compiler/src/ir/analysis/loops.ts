/** Natural loops: a header that dominates where a back edge comes from, and the blocks between. */
import { targetsOf } from "../operations.js";
import type { BlockId } from "../types.js";
import type { ControlFlow } from "./control-flow.js";
import type { Dominators } from "./dominators.js";

/** One loop; loops that share a header are one. */
export interface Loop {
  readonly header: BlockId;
  /** The blocks with an edge back to the header. */
  readonly latches: readonly BlockId[];
  /** Header and latches included. */
  readonly blocks: ReadonlySet<BlockId>;
}

/** All loops, outer before inner. */
export function loops(flow: ControlFlow, tree: Dominators): Loop[] {
  const found: Loop[] = [];
  for (const header of flow.reversePostorder) {
    const latches = (flow.predecessors.get(header) ?? []).filter((id) => tree.dominates(header, id));
    if (latches.length === 0) continue;
    const blocks = new Set<BlockId>([header]);
    const pending = [...latches];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (blocks.has(id)) continue;
      blocks.add(id);
      pending.push(...(flow.predecessors.get(id) ?? []));
    }
    found.push({ header, latches: [...new Set(latches)], blocks });
  }
  return found;
}

/**
 * How many branches of a turn have sides that meet again before it ends; tests that end a loop inside of it are none. A callback is one: the
 * verifier follows what comes after the helper with and without its being called.
 */
export function joinsIn(flow: ControlFlow, loop: Loop, all: readonly Loop[]): number {
  const inner = all.filter(({ header }) => loop.blocks.has(header));
  const blocks = [...loop.blocks].flatMap((id) => flow.blocks.get(id) ?? []);
  const branches = blocks.filter(({ id, terminator }) => {
    if (terminator.op !== "branch") return false;
    const around = inner.filter((each) => each.blocks.has(id));
    return targetsOf(terminator).every(({ block }) => around.every((each) => each.blocks.has(block)));
  });
  const callbacks = blocks.flatMap(({ instructions }) => instructions.filter(({ op }) => op === "function"));
  return branches.length + callbacks.length;
}
