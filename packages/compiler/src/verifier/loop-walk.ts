/**
 * How the verifier walks loops: how many branches it keeps waiting, about how many instructions it walks, and which side of each branch it
 * should follow first, so that few wait.
 *
 * It follows one path to its end. Of a branch that it cannot decide the jump waits, and the next instruction is followed. When the path
 * ends, it takes up the branch that waits for the shortest time, until that path meets a state which it has seen (widen-loops.ts sees to
 * that). So each turn of the first path through a loop leaves its branches waiting, but none for a way out that is followed first.
 */
import { type ControlFlow, controlFlow } from "../ir/analysis/control-flow.js";
import { dominators } from "../ir/analysis/dominators.js";
import { type Loop, loops } from "../ir/analysis/loops.js";
import { definitions, liveness } from "../ir/analysis/values.js";
import { operandsOf, targetsOf, terminatorOperands } from "../ir/operations.js";
import type {
  Block,
  BlockId,
  Instruction,
  IrFunction,
  Operation,
  SourceLocation,
  Terminator,
  ValueId,
} from "../ir/types.js";
import { turnsOf } from "./counted-turns.js";
import { iterates, knownValues } from "./known-values.js";
import { mostWaiting } from "./limits.js";

/** What is known of a function's loops. */
export interface LoopFacts {
  readonly flow: ControlFlow;
  readonly loops: readonly Loop[];
  readonly known: ReadonlySet<ValueId>;
  readonly definitions: ReadonlyMap<ValueId, Instruction>;
  /** The values that are read after each block. */
  readonly liveOut: ReadonlyMap<BlockId, ReadonlySet<ValueId>>;
}

/** What a call of a function adds. */
export interface CalleeWalk {
  readonly waiting: number;
  readonly steps: number;
}

/** What the verifier does with a loop and those in it. */
export interface LoopWalk {
  readonly location: SourceLocation | null;
  /** The branches that wait when its last turn is followed. */
  readonly waiting: number;
  /** Those that wait on the first path that comes out of it. */
  readonly left: number;
  /** The instructions of all turns. */
  readonly steps: number;
  /** Whether it has a way out that the verifier cannot decide. */
  readonly hasExits: boolean;
  /** The sides of its branches that are to be followed first. */
  readonly first: ReadonlyMap<Terminator, Side>;
}

export type Side = "then" | "else";

/**
 * What a turn costs was measured on the family of test/loops, 60 loops on Linux 6.18 and 5.10: a state is stored every 100 instructions
 * or 20 jumps (`is_state_visited`), and a side of a branch is followed until it meets one. The estimate is up to twice what was measured.
 */
const stepsToState = 60;
const stepsOfExit = 20;
/** Of a loop without branches that join, whose ways out meet the state that the first left. */
const stepsOfPlainExit = 2;
/** The state of an iterator's loop repeats in its second turn or soon after. */
const turnsOfIterator = 3;

/** The outermost loops of a function. What a static function is called by may call it often. */
export function loopWalks(f: IrFunction, calls: (name: string) => CalleeWalk): readonly LoopWalk[] {
  const runs = f.section === null && f.linkage === "static" ? mostWaiting : 1;
  const flow = controlFlow(f);
  const found = loops(flow, dominators(flow));
  const facts: LoopFacts = {
    flow,
    loops: found,
    known: knownValues(f, flow, found),
    definitions: definitions(f),
    liveOut: liveness(flow).liveOut,
  };
  return childrenOf(facts, null).map((loop) => walkOf(facts, loop, runs, calls));
}

/** The loops right inside of one, or of the function. */
const childrenOf = ({ loops: all }: LoopFacts, outer: Loop | null): Loop[] =>
  all.filter((each) => {
    const around = all.filter((other) => other !== each && other.blocks.has(each.header));
    const closest = around.toSorted((a, b) => a.blocks.size - b.blocks.size)[0] ?? null;
    return closest === outer;
  });

