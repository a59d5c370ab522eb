/**
 * Control-flow clean-up: folds branches whose way is known, drops parameters that always get one value, sends jumps
 * past empty blocks, and joins a block with its only predecessor.
 */
import { controlFlow, withoutUnreachable } from "../ir/analysis/control-flow.js";
import { dominators } from "../ir/analysis/dominators.js";
import { decidedBy, factsAt } from "../ir/analysis/facts.js";
import { definitions, useCounts } from "../ir/analysis/values.js";
import { mapTargets, targetsOf, terminatorOperands } from "../ir/operations.js";
import { freshIds, type Replacements, replaceUses, resolve } from "../ir/rewrite.js";
import type { Block, BlockId, Instruction, IrFunction, Target, Terminator, ValueId } from "../ir/types.js";

/** The function with as few blocks and parameters as these steps leave. */
export function cleanControlFlow(f: IrFunction): IrFunction {
  let current = withoutUnreachable(f);
  // Each round but the last removes a block, an edge or a parameter, so this ends.
  for (;;) {
    const before = sizeOf(current);
    for (const step of [foldBranches, dropConstantParams, skipEmptyBlocks, joinStraightLines]) {
      current = withoutUnreachable(step(current));
    }
    if (sizeOf(current) >= before) return current;
  }
}

function sizeOf(f: IrFunction): number {
  return f.blocks.reduce(
    (sum, { params, terminator }) => sum + 1 + params.length + targetsOf(terminator).length,
    0,
  );
}

/** Branches on constants, on conditions that a dominating branch has decided, and to one place. */
function foldBranches(f: IrFunction): IrFunction {
  const defs = definitions(f);
  const flow = controlFlow(f);
  const tree = dominators(flow);
  return mapBlocks(f, (block) => {
    const { terminator } = block;
    if (terminator.op !== "branch") return block;
    const { condition, location } = terminator;
    const jump = (target: Target): Block => ({ ...block, terminator: { op: "jump", target, location } });
    if (sameTarget(terminator.then, terminator.else)) return jump(terminator.then);
    const definition = defs.get(condition);
    const known =
      definition?.op === "const"
        ? definition.value !== 0n
        : decidedBy(factsAt(block.id, flow, tree), condition, (value) => defs.get(value));
    if (known === null) return block;
    return jump(known ? terminator.then : terminator.else);
  });
}

function sameTarget(a: Target, b: Target): boolean {
  return a.block === b.block && a.args.every((value, index) => value === b.args[index]);
}

/** A parameter that every predecessor gives the same value, or an equal constant (or itself, round a loop), is that. */
function dropConstantParams(f: IrFunction): IrFunction {
  const incoming = new Map<BlockId, Target[]>();
  for (const { terminator } of f.blocks) {
    for (const target of targetsOf(terminator)) {
      const targets = incoming.get(target.block) ?? [];
      targets.push(target);
      incoming.set(target.block, targets);
    }
  }
  const replacements: Replacements = new Map();
  const dropped = new Map<BlockId, ReadonlySet<number>>();
  const defs = definitions(f);
  const ids = freshIds(f);
  const constants = new Map<BlockId, Instruction[]>();
  const equalConstant = (values: ReadonlySet<ValueId>): Instruction | null => {
    const [first, ...others] = [...values].map((value) => defs.get(value));
    if (first?.op !== "const") return null;
    const same = others.every(
      (other) => other?.op === "const" && other.type === first.type && other.value === first.value,
    );
    return same ? first : null;
  };
  for (const block of f.blocks.slice(1)) {
    const indexes = new Set<number>();
    block.params.forEach(({ id }, index) => {
      const values = new Set<ValueId>();
      for (const { args } of incoming.get(block.id) ?? []) {
        const arg = args[index];
        if (arg !== undefined) values.add(resolve(replacements, arg));
      }
      values.delete(id);
      const [only] = values;
      if (only === undefined) return;
      if (values.size === 1) replacements.set(id, only);
      else {
        const constant = equalConstant(values);
        if (constant === null) return;
        const result = ids.value();
        constants.set(block.id, [...(constants.get(block.id) ?? []), { ...constant, result }]);
        replacements.set(id, result);
      }
      indexes.add(index);
    });
    if (indexes.size > 0) dropped.set(block.id, indexes);
  }
  if (replacements.size === 0) return f;
  const keep = (block: BlockId) => (_: unknown, index: number) => dropped.get(block)?.has(index) !== true;
  const slimmed = mapBlocks(f, (block) => ({
    ...block,
    params: block.params.filter(keep(block.id)),
    instructions: [...(constants.get(block.id) ?? []), ...block.instructions],
    terminator: mapTargets(block.terminator, (target) => ({
      ...target,
      args: target.args.filter(keep(target.block)),
    })),
  }));
  return replaceUses(slimmed, replacements);
}

