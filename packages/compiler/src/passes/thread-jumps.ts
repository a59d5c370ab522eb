/**
 * Jump threading: a short block whose branch is decided by which predecessor control comes from is copied to the end of
 * that predecessor, where the branch folds. So a null test of `ctx.at<T>()` after inlining vanishes: the failed bounds
 * check goes straight to the null side, the other straight on.
 *
 * Values of the copied block that are used elsewhere go through a stack slot that is promoted at once, which places the
 * block parameters they now need. Loop headers are left alone, so that loops keep one entry.
 */
import { type ControlFlow, controlFlow, withoutUnreachable } from "../ir/analysis/control-flow.js";
import { type Dominators, dominators } from "../ir/analysis/dominators.js";
import { decidedBy, type Facts, factsAt, factsOfEdge, provesNonNull } from "../ir/analysis/facts.js";
import { definitions, valueTypes } from "../ir/analysis/values.js";
import { evaluateCompare } from "../ir/evaluate.js";
import {
  bitsOf,
  isRemovable,
  mapOperands,
  mapTargets,
  mapTerminatorOperands,
  operandsOf,
  targetsOf,
  terminatorOperands,
} from "../ir/operations.js";
import { type FreshIds, freshIds } from "../ir/rewrite.js";
import type { Block, BlockId, Instruction, IrFunction, IrType, Slot, Target, ValueId } from "../ir/types.js";
import { promoteSlots } from "./promote-slots.js";
import { isNonNull } from "./simplify.js";

/** The function with every edge threaded whose branch is known. `limit` is how many instructions may be copied. */
export function threadJumps(input: IrFunction, limit = 4): IrFunction {
  let f = withoutUnreachable(input);
  // Each round removes an undecided branch from some way through the function; the bound is for functions of any shape.
  for (let rounds = 0; rounds < 64; rounds += 1) {
    const next = threadOne(f, limit);
    if (next === null) break;
    f = next;
  }
  return f;
}

/** An edge into a block whose branch it decides. */
interface Edge {
  readonly from: BlockId;
  /** Which of the predecessor's targets. */
  readonly index: number;
  readonly taken: boolean;
}

function threadOne(f: IrFunction, limit: number): IrFunction | null {
  const flow = controlFlow(f);
  const tree = dominators(flow);
  const defs = definitions(f);
  for (const block of f.blocks.slice(1)) {
    if (!mayCopy(block, limit, flow, tree)) continue;
    const edges = knownEdges(block, flow, tree, defs);
    if (edges.length > 0) return copyInto(f, block, edges);
  }
  return null;
}

/** Constants and addresses cost nothing: they are made anew, or not at all, where the branch folds. */
function copiedSize(block: Block): number {
  return block.instructions.filter((instruction) => !isFixed(instruction)).length;
}

function mayCopy(block: Block, limit: number, flow: ControlFlow, tree: Dominators): boolean {
  if (block.terminator.op !== "branch" || copiedSize(block) > limit) return false;
  if (!block.instructions.every(isRemovable)) return false;
  const predecessors = flow.predecessors.get(block.id) ?? [];
  return predecessors.length > 1 && !predecessors.some((from) => tree.dominates(block.id, from));
}

function knownEdges(
  block: Block,
  flow: ControlFlow,
  tree: Dominators,
  defs: ReadonlyMap<ValueId, Instruction>,
): Edge[] {
  const edges: Edge[] = [];
  for (const from of new Set(flow.predecessors.get(block.id))) {
    const predecessor = flow.blocks.get(from);
    if (predecessor === undefined) continue;
    const facts = new Map([...factsAt(from, flow, tree), ...factsOfEdge(from, block.id, flow)]);
    targetsOf(predecessor.terminator).forEach((target, index) => {
      if (target.block !== block.id) return;
      const taken = decide(block, target, facts, defs);
      if (taken !== null) edges.push({ from, index, taken });
    });
  }
  return edges;
}

/** Which way the block's branch goes when it is entered by `target`; null when that is not known. */
function decide(
  block: Block,
  target: Target,
  facts: Facts,
  defs: ReadonlyMap<ValueId, Instruction>,
): boolean | null {
  if (block.terminator.op !== "branch") return null;
  const given = new Map(block.params.map(({ id }, index) => [id, target.args[index] ?? id]));
  const actual = (value: ValueId) => given.get(value) ?? value;
  const definitionOf = (value: ValueId) => defs.get(value);
  const constantOf = (value: ValueId) => {
    const definition = defs.get(actual(value));
    return definition?.op === "const" ? definition : null;
  };
  const { condition } = block.terminator;
  const constant = constantOf(condition);
  if (constant !== null) return constant.value !== 0n;
  const fact = decidedBy(facts, actual(condition), definitionOf);
  if (fact !== null) return fact;
  const test = defs.get(actual(condition));
  if (test?.op !== "compare") return null;
  const [left, right] = [constantOf(test.left), constantOf(test.right)];
  if (left !== null && right !== null) {
    return evaluateCompare(test.operator, left.value, right.value, bitsOf(left.type));
  }
  if (right?.type !== "ptr" || (test.operator !== "eq" && test.operator !== "ne")) return null;
  const pointer = actual(test.left);
  const nonNull = isNonNull(pointer, definitionOf) || provesNonNull(facts, pointer, definitionOf);
  return nonNull ? test.operator === "ne" : null;
}

