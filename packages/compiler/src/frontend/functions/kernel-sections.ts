/**
 * Sections that kernel functions begin and end, such as RCU read sections: a program may not end inside of one. What is reported holds on every
 * path to its place; the verifier judges the rest, with what it knows of the conditions.
 */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { type ControlFlow, controlFlow } from "../../ir/analysis/control-flow.js";
import { dominators } from "../../ir/analysis/dominators.js";
import { type Loop, loops } from "../../ir/analysis/loops.js";
import { targetsOf } from "../../ir/operations.js";
import type { Block, BlockId, Instruction, IrFunction, Module } from "../../ir/types.js";
import { type Problem, problemAt } from "./problems.js";

/** A section by the functions that begin and end it (kernel/bpf/helpers.c). */
interface Section {
  readonly begin: string;
  readonly end: string;
  /** Whether a program may begin it again while it is in it. */
  readonly nests: boolean;
}

const sections: readonly Section[] = [
  { begin: "bpf_rcu_read_lock", end: "bpf_rcu_read_unlock", nests: false },
  { begin: "bpf_preempt_disable", end: "bpf_preempt_enable", nests: true },
  { begin: "bpf_local_irq_save", end: "bpf_local_irq_restore", nests: true },
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
  const flow = controlFlow(f);
  const tree = dominators(flow);
  const all = loops(flow, tree);
  const isBack = (from: BlockId, to: BlockId): boolean => tree.dominates(to, from);
  const loopAt = (header: BlockId): Loop | undefined => all.find((each) => each.header === header);
  const once = statesOf(flow, section, (from, to) => !isBack(from, to));
  const states = statesOf(flow, section, () => true);
  return [...states].flatMap(([id, state]) => {
    const block = flow.blocks.get(id);
    if (block === undefined) return [];
    const after = stateAfter(block, once.get(id) ?? "either", section);
    const again = targetsOf(block.terminator)
      .filter((target) => isBack(id, target.block))
      .flatMap((target) =>
        changedInTurn(flow, loopAt(target.block), once.get(target.block) ?? "either", after, section),
      );
    return [...problemsIn(block, state, section), ...again];
  });
}

/** Whether control is in the section where blocks begin, by the edges that are followed. */
function statesOf(
  { blocks, entry }: ControlFlow,
  section: Section,
  isFollowed: (from: BlockId, to: BlockId) => boolean,
): ReadonlyMap<BlockId, State> {
  const states = new Map<BlockId, State>([[entry, "outside"]]);
  const work = [entry];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const block = blocks.get(id);
    const state = states.get(id);
    if (block === undefined || state === undefined) continue;
    const after = stateAfter(block, state, section);
    for (const target of targetsOf(block.terminator)) {
      if (!isFollowed(id, target.block)) continue;
      const old = states.get(target.block);
      const joined = old === undefined || old === after ? after : "either";
      if (joined === old) continue;
      states.set(target.block, joined);
      work.push(target.block);
    }
  }
  return states;
}

const stateAfter = ({ instructions }: Block, state: State, section: Section): State =>
  instructions.reduce((now, each) => next(now, each, section), state);

/** The problem of a loop whose turns begin outside of the section and end inside, or the other way round. */
function changedInTurn(
  { blocks }: ControlFlow,
  loop: Loop | undefined,
  before: State,
  after: State,
  { begin, end, nests }: Section,
): Problem[] {
  // What several turns have begun, other turns may end.
  if (nests || before === "either" || after === "either" || before === after) return [];
  const [called, missing] = before === "outside" ? [begin, end] : [end, begin];
  const call = [...(loop?.blocks ?? [])]
    .flatMap((id) => blocks.get(id)?.instructions ?? [])
    .find((each) => kfuncOf(each) === called);
  const message = `every turn of the loop calls ${called}, and none calls ${missing} after it`;
  return [{ message, help: `call kfuncs.${missing} before the turn ends`, location: call?.location ?? null }];
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
