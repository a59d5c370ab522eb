/**
 * Proves an allocation by symbolic execution, knowing nothing of how it was made. At each point it keeps, for every
 * machine register and spill slot, the set of input registers whose present value that place holds on all paths; then
 * each instruction must find, in the places it reads, the registers its origin reads.
 *
 * An input copy `d = s` is not looked for in the output: it only says that whatever holds `s` now holds `d` as well. An
 * input constant or address may be missing, or be made anywhere, provided the same one is made. Everything else must be
 * there, in order.
 */
import type { AllocatedFunction, AllocatedInstruction } from "./allocate.js";
import type { MachineFunction, MachineInstruction, MachineOperation, Register } from "./machine.js";
import {
  argumentRegisters,
  definitionsOf,
  isRematerialisable,
  mapRegisters,
  physical,
  successorsOf,
  terminatorUses,
  usesOf,
} from "./machine.js";

/** Machine registers as they are, spill slots by their (negative) offset. */
type Place = number;
type State = Map<Place, Set<Register>>;

/** What is wrong with an allocation; empty when it is proven. */
export function checkAllocation(input: MachineFunction, output: AllocatedFunction): readonly string[] {
  const checker: Checker = { input, repeatable: repeatableDefinitions(input), problems: [] };
  // Parameters arrive in r1 to r5.
  const start: State = new Map(argumentRegisters(5).map((register) => [register, new Set([register])]));
  const entries: (State | undefined)[] = [start];
  const queue = [0];
  for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
    const entry = entries[index];
    if (entry === undefined) continue;
    const { state, terminator } = run({ ...checker, problems: [] }, output, index, entry);
    for (const successor of terminator === null ? [] : successorsOf(terminator)) {
      const known = entries[successor];
      const merged = known === undefined ? copyState(state) : meet(known, state);
      if (known !== undefined && sizeOf(known) === sizeOf(merged)) continue;
      entries[successor] = merged;
      queue.push(successor);
    }
  }
  for (const [index, entry] of entries.entries()) if (entry !== undefined) run(checker, output, index, entry);
  return checker.problems;
}

interface Checker {
  readonly input: MachineFunction;
  /** Registers with one definition, which reads nothing: shape of the definition → registers. */
  readonly repeatable: ReadonlyMap<string, readonly Register[]>;
  readonly problems: string[];
}

function shapeOf(operation: MachineOperation): string {
  const { location: _location, ...fields }: MachineOperation & { location?: unknown } = mapRegisters(
    operation,
    () => physical(0),
  );
  return JSON.stringify(fields, (_key, value: unknown) => (typeof value === "bigint" ? `#${value}` : value));
}

function repeatableDefinitions(f: MachineFunction): ReadonlyMap<string, readonly Register[]> {
  const definitions = new Map<Register, MachineInstruction[]>();
  for (const block of f.blocks) {
    for (const instruction of block.instructions) {
      for (const register of definitionsOf(instruction)) {
        definitions.set(register, [...(definitions.get(register) ?? []), instruction]);
      }
    }
  }
  const shapes = new Map<string, Register[]>();
  for (const [register, [only, ...others]] of definitions) {
    if (only === undefined || others.length > 0 || !isRematerialisable(only)) continue;
    const shape = shapeOf(only);
    shapes.set(shape, [...(shapes.get(shape) ?? []), register]);
  }
  return shapes;
}

function run(checker: Checker, output: AllocatedFunction, index: number, entry: State) {
  const state = copyState(entry);
  const origins = checker.input.blocks[index]?.instructions ?? [];
  const block = output.blocks[index];
  const report = (problem: string): void => {
    checker.problems.push(`${output.name}, block ${index}: ${problem}`);
  };
  let next = 0;
  const skipTo = (end: number): void => {
    for (; next < end; next++) {
      const missing = origins[next];
      if (missing !== undefined) absorb(checker, state, missing, report);
    }
  };
  for (const allocated of block?.instructions ?? []) {
    if (allocated.origin === null) {
      transfer(checker, state, allocated.instruction, report);
      continue;
    }
    const position = origins.indexOf(allocated.origin, next);
    if (position < 0) {
      report(`${allocated.instruction.op} is out of order`);
      continue;
    }
    skipTo(position);
    next = position + 1;
    step(checker, state, allocated, allocated.origin, report);
  }
  skipTo(origins.length);
  const wanted = checker.input.blocks[index]?.terminator;
  const terminator = block?.terminator ?? null;
  if (wanted !== undefined && terminator !== null) {
    const places = terminatorUses(terminator);
    if (wanted.op !== terminator.op) report("another terminator");
    for (const [i, register] of terminatorUses(wanted).entries())
      requireValue(state, places[i], register, wanted.op, report);
  }
  return { state, terminator };
}

type Report = (problem: string) => void;

function step(
  checker: Checker,
  state: State,
  { instruction }: AllocatedInstruction,
  origin: MachineInstruction,
  report: Report,
): void {
  if (origin.op === "move") {
    transfer(checker, state, instruction, report);
    absorb(checker, state, origin, report);
    return;
  }
  if (shapeOf(instruction) !== shapeOf(origin)) report(`${origin.op} was changed`);
  const places = usesOf(instruction);
  for (const [i, register] of usesOf(origin).entries())
    requireValue(state, places[i], register, origin.op, report);
  const written = definitionsOf(origin);
  for (const register of written) forget(state, register);
  for (const [i, place] of definitionsOf(instruction).entries()) {
    const register = written[i];
    state.set(place, new Set(register === undefined ? [] : [register]));
  }
}

function requireValue(
  state: State,
  place: Register | undefined,
  register: Register,
  what: string,
  report: Report,
): void {
  if (place === undefined || !state.get(place)?.has(register))
    report(`${what} reads r${place}, which does not hold v${register}`);
}

/** What an instruction of the input means when nothing in the output stands for it. */
function absorb(checker: Checker, state: State, instruction: MachineInstruction, report: Report): void {
  if (instruction.op === "move") {
    if (instruction.dst === instruction.src) return;
    forget(state, instruction.dst);
    for (const set of state.values()) if (set.has(instruction.src)) set.add(instruction.dst);
    return;
  }
  if (!isRematerialisable(instruction)) report(`${instruction.op} is missing`);
  const constant = checker.repeatable.get(shapeOf(instruction));
  // A register whose only definition this is has its value wherever it was made already.
  for (const register of definitionsOf(instruction))
    if (!constant?.includes(register)) forget(state, register);
}

/** What an instruction does to places by itself. */
function transfer(checker: Checker, state: State, instruction: MachineInstruction, report: Report): void {
  if (instruction.op === "move") state.set(instruction.dst, new Set(state.get(instruction.src)));
  else if (instruction.op === "spill") state.set(instruction.offset, new Set(state.get(instruction.src)));
  else if (instruction.op === "reload") state.set(instruction.dst, new Set(state.get(instruction.offset)));
  else if (isRematerialisable(instruction)) {
    state.set(instruction.dst, new Set(checker.repeatable.get(shapeOf(instruction))));
  } else report(`${instruction.op} was added`);
}

function forget(state: State, register: Register): void {
  for (const set of state.values()) set.delete(register);
}

function copyState(state: State): State {
  return new Map([...state].map(([place, set]) => [place, new Set(set)]));
}

function meet(a: State, b: State): State {
  const result: State = new Map();
  for (const [place, set] of a) {
    const other = b.get(place);
    if (other !== undefined) result.set(place, new Set([...set].filter((register) => other.has(register))));
  }
  return result;
}

function sizeOf(state: State): number {
  let size = 0;
  for (const set of state.values()) size += set.size;
  return size;
}
