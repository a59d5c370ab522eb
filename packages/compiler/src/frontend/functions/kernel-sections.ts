/**
 * Sections that kernel functions begin and end, such as RCU read sections: a program may not end inside of one. What is reported holds on every
 * path to its place; the verifier judges the rest, with what it knows of the conditions.
 */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { controlFlow } from "../../ir/analysis/control-flow.js";
import { targetsOf } from "../../ir/operations.js";
import type { Block, BlockId, Instruction, IrFunction, Module } from "../../ir/types.js";
import { type Problem, problemAt } from "./problems.js";

/** A section by the functions that begin and end it (kernel/bpf/helpers.c). */
interface Section {
  readonly begin: string;
  readonly end: string;
}

const sections: readonly Section[] = [
  { begin: "bpf_rcu_read_lock", end: "bpf_rcu_read_unlock" },
  { begin: "bpf_preempt_disable", end: "bpf_preempt_enable" },
  { begin: "bpf_local_irq_save", end: "bpf_local_irq_restore" },
];

/** Whether control is in a section, as far as all paths to a point agree. */
type State = "inside" | "outside" | "either";

/** The mistakes of a program. Functions are not checked: their callers may be in the section. */
export function checkSections(f: IrFunction, sources: Module["sources"]): Diagnostic[] {
  if (f.section === null) return [];
  const called = new Set(
    f.blocks.flatMap(({ instructions }) => instructions.flatMap((each) => kfuncOf(each) ?? [])),
  );
  return sections
    .filter(({ begin, end }) => called.has(begin) || called.has(end))
    .flatMap((section) => problemsOf(f, section))
    .map((problem) => problemAt("WG2019", problem, sources));
}

const kfuncOf = (instruction: Instruction): string | null =>
  instruction.op === "kfunc" ? instruction.name : null;

function problemsOf(f: IrFunction, section: Section): Problem[] {
  const { blocks, entry } = controlFlow(f);
  const states = new Map<BlockId, State>([[entry, "outside"]]);
  const work = [entry];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const block = blocks.get(id);
    const state = states.get(id);
    if (block === undefined || state === undefined) continue;
    const after = block.instructions.reduce((now, each) => next(now, each, section), state);
    for (const target of targetsOf(block.terminator)) {
      const old = states.get(target.block);
      const joined = old === undefined || old === after ? after : "either";
      if (joined === old) continue;
      states.set(target.block, joined);
      work.push(target.block);
    }
  }
  return [...states].flatMap(([id, state]) => {
    const block = blocks.get(id);
    return block === undefined ? [] : problemsIn(block, state, section);
  });
}

function next(state: State, instruction: Instruction, { begin, end }: Section): State {
  const name = kfuncOf(instruction);
  if (name === begin) return state === "outside" ? "inside" : "either";
  if (name === end) return state === "inside" ? "outside" : "either";
  // A function of the program may begin or end one.
  return instruction.op === "call" ? "either" : state;
}

function problemsIn(block: Block, state: State, section: Section): Problem[] {
  const { begin, end } = section;
  const problems: Problem[] = [];
  let now = state;
  for (const instruction of block.instructions) {
    if (now === "outside" && kfuncOf(instruction) === end)
      problems.push({
        message: `${end} ends what no ${begin} began`,
        help: `call kfuncs.${begin}() before`,
        location: instruction.location,
      });
    now = next(now, instruction, section);
  }
  const { terminator } = block;
  if (now === "inside" && terminator.op === "return")
    problems.push({
      message: `the program returns here without ${end}`,
      help: `call kfuncs.${end} on every path after ${begin}`,
      location: terminator.location,
    });
  return problems;
}
