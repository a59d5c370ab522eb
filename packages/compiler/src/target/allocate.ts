/**
 * Register allocation: colour, and where that fails move some values to the stack (or make them again, when they come
 * from nothing) and colour again. Copies whose sides got one register vanish.
 *
 * Each instruction of the result remembers the one it came from, so that `check-allocation.ts` can prove the result
 * against the input without trusting anything here.
 */
import { BugError } from "../ir/bug-error.js";
import { colour } from "./colour.js";
import { buildInterference } from "./interference.js";
import { loopDepths } from "./liveness.js";
import type { MachineFunction, MachineInstruction, MachineTerminator, Register } from "./machine.js";
import {
  definitionsOf,
  isRematerialisable,
  isVirtual,
  mapRegisters,
  mapTerminatorRegisters,
  physical,
  terminatorUses,
  usesOf,
} from "./machine.js";
import { printMachine } from "./print-machine.js";

export interface AllocatedInstruction {
  readonly instruction: MachineInstruction;
  /** The instruction of the input that it stands for; null for what the allocator added. */
  readonly origin: MachineInstruction | null;
  /** Source variables in the registers that it reads. */
  readonly names?: readonly NamedRegister[];
}
/** A machine register and the source variable in it. */
export interface NamedRegister {
  readonly register: Register;
  readonly name: string;
}
export interface AllocatedBlock {
  readonly instructions: readonly AllocatedInstruction[];
  readonly terminator: MachineTerminator;
  /** Source variables in the registers that the terminator reads. */
  readonly names?: readonly NamedRegister[];
}
export interface AllocatedFunction {
  readonly name: string;
  readonly blocks: readonly AllocatedBlock[];
  readonly frameBytes: number;
}

interface Draft {
  blocks: AllocatedBlock[];
  registers: number;
  frameBytes: number;
  /** Made for one use: spilling it again would gain nothing. */
  readonly temporaries: Set<Register>;
}

/** Rounds of spilling after which something is broken: each round makes live ranges shorter. */
const maxRounds = 64;

/**
 * @param available how many machine registers may be used; all 10, fewer in tests
 * @throws BugError when no allocation is found
 */
export function allocate(f: MachineFunction, available?: number): AllocatedFunction {
  const draft: Draft = {
    blocks: f.blocks.map((block) => ({
      instructions: block.instructions.map((instruction) => ({ instruction, origin: instruction })),
      terminator: block.terminator,
    })),
    registers: f.registers,
    frameBytes: f.frameBytes,
    temporaries: new Set(),
  };
  for (let round = 0; round < maxRounds; round++) {
    const current = plain(f.name, draft);
    const { assignment, spilled } = colour(buildInterference(current), spillCosts(current, draft), available);
    if (spilled.length === 0) return finish(f.name, draft, assignment, f.names ?? new Map());
    spill(draft, spilled);
  }
  throw new BugError("registers: no allocation found", printMachine(f));
}

function plain(name: string, draft: Draft): MachineFunction {
  const blocks = draft.blocks.map(({ instructions, terminator }) => ({
    instructions: instructions.map(({ instruction }) => instruction),
    terminator,
  }));
  return { name, blocks, registers: draft.registers, frameBytes: draft.frameBytes };
}

/** What keeping a register on the stack costs: its reads and writes, ten times as much with each loop round them. */
function spillCosts(f: MachineFunction, draft: Draft): ReadonlyMap<Register, number> {
  const costs = new Map<Register, number>();
  const depths = loopDepths(f);
  const repeatable = rematerialisable(f);
  for (const [index, block] of f.blocks.entries()) {
    const weight = 10 ** Math.min(depths[index] ?? 0, 8);
    const add = (register: Register): void => {
      costs.set(register, (costs.get(register) ?? 0) + weight * (repeatable.has(register) ? 0.4 : 1));
    };
    for (const instruction of block.instructions) {
      usesOf(instruction).forEach(add);
      definitionsOf(instruction).forEach(add);
    }
    terminatorUses(block.terminator).forEach(add);
  }
  for (const register of draft.temporaries) costs.set(register, Number.POSITIVE_INFINITY);
  return costs;
}

/** Registers written once, by an instruction that reads nothing. */
function rematerialisable(f: MachineFunction): ReadonlyMap<Register, MachineInstruction> {
  const found = new Map<Register, MachineInstruction>();
  const written = new Set<Register>();
  for (const block of f.blocks) {
    for (const instruction of block.instructions) {
      for (const register of definitionsOf(instruction)) {
        if (written.has(register)) found.delete(register);
        else if (isVirtual(register) && isRematerialisable(instruction)) found.set(register, instruction);
        written.add(register);
      }
    }
  }
  return found;
}

