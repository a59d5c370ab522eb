/**
 * Full unrolling: the body of a loop once for each turn, in a row, without a way back. With a driver whose count is a constant the index
 * is a constant in each copy and the header's test is gone; else each copy keeps the test, and control does not come to the end of the
 * last. Values that the loop makes and others read go through slots, which `promote-slots` takes away again.
 */
import { definitions } from "../../ir/analysis/values.js";
import { mapOperands, mapTargets, mapTerminatorOperands } from "../../ir/operations.js";
import { freshIds } from "../../ir/rewrite.js";
import type { Block, BlockId, IrFunction, LoopHint, Terminator, ValueId } from "../../ir/types.js";
import { constant, demoteCrossings, type LoopResult, type Region } from "./region.js";

/** More instructions than this are not made: the loop then stays as it is. */
const largest = 65_536;

/** The function with the loop's copies in its place; null when they would be too many. */
export function unrollLoop(input: IrFunction, hint: LoopHint, region: Region): LoopResult | null {
  const { header, turns, driver } = hint;
  const size = input.blocks
    .filter(({ id }) => region.has(id))
    .reduce((sum, block) => sum + block.instructions.length + 1, 0);
  if (turns === null || BigInt(size) * turns > largest) return null;
  const f = demoteCrossings(input, region, "out");
  const count = driver?.kind === "loop" ? definitions(f).get(driver.count) : undefined;
  const counted = driver?.kind === "loop" && count?.op === "const" ? { index: driver.index, count } : null;
  const ids = freshIds(f);
  const last = counted === null ? turns : counted.count.value;
  const heads: BlockId[] = [];
  for (let turn = 0n; turn <= last; turn += 1n) heads.push(ids.block());
  const never = ids.block();
  const body = f.blocks.filter(({ id }) => region.has(id));
  const copies = heads.flatMap((head, turn): Block[] => {
    const next = heads[turn + 1] ?? never;
    const blockIds = new Map<BlockId, BlockId>();
    const valueIds = new Map<ValueId, ValueId>();
    for (const { id, params, instructions } of body) {
      blockIds.set(id, id === header ? head : ids.block());
      for (const param of params) valueIds.set(param.id, ids.value());
      for (const { result } of instructions) if (result !== null) valueIds.set(result, ids.value());
    }
    const value = (id: ValueId) => valueIds.get(id) ?? id;
    // The end of a counted loop is its header, which goes on to what comes after.
    const wanted = counted !== null && next === never ? body.filter(({ id }) => id === header) : body;
    return wanted.map((block): Block => {
      const renamed = mapTerminatorOperands(decide(block, turn), value);
      const terminator = mapTargets(renamed, (target) => {
        if (target.block === header)
          return { block: next, args: next === never || counted !== null ? [] : target.args };
        return { ...target, block: blockIds.get(target.block) ?? target.block };
      });
      const instructions = block.instructions.map((instruction) => ({
        ...mapOperands(instruction, value),
        result: instruction.result === null ? null : value(instruction.result),
      }));
      if (block.id !== header || counted === null) {
        const params = block.params.map((param) => ({ ...param, id: value(param.id) }));
        return { id: blockIds.get(block.id) ?? block.id, params, instructions, terminator };
      }
      const type = counted.count.type === "i32" ? "i32" : "i64";
      const index = constant(type, BigInt(turn), value(counted.index));
      return { id: head, params: [], instructions: [index, ...instructions], terminator };
    });
  });
  function decide({ id, terminator }: Block, turn: number): Terminator {
    if (counted === null || id !== header || terminator.op !== "branch") return terminator;
    const target = BigInt(turn) < last ? terminator.then : terminator.else;
    return { op: "jump", target, location: terminator.location };
  }
  const [first = never] = heads;
  const rest = f.blocks
    .filter(({ id }) => !region.has(id))
    .map((block) => ({
      ...block,
      terminator: mapTargets(block.terminator, (target) =>
        target.block === header ? { block: first, args: counted === null ? target.args : [] } : target,
      ),
    }));
  const end: Block = {
    id: never,
    params: [],
    instructions: [],
    terminator: { op: "unreachable", location: hint.location },
  };
  return { f: { ...f, blocks: [...rest, ...copies, end] } };
}
