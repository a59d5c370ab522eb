/** Which registers may not share one: those alive where another is written. */
import { liveOut } from "./liveness.js";
import type { MachineFunction, Register } from "./machine.js";
import { allocatable, definitionsOf, physical, terminatorUses, usesOf } from "./machine.js";

export interface Move {
  readonly dst: Register;
  readonly src: Register;
}

export interface Interference {
  /** Neighbours of each register, machine registers included. */
  readonly edges: readonly Set<Register>[];
  readonly moves: readonly Move[];
  /** Registers that appear in the function. */
  readonly present: ReadonlySet<Register>;
}

export function buildInterference(f: MachineFunction): Interference {
  const edges: Set<Register>[] = Array.from({ length: f.registers }, () => new Set());
  const present = new Set<Register>();
  const moves: Move[] = [];
  const connect = (a: Register, b: Register): void => {
    if (a === b) return;
    edges[a]?.add(b);
    edges[b]?.add(a);
  };
  for (let a = 0; a < allocatable; a++) {
    for (let b = 0; b < a; b++) connect(physical(a), physical(b));
  }
  const outs = liveOut(f);
  for (const [index, block] of f.blocks.entries()) {
    const live = new Set(outs[index]);
    for (const register of terminatorUses(block.terminator)) {
      live.add(register);
      present.add(register);
    }
    for (const instruction of block.instructions.toReversed()) {
      const uses = usesOf(instruction);
      const definitions = definitionsOf(instruction);
      for (const register of [...uses, ...definitions]) present.add(register);
      // A copy's two sides hold one value: they may share a register though both are alive.
      if (instruction.op === "move") {
        live.delete(instruction.src);
        if (instruction.dst !== instruction.src) moves.push({ dst: instruction.dst, src: instruction.src });
      }
      for (const definition of definitions) {
        for (const register of live) connect(definition, register);
        for (const other of definitions) connect(definition, other);
      }
      for (const definition of definitions) live.delete(definition);
      for (const use of uses) live.add(use);
    }
  }
  return { edges, moves, present };
}