function spill(draft: Draft, registers: readonly Register[]): void {
  const repeatable = rematerialisable(plain("", draft));
  const homes = new Map<Register, number>();
  for (const register of registers) {
    if (repeatable.has(register)) continue;
    draft.frameBytes += 8;
    homes.set(register, -draft.frameBytes);
  }
  const gone = new Set(registers);
  draft.blocks = draft.blocks.map((block) => spillInBlock(draft, block, gone, homes, repeatable));
}

function spillInBlock(
  draft: Draft,
  block: AllocatedBlock,
  gone: ReadonlySet<Register>,
  homes: ReadonlyMap<Register, number>,
  repeatable: ReadonlyMap<Register, MachineInstruction>,
): AllocatedBlock {
  const out: AllocatedInstruction[] = [];
  const temporary = (): Register => {
    const register = physical(draft.registers);
    draft.registers += 1;
    draft.temporaries.add(register);
    return register;
  };
  const fetch = (dst: Register, from: Register, location: MachineInstruction["location"]): void => {
    const source = repeatable.get(from);
    const offset = homes.get(from);
    if (source !== undefined)
      out.push({ instruction: { ...mapRegisters(source, () => dst), location }, origin: null });
    else if (offset !== undefined)
      out.push({ instruction: { op: "reload", dst, offset, location }, origin: null });
  };
  for (const entry of block.instructions) {
    const { instruction } = entry;
    const { location } = instruction;
    const uses = usesOf(instruction).filter((register) => gone.has(register));
    const writes = definitionsOf(instruction).filter((register) => gone.has(register));
    if (uses.length === 0 && writes.length === 0) {
      out.push(entry);
      continue;
    }
    const [written] = writes;
    if (written !== undefined && repeatable.has(written)) continue;
    // A copy from or to the stack is the access itself.
    if (instruction.op === "move" && writes.length === 0) {
      fetch(instruction.dst, instruction.src, location);
      continue;
    }
    if (instruction.op === "move" && uses.length === 0 && written !== undefined) {
      out.push({
        instruction: { op: "spill", src: instruction.src, offset: homes.get(written) ?? 0, location },
        origin: null,
      });
      continue;
    }
    const names = new Map<Register, Register>();
    for (const register of new Set([...uses, ...writes])) names.set(register, temporary());
    for (const register of new Set(uses)) fetch(names.get(register) ?? register, register, location);
    out.push({
      ...entry,
      instruction: mapRegisters(instruction, (register) => names.get(register) ?? register),
    });
    for (const register of writes) {
      const src = names.get(register) ?? register;
      out.push({
        instruction: { op: "spill", src, offset: homes.get(register) ?? 0, location },
        origin: null,
      });
    }
  }
  const names = new Map<Register, Register>();
  for (const register of terminatorUses(block.terminator)) {
    if (!gone.has(register) || names.has(register)) continue;
    const name = temporary();
    names.set(register, name);
    fetch(name, register, block.terminator.location);
  }
  const terminator = mapTerminatorRegisters(block.terminator, (register) => names.get(register) ?? register);
  return { instructions: out, terminator };
}

function finish(
  name: string,
  draft: Draft,
  assignment: ReadonlyMap<Register, Register>,
  names: ReadonlyMap<Register, string>,
): AllocatedFunction {
  const rename = (register: Register): Register => assignment.get(register) ?? register;
  const named = (before: readonly Register[], after: readonly Register[]): NamedRegister[] =>
    before.flatMap((register, i) => {
      const text = names.get(register);
      const held = after[i];
      return text === undefined || held === undefined ? [] : [{ register: rename(held), name: text }];
    });
  const blocks = draft.blocks.map(({ instructions, terminator }) => {
    const kept: AllocatedBlock["instructions"][number][] = [];
    // A copy to the register where the value is already is left out; what it names is there for the next instruction too.
    let copied: readonly NamedRegister[] = [];
    for (const { instruction: made, origin } of instructions) {
      const instruction = mapRegisters(made, rename);
      const here = [...copied, ...(origin === null ? [] : named(usesOf(origin), usesOf(made)))];
      const isNothing = instruction.op === "move" && instruction.dst === instruction.src;
      copied = isNothing ? here : [];
      if (!isNothing) kept.push({ instruction, origin, ...(here.length > 0 && { names: here }) });
    }
    const held = [...copied, ...named(terminatorUses(terminator), terminatorUses(terminator))];
    return {
      instructions: kept,
      terminator: mapTerminatorRegisters(terminator, rename),
      ...(held.length > 0 && { names: held }),
    };
  });
  return { name, blocks, frameBytes: draft.frameBytes };
}