function copyInto(f: IrFunction, block: Block, edges: readonly Edge[]): IrFunction {
  const ids = freshIds(f);
  const { terminator } = block;
  if (terminator.op !== "branch") return f;
  const demoted = demote(f, block, ids);
  const copies: Block[] = [];
  const redirect = new Map<string, BlockId>();
  const source = demoted.blocks.find(({ id }) => id === block.id) ?? block;
  for (const { from, index, taken } of edges) {
    const id = ids.block();
    redirect.set(`${from} ${index}`, id);
    copies.push(copyOf(source, id, taken, ids));
  }
  const blocks = demoted.blocks.map((each): Block => {
    let index = -1;
    const changed = mapTargets(each.terminator, (target) => {
      index += 1;
      const copy = redirect.get(`${each.id} ${index}`);
      return copy === undefined ? target : { ...target, block: copy };
    });
    return { ...each, terminator: changed };
  });
  const place = blocks.findIndex(({ id }) => id === block.id);
  const all = withoutUnreachable({ ...demoted, blocks: blocks.toSpliced(place, 0, ...copies) });
  const added = new Set(demoted.slots.slice(f.slots.length).map((slot) => slot.id));
  return added.size === 0 ? all : promoteSlots(all, added);
}

/** The block with new names and its branch decided. */
function copyOf(block: Block, id: BlockId, taken: boolean, ids: FreshIds): Block {
  const names = new Map<ValueId, ValueId>();
  const rename = (value: ValueId) => names.get(value) ?? value;
  const params = block.params.map((param) => {
    names.set(param.id, ids.value());
    return { ...param, id: rename(param.id) };
  });
  const instructions = block.instructions.map((instruction): Instruction => {
    const renamed = mapOperands(instruction, rename);
    if (instruction.result === null) return renamed;
    names.set(instruction.result, ids.value());
    return { ...renamed, result: rename(instruction.result) };
  });
  const terminator = mapTerminatorOperands(block.terminator, rename);
  if (terminator.op !== "branch") return { id, params, instructions, terminator };
  const target = taken ? terminator.then : terminator.else;
  return { id, params, instructions, terminator: { op: "jump", target, location: terminator.location } };
}

/**
 * Sends each value of the block that other blocks read through a slot of its own. Constants and addresses are made anew
 * where they are read instead, so that they stay known there.
 */
function demote(f: IrFunction, block: Block, ids: FreshIds): IrFunction {
  const types = valueTypes(f);
  const fixed = new Map<ValueId, Instruction>();
  for (const instruction of block.instructions) {
    if (instruction.result !== null && isFixed(instruction)) fixed.set(instruction.result, instruction);
  }
  const own = [
    ...block.params.map(({ id }) => id),
    ...block.instructions.flatMap(({ result }) => (result === null ? [] : [result])),
  ];
  const outside = new Set(
    f.blocks
      .filter(({ id }) => id !== block.id)
      .flatMap((each) => [...each.instructions.flatMap(operandsOf), ...terminatorOperands(each.terminator)]),
  );
  const homes = new Map<ValueId, { readonly slot: Slot; readonly type: IrType; readonly width: 4 | 8 }>();
  for (const value of own) {
    const type = types.get(value);
    if (type === undefined || !outside.has(value) || fixed.has(value)) continue;
    const width = type === "i32" ? 4 : 8;
    homes.set(value, { type, width, slot: { id: ids.slot(), name: `v${value}`, size: width, align: width } });
  }

  const blocks = f.blocks.map((each): Block => {
    if (each.id === block.id) {
      const stores = [...homes].flatMap(([value, { slot, width }]): Instruction[] => {
        const pointer = ids.value();
        const location = null;
        return [
          { op: "slot", slot: slot.id, result: pointer, location },
          { op: "store", width, pointer, displacement: 0, value, region: "stack", result: null, location },
        ];
      });
      return { ...each, instructions: [...each.instructions, ...stores] };
    }
    const instructions: Instruction[] = [];
    const reload = (value: ValueId): ValueId => {
      const again = fixed.get(value);
      if (again !== undefined) {
        const copy = ids.value();
        instructions.push({ ...again, result: copy });
        return copy;
      }
      const home = homes.get(value);
      if (home === undefined) return value;
      const { slot, type, width } = home;
      const [pointer, result] = [ids.value(), ids.value()];
      const access = { pointer, width, displacement: 0, region: "stack", signed: false } as const;
      instructions.push({ op: "slot", slot: slot.id, result: pointer, location: null });
      instructions.push({ op: "load", type, ...access, result, location: null });
      return result;
    };
    /** One reload for each value that is read, however often. */
    const reloads = (values: readonly ValueId[]) => {
      const names = new Map([...new Set(values)].map((value) => [value, reload(value)]));
      return (value: ValueId) => names.get(value) ?? value;
    };
    for (const instruction of each.instructions) {
      instructions.push(mapOperands(instruction, reloads(operandsOf(instruction))));
    }
    const terminator = mapTerminatorOperands(each.terminator, reloads(terminatorOperands(each.terminator)));
    return { ...each, instructions, terminator };
  });
  return { ...f, slots: [...f.slots, ...[...homes.values()].map(({ slot }) => slot)], blocks };
}

/** Whether an operation gives the same value wherever it stands. */
function isFixed({ op }: Instruction): boolean {
  return op === "const" || op === "slot" || op === "map" || op === "global";
}