/** @param runs how often the loops around it run it */
function walkOf(facts: LoopFacts, loop: Loop, runs: number, calls: (name: string) => CalleeWalk): LoopWalk {
  const { flow } = facts;
  const header = flow.blocks.get(loop.header);
  const turns = iterates(header) ? turnsOfIterator : turnsOf(facts, loop);
  const inner = new Map(
    childrenOf(facts, loop).map((each) => [each, walkOf(facts, each, runs * turns, calls)] as const),
  );
  const own = [...loop.blocks].filter((id) => ![...inner.keys()].some(({ blocks }) => blocks.has(id)));
  const exits = new Map<Terminator, Side>();
  const joins = new Set<Terminator>();
  for (const id of own) {
    const terminator = flow.blocks.get(id)?.terminator;
    if (terminator?.op !== "branch" || isDecided(facts, loop, terminator.condition)) continue;
    const stays = [terminator.then, terminator.else].map(({ block }) => loop.blocks.has(block));
    if (stays[0] !== stays[1]) exits.set(terminator, stays[0] === true ? "else" : "then");
    else joins.add(terminator);
  }
  const fewest = fewestWaiting(facts, loop, inner, joins, calls);
  const instructions = own.flatMap((id) => flow.blocks.get(id)?.instructions ?? []);
  const body = instructions.filter(({ op }) => !free.has(op)).length + own.length;
  const called = instructions.reduce(
    (sum, each) => sum + (each.op === "call" ? calls(each.callee).steps : 0),
    0,
  );
  const walks = [...inner.values()];
  const again = joins.size * Math.min(body, stepsToState);
  const straight =
    joins.size === 0
      ? body + copiesIn(facts, loop, own) + stepsOfPlainExit * exits.size
      : 2 * (body + again) + stepsOfExit * exits.size;
  // The ways out of an inner loop lead to turns of this one.
  const inside = walks.reduce((sum, { steps, hasExits }) => sum + (hasExits ? 1.5 * steps : steps), 0);
  const turn = straight + called + inside;
  const all = turns * fewest.ofTurn;
  const isTight = runs * turns * fewest.mostOfTurn > mostWaiting;
  const first = [...exits, ...(isTight ? fewest.sides : []), ...walks.flatMap((each) => [...each.first])];
  return {
    location: placeOf(header),
    waiting: all + Math.max(0, ...walks.map(({ waiting, left }) => waiting - left)),
    left: exits.size > 0 ? 1 + fewest.ofTurn : all,
    // Followed by its shortest side, a loop was seen to meet its states half as often.
    steps: Math.round(turns * turn * (isTight ? 2 : 1)),
    hasExits: exits.size > 0,
    first: new Map(first),
  };
}

/**
 * Registers that are copied because an instruction overwrites one that is read again. None where a turn has two ways, of which it goes only
 * one: both are in its instructions.
 */
function copiesIn(
  { flow, definitions: defs, liveOut }: LoopFacts,
  loop: Loop,
  own: readonly BlockId[],
): number {
  const staysOf = (id: BlockId): number =>
    targetsOf(flow.blocks.get(id)?.terminator ?? nowhere).filter(({ block }) => loop.blocks.has(block))
      .length;
  let copies = 0;
  if (own.some((id) => staysOf(id) > 1)) return copies;
  for (const id of own) {
    const block = flow.blocks.get(id);
    if (block === undefined) continue;
    const live = new Set([...(liveOut.get(id) ?? []), ...terminatorOperands(block.terminator)]);
    for (const each of block.instructions.toReversed()) {
      if (each.result !== null) live.delete(each.result);
      const changed = each.op === "binary" ? each.left : each.op === "unary" ? each.operand : null;
      const isMove = each.op === "unary" && (each.operator === "trunc32" || each.operator === "zext32");
      if (changed !== null && !isMove && live.has(changed) && defs.get(changed)?.op !== "const") copies += 1;
      for (const value of operandsOf(each)) live.add(value);
    }
  }
  return copies;
}