/** A block that only jumps on. */
interface EmptyBlock {
  readonly block: Block;
  readonly target: Target;
}

/** Where a jump to an empty block ends, when that is known. */
function passOn(target: Target, next: EmptyBlock | undefined, ends: ReadonlyMap<BlockId, Target>): Target {
  const end = ends.get(target.block);
  if (next === undefined || end === undefined) return target;
  const given = new Map(next.block.params.map(({ id }, index) => [id, target.args[index] ?? id]));
  return { block: end.block, args: end.args.map((arg) => given.get(arg) ?? arg) };
}

/** Sends jumps to blocks that only jump on to where those go. */
function skipEmptyBlocks(f: IrFunction): IrFunction {
  const uses = useCounts(f);
  const empty = new Map<BlockId, EmptyBlock>();
  for (const block of f.blocks.slice(1)) {
    const { terminator } = block;
    if (block.instructions.length > 0 || terminator.op !== "jump" || terminator.target.block === block.id)
      continue;
    // A parameter that is read elsewhere needs this block to be defined in.
    const passed = (value: ValueId) => terminatorOperands(terminator).filter((arg) => arg === value).length;
    if (block.params.every(({ id }) => (uses.get(id) ?? 0) === passed(id))) {
      empty.set(block.id, { block, target: terminator.target });
    }
  }
  // Where each empty block leads in the end, by its own parameters: a chain of them is followed once.
  const ends = new Map<BlockId, Target>();
  const follow = (target: Target): Target => {
    const chain = new Map<BlockId, EmptyBlock>();
    let next = empty.get(target.block);
    // Empty blocks may also jump round in a ring.
    for (; next !== undefined && !ends.has(next.block.id) && !chain.has(next.block.id); ) {
      chain.set(next.block.id, next);
      next = empty.get(next.target.block);
    }
    for (const one of [...chain.values()].reverse())
      ends.set(one.block.id, passOn(one.target, empty.get(one.target.block), ends));
    return passOn(target, empty.get(target.block), ends);
  };
  return mapBlocks(f, (block) => {
    const terminator = mapTargets(block.terminator, follow);
    return isAmbiguous(terminator) ? block : { ...block, terminator };
  });
}

/** A branch with two edges to one block that pass different values is left with a block between, for the target's sake. */
function isAmbiguous(terminator: Terminator): boolean {
  return (
    terminator.op === "branch" &&
    terminator.then.block === terminator.else.block &&
    !sameTarget(terminator.then, terminator.else)
  );
}

/** Joins a block to the one that jumps to it when nobody else does. */
function joinStraightLines(f: IrFunction): IrFunction {
  const flow = controlFlow(f);
  const replacements: Replacements = new Map();
  const gone = new Set<BlockId>();
  const joined = mapBlocks(f, (first) => {
    if (gone.has(first.id)) return first;
    let block = first;
    for (;;) {
      const { terminator } = block;
      const next = terminator.op === "jump" ? flow.blocks.get(terminator.target.block) : undefined;
      if (terminator.op !== "jump" || next === undefined || next.id === first.id || gone.has(next.id))
        return block;
      if (next.id === flow.entry || flow.predecessors.get(next.id)?.length !== 1) return block;
      next.params.forEach(({ id }, index) => {
        const arg = terminator.target.args[index];
        if (arg !== undefined) replacements.set(id, arg);
      });
      gone.add(next.id);
      block = {
        ...block,
        instructions: [...block.instructions, ...next.instructions],
        terminator: next.terminator,
      };
    }
  });
  // A line whose middle came first in the list is joined in two rounds; until then its blocks are only unreachable.
  return gone.size === 0 ? f : replaceUses(joined, replacements);
}

function mapBlocks(f: IrFunction, change: (block: Block) => Block): IrFunction {
  return { ...f, blocks: f.blocks.map(change) };
}
