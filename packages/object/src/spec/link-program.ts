import { ObjectError } from "../errors.js";
import { isWide } from "../isa/codec.js";
import type { Instruction } from "../isa/instruction.js";
import { Pseudo } from "../isa/opcodes.js";
import type { CodeFunction, Positioned } from "./code.js";
import type { ReferenceResolver } from "./references.js";
import type { LineSpec, MapReference, ProgramSpec } from "./types.js";

/** Most instructions that the kernel takes in a program (`BPF_COMPLEXITY_LIMIT_INSNS`, linux/bpf.h). */
export const MAX_PROGRAM_INSTRUCTIONS = 1_000_000;

/** The parts of a `ProgramSpec` that come from its code. */
export type LinkedCode = Pick<
  ProgramSpec,
  "instructions" | "references" | "coreRelocations" | "functions" | "lines" | "kernelCalls"
> & {
  /** Indexes of the data sections referred to. */
  readonly dataSections: ReadonlySet<number>;
};

interface Link {
  readonly resolver: ReferenceResolver;
  readonly main: CodeFunction;
  readonly instructions: Instruction[];
  readonly starts: Map<CodeFunction, number>;
  readonly references: MapReference[];
  readonly functions: { instruction: number; name: string; type: number | null }[];
  readonly lines: LineSpec[];
  readonly coreRelocations: ProgramSpec["coreRelocations"][number][];
  readonly dataSections: Set<number>;
  readonly kernelCalls: { instruction: number; name: string }[];
}

/**
 * Puts a program together: its function, and behind it every subprogram that it reaches, each once, in the order in
 * which calls first meet them, depth first, as libbpf does. Calls and function addresses become relative to their
 * instruction; references to maps stay for the loader.
 * @throws ObjectError "bad-relocation" or "bad-program"
 */
export function linkProgram(main: CodeFunction, resolver: ReferenceResolver): LinkedCode {
  const link: Link = {
    resolver,
    main,
    instructions: [],
    starts: new Map(),
    references: [],
    functions: [],
    lines: [],
    coreRelocations: [],
    dataSections: new Set(),
    kernelCalls: [],
  };
  append(link, main);
  // A stack of our own: chains of calls are as deep as the object's author likes.
  const pending = [{ function: main, slot: main.start }];
  for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
    if (top.slot >= top.function.end) {
      pending.pop();
      continue;
    }
    const slot = top.slot;
    const callee = relocate(link, top.function, slot);
    const instruction = top.function.section.instructions[slot];
    top.slot += instruction !== undefined && isWide(instruction) ? 2 : 1;
    if (callee !== null) pending.push({ function: callee, slot: callee.start });
  }
  link.references.sort((a, b) => a.instruction - b.instruction);
  link.kernelCalls.sort((a, b) => a.instruction - b.instruction);
  const { instructions, references, functions, lines, coreRelocations, dataSections, kernelCalls } = link;
  const linked = { instructions, references, functions, lines, coreRelocations, dataSections };
  return kernelCalls.length === 0 ? linked : { ...linked, kernelCalls };
}

/** Adds a function with its records at the end of the program. */
function append(link: Link, added: CodeFunction): number {
  const start = link.instructions.length;
  const { section } = added;
  const size = added.end - added.start;
  if (start + size > MAX_PROGRAM_INSTRUCTIONS) {
    throw new ObjectError(
      "bad-program",
      `program ${link.main.name}: with the functions that it calls it has over ${MAX_PROGRAM_INSTRUCTIONS} instructions, more than any kernel takes`,
      { section: link.main.section.name, name: link.main.name },
    );
  }
  link.starts.set(added, start);
  link.functions.push({
    instruction: start,
    name: added.name,
    type: section.typeAt.get(added.start) ?? null,
  });
  for (let slot = added.start; slot < added.end; slot++) {
    const instruction = section.instructions[slot];
    if (instruction !== undefined) link.instructions.push(instruction);
  }
  for (const { slot, record } of within(section.lines, added)) {
    const { file, source, line, column } = record;
    link.lines.push({ instruction: start + slot - added.start, file, source, line, column });
  }
  for (const { slot, record } of within(section.coreRelocations, added)) {
    link.coreRelocations.push({ ...record, instruction: start + slot - added.start });
  }
  return start;
}

/** The records of a function, found by bisection in those of its section. */
function within<Record>(
  records: readonly Positioned<Record>[],
  { start, end }: CodeFunction,
): readonly Positioned<Record>[] {
  const from = firstAtOrAfter(records, start);
  return records.slice(from, firstAtOrAfter(records, end));
}

function firstAtOrAfter(records: readonly Positioned<unknown>[], slot: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.slot ?? 0) < slot) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Patches one instruction of an appended function; gives the function that it made the program grow by. */
function relocate(link: Link, owner: CodeFunction, slot: number): CodeFunction | null {
  const reference = link.resolver.resolve(owner.section, slot);
  if (reference === null) return null;
  const index = (link.starts.get(owner) ?? 0) + slot - owner.start;
  const instruction = link.instructions[index];
  if (instruction === undefined) return null;
  if (reference.kind === "function") {
    const { target } = reference;
    const known = link.starts.get(target);
    const start = known ?? append(link, target);
    const src = isWide(instruction) ? Pseudo.Func : Pseudo.Call;
    link.instructions[index] = { ...instruction, src, imm: start - index - 1 };
    if (isWide(instruction)) patchUpper(link, index, 0);
    return known === undefined ? target : null;
  }
  if (reference.kind === "kernel") {
    link.instructions[index] = { ...instruction, src: Pseudo.KfuncCall, imm: 0 };
    link.kernelCalls.push({ instruction: index, name: reference.name });
    return null;
  }
  const valueOffset = reference.kind === "data" ? reference.offset : null;
  const src = valueOffset === null ? Pseudo.MapFd : Pseudo.MapValue;
  link.instructions[index] = { ...instruction, src, imm: 0 };
  patchUpper(link, index, valueOffset ?? 0);
  link.references.push({ instruction: index, map: reference.map, valueOffset });
  if (reference.kind === "data") link.dataSections.add(reference.section);
  return null;
}

function patchUpper(link: Link, index: number, imm: number): void {
  const upper = link.instructions[index + 1];
  if (upper !== undefined) link.instructions[index + 1] = { ...upper, imm };
}