/** What is made where it is read, or is a part of a jump. */
const free: ReadonlySet<Operation["op"]> = new Set(["const", "slot", "compare"]);

const placeOf = (header: Block | undefined): SourceLocation | null =>
  header?.terminator.location ??
  header?.instructions.find(({ location }) => location !== null)?.location ??
  null;

/** The way through a turn that leaves the fewest branches waiting, the sides that it goes by, and what the worst way leaves. */
function fewestWaiting(
  { flow, loops: all }: LoopFacts,
  loop: Loop,
  inner: ReadonlyMap<Loop, LoopWalk>,
  joins: ReadonlySet<Terminator>,
  calls: (name: string) => CalleeWalk,
): { readonly ofTurn: number; readonly mostOfTurn: number; readonly sides: ReadonlyMap<Terminator, Side> } {
  const sides = new Map<Terminator, Side>();
  const [from, mostFrom] = [new Map<BlockId, number>(), new Map<BlockId, number>()];
  const costIn = (costs: ReadonlyMap<BlockId, number>, id: BlockId): number =>
    id === loop.header || !loop.blocks.has(id) ? 0 : (costs.get(id) ?? 0);
  const costOf = (id: BlockId): number => costIn(from, id);
  const mostOf = (blocks: readonly BlockId[]): number =>
    Math.max(0, ...blocks.map((id) => costIn(mostFrom, id)));
  for (const id of flow.reversePostorder.toReversed()) {
    const block = flow.blocks.get(id);
    if (!loop.blocks.has(id) || block === undefined) continue;
    const child = all.find(({ header }) => header === id && id !== loop.header);
    const walk = child === undefined ? undefined : inner.get(child);
    if (child !== undefined && walk !== undefined) {
      const outs = [...child.blocks]
        .flatMap((each) => targetsOf(flow.blocks.get(each)?.terminator ?? nowhere))
        .filter(({ block: target }) => !child.blocks.has(target));
      from.set(id, walk.left + Math.max(0, ...outs.map(({ block: target }) => costOf(target))));
      mostFrom.set(id, walk.left + mostOf(outs.map(({ block: target }) => target)));
      continue;
    }
    const { terminator } = block;
    const called = block.instructions.reduce(
      (sum, each) => sum + (each.op === "call" ? calls(each.callee).waiting : 0),
      0,
    );
    const stays = targetsOf(terminator).filter((target) => loop.blocks.has(target.block));
    const costs = stays.map(({ block: target }) => costOf(target));
    const isJoin = joins.has(terminator);
    mostFrom.set(id, called + (isJoin ? 1 : 0) + mostOf(stays.map(({ block: target }) => target)));
    if (isJoin) {
      const [then = 0, other = 0] = costs;
      if (then !== other) sides.set(terminator, then < other ? "then" : "else");
      from.set(id, called + 1 + Math.min(then, other));
    } else from.set(id, called + Math.max(0, ...costs));
  }
  return { ofTurn: from.get(loop.header) ?? 0, mostOfTurn: mostFrom.get(loop.header) ?? 0, sides };
}

const nowhere: Terminator = { op: "unreachable", location: null };

/** Whether it knows the outcome, or learns it for good in the first turn from numbers that the loop does not change. */
function isDecided({ flow, known, definitions: defs }: LoopFacts, loop: Loop, condition: ValueId): boolean {
  if (known.has(condition)) return true;
  const test = defs.get(condition);
  const changes = (value: ValueId): boolean =>
    [...loop.blocks].some((id) => {
      const block = flow.blocks.get(id);
      return (
        block?.params.some((param) => param.id === value) === true ||
        block?.instructions.some(({ result }) => result === value && defs.get(value)?.op !== "const") === true
      );
    });
  return test?.op === "compare" && !changes(test.left) && !changes(test.right);
}
