/** Which registers are still read later, and how deep in loops each block lies. */
import type { MachineFunction, Register } from "./machine.js";
import { definitionsOf, successorsOf, terminatorUses, usesOf } from "./machine.js";

/** Registers alive at the end of each block, by block. */
export function liveOut(f: MachineFunction): readonly ReadonlySet<Register>[] {
  const reads: Set<Register>[] = [];
  const writes: Set<Register>[] = [];
  const predecessors: number[][] = f.blocks.map(() => []);
  for (const [index, block] of f.blocks.entries()) {
    const read = new Set<Register>();
    const written = new Set<Register>();
    for (const instruction of block.instructions) {
      for (const register of usesOf(instruction)) if (!written.has(register)) read.add(register);
      for (const register of definitionsOf(instruction)) written.add(register);
    }
    for (const register of terminatorUses(block.terminator)) if (!written.has(register)) read.add(register);
    reads.push(read);
    writes.push(written);
    for (const successor of successorsOf(block.terminator)) predecessors[successor]?.push(index);
  }
  const out: Set<Register>[] = f.blocks.map(() => new Set());
  const pending = new Set(f.blocks.keys());
  // Last blocks first: facts flow backwards.
  const queue = [...pending].reverse();
  for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
    pending.delete(index);
    const live = new Set(reads[index]);
    for (const register of out[index] ?? []) if (!writes[index]?.has(register)) live.add(register);
    for (const predecessor of predecessors[index] ?? []) {
      const set = out[predecessor];
      if (set === undefined) continue;
      const before = set.size;
      for (const register of live) set.add(register);
      if (set.size !== before && !pending.has(predecessor)) {
        pending.add(predecessor);
        queue.push(predecessor);
      }
    }
  }
  return out;
}

/**
 * Loops round each block: 0 outside of any. A jump to a block that is still open on the walk from the entry closes a
 * loop, whose body is what reaches that jump without passing the loop's head.
 */
export function loopDepths(f: MachineFunction): readonly number[] {
  const predecessors: number[][] = f.blocks.map(() => []);
  for (const [index, block] of f.blocks.entries()) {
    for (const successor of successorsOf(block.terminator)) predecessors[successor]?.push(index);
  }
  const depths: number[] = f.blocks.map(() => 0);
  for (const [head, tails] of backEdges(f)) {
    const body = new Set<number>([head]);
    const queue = [...tails];
    for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
      if (body.has(index)) continue;
      body.add(index);
      queue.push(...(predecessors[index] ?? []));
    }
    for (const index of body) depths[index] = (depths[index] ?? 0) + 1;
  }
  return depths;
}

function backEdges(f: MachineFunction): ReadonlyMap<number, readonly number[]> {
  const edges = new Map<number, number[]>();
  const state: ("open" | "closed" | undefined)[] = [];
  const stack = [{ index: 0, next: 0 }];
  state[0] = "open";
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const block = f.blocks[top.index];
    const successor = block === undefined ? undefined : successorsOf(block.terminator)[top.next];
    top.next += 1;
    if (successor === undefined) {
      state[top.index] = "closed";
      stack.pop();
    } else if (state[successor] === "open")
      edges.set(successor, [...(edges.get(successor) ?? []), top.index]);
    else if (state[successor] === undefined) {
      state[successor] = "open";
      stack.push({ index: successor, next: 0 });
    }
  }
  return edges;
}
