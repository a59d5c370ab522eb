/**
 * A loop as the passes that make loops see it: the blocks between a header and its back edges, with edges that have a block of their
 * own, and values that cross its border only through slots where a pass asks for that.
 */
import { controlFlow } from "../../ir/analysis/control-flow.js";
import { dominators } from "../../ir/analysis/dominators.js";
import { loops } from "../../ir/analysis/loops.js";
import { definitions, homesOf, valueTypes } from "../../ir/analysis/values.js";
import {
  mapOperands,
  mapTargets,
  mapTerminatorOperands,
  operandsOf,
  targetsOf,
  terminatorOperands,
} from "../../ir/operations.js";
import { type FreshIds, freshIds } from "../../ir/rewrite.js";
import type {
  Block,
  BlockId,
  Instruction,
  IrFunction,
  IrType,
  LoopHint,
  Operation,
  SlotId,
  ValueId,
} from "../../ir/types.js";

/** The blocks of a hinted loop, header included. */
export type Region = ReadonlySet<BlockId>;

/** What one form of loop makes of a function. */
export interface LoopResult {
  readonly f: IrFunction;
  /** Functions that it made. */
  readonly functions?: readonly IrFunction[];
}

/**
 * The blocks of the loop; null when nothing goes back to its header, so that it is none. A loop over a map that never goes back still
 * has its elements: there the region is what leads from the header to their uses.
 */
export function regionOf(f: IrFunction, hint: LoopHint): Region | null {
  const flow = controlFlow(f);
  const tree = dominators(flow);
  const natural = loops(flow, tree).find(({ header }) => header === hint.header);
  if (natural !== undefined) return natural.blocks;
  const header = flow.blocks.get(hint.header);
  if (hint.driver?.kind !== "map" || header === undefined) return null;
  const { map } = hint.driver;
  const region = new Set([hint.header]);
  const pending = [...flow.blocks.values()]
    .filter(({ id }) => id !== hint.header && tree.dominates(hint.header, id))
    .filter(({ instructions }) => instructions.some((each) => each.op === "element" && each.map === map))
    .map(({ id }) => id);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (region.has(id)) continue;
    region.add(id);
    pending.push(...(flow.predecessors.get(id) ?? []));
  }
  return region;
}

/** An instruction without a place of its own. */
export function make(operation: Operation, result: ValueId | null = null): Instruction {
  return { ...operation, result, location: null };
}

/** A number as an instruction. */
export function constant(type: "i32" | "i64", value: bigint, result: ValueId): Instruction {
  return make({ op: "const", type, value: BigInt.asUintN(type === "i32" ? 32 : 64, value) }, result);
}

/** A block that only goes on. */
export function jumpBlock(id: BlockId, block: BlockId, args: readonly ValueId[] = []): Block {
  return {
    id,
    params: [],
    instructions: [],
    terminator: { op: "jump", target: { block, args }, location: null },
  };
}

/** Puts a block on each edge that is picked. `added` are the new blocks, in order. */
export function splitEdges(
  f: IrFunction,
  picks: (from: BlockId, to: BlockId) => boolean,
): { readonly f: IrFunction; readonly added: readonly BlockId[] } {
  const ids = freshIds(f);
  const added: Block[] = [];
  const blocks = f.blocks.map((block) => ({
    ...block,
    terminator: mapTargets(block.terminator, (target) => {
      if (!picks(block.id, target.block)) return target;
      const between = jumpBlock(ids.block(), target.block, target.args);
      added.push(between);
      return { block: between.id, args: [] };
    }),
  }));
  return { f: { ...f, blocks: [...blocks, ...added] }, added: added.map(({ id }) => id) };
}

/** Which way a value must cross to be put into a slot. */
export type Crossing = "out" | "both";

/** How wide a value of this type lies in memory. */
const widthOf = (type: IrType): 4 | 8 => (type === "i32" ? 4 : 8);

/** What costs nothing to make again. */
const remade: ReadonlySet<Operation["op"]> = new Set([
  "const",
  "slot",
  "map",
  "global",
  "function",
  "relocated",
]);

/**
 * The function with values that are made on one side of the region's border and read on the other in slots: stored where they are made,
 * loaded once in each block that reads them. Constants and addresses are made again instead.
 */
export function demoteCrossings(f: IrFunction, region: Region, crossing: Crossing): IrFunction {
  const ids = freshIds(f);
  const types = valueTypes(f);
  const defs = definitions(f);
  const homes = homesOf(f);
  const crosses = (value: ValueId, user: BlockId): boolean => {
    const home = homes.get(value);
    if (home === undefined || region.has(home) === region.has(user)) return false;
    return crossing === "both" || region.has(home);
  };
  const isRemade = (value: ValueId): boolean => {
    const definition = defs.get(value);
    if (definition?.op === "offset") return isRemade(definition.pointer) && isRemade(definition.bytes);
    return definition !== undefined && remade.has(definition.op);
  };
  const slots = new Map<ValueId, SlotId>();
  const names = new Map(f.names);
  const slotOf = (value: ValueId): SlotId => {
    const slot = slots.get(value) ?? ids.slot();
    slots.set(value, slot);
    return slot;
  };
  const blocks = f.blocks.map((block): Block => {
    const instructions: Instruction[] = [];
    const here = new Map<ValueId, ValueId>();
    const read = (value: ValueId): ValueId => {
      if (!crosses(value, block.id)) return value;
      const known = here.get(value);
      if (known !== undefined) return known;
      const result = isRemade(value) ? remake(value, defs, ids, instructions) : load(value);
      here.set(value, result);
      return result;
    };
    const load = (value: ValueId): ValueId => {
      const type = types.get(value) ?? "i64";
      const pointer = ids.value();
      const result = ids.value();
      const name = names.get(value);
      if (name !== undefined) names.set(result, name);
      instructions.push(
        make({ op: "slot", slot: slotOf(value) }, pointer),
        make(
          {
            op: "load",
            type,
            width: widthOf(type),
            signed: false,
            pointer,
            displacement: 0,
            region: "stack",
          },
          result,
        ),
      );
      return result;
    };
    const readAll = (values: readonly ValueId[]) => new Map(values.map((value) => [value, read(value)]));
    for (const instruction of block.instructions) {
      const renamed = readAll(operandsOf(instruction));
      instructions.push(mapOperands(instruction, (value) => renamed.get(value) ?? value));
    }
    const renamed = readAll(terminatorOperands(block.terminator));
    const terminator = mapTerminatorOperands(block.terminator, (value) => renamed.get(value) ?? value);
    return { ...block, instructions, terminator };
  });
  const store = (value: ValueId): Instruction[] => {
    const slot = slots.get(value);
    return slot === undefined ? [] : storeTo(slot, value, types.get(value) ?? "i64", ids);
  };
  return {
    ...f,
    ...(names.size > 0 && { names }),
    slots: [
      ...f.slots,
      ...[...slots].map(([value, id]) => slotFor(id, types.get(value) ?? "i64", f.names?.get(value))),
    ],
    blocks: blocks.map((block) => ({
      ...block,
      instructions: [
        ...block.params.flatMap(({ id }) => store(id)),
        ...block.instructions.flatMap((each) => [each, ...(each.result === null ? [] : store(each.result))]),
      ],
    })),
  };
}

/** A slot for a value: `name` is that of its variable. */
function slotFor(id: SlotId, type: IrType, name = "a value used in a loop") {
  return { id, name, size: widthOf(type), align: widthOf(type) };
}

function storeTo(slot: SlotId, value: ValueId, type: IrType, ids: FreshIds): Instruction[] {
  const pointer = ids.value();
  return [
    make({ op: "slot", slot }, pointer),
    make({ op: "store", width: widthOf(type), pointer, displacement: 0, value, region: "stack" }),
  ];
}

function remake(
  value: ValueId,
  defs: ReadonlyMap<ValueId, Instruction>,
  ids: FreshIds,
  instructions: Instruction[],
): ValueId {
  const definition = defs.get(value);
  if (definition === undefined) return value;
  const copy = mapOperands(definition, (operand) => remake(operand, defs, ids, instructions));
  const result = ids.value();
  instructions.push({ ...copy, result });
  return result;
}

/**
 * The function with the parameters of a block in slots, but for one that may stay: whoever jumps there stores them, the block loads
 * them first thing. Edges to it must come from blocks that only jump.
 */
export function demoteParameters(f: IrFunction, block: BlockId, except: ValueId | null): IrFunction {
  const params = f.blocks.find(({ id }) => id === block)?.params ?? [];
  const moved = params.flatMap((param, index) => (param.id === except ? [] : [{ ...param, index }]));
  if (moved.length === 0) return f;
  const ids = freshIds(f);
  const slots = moved.map(({ type }) => slotFor(ids.slot(), type));
  const kept = (args: readonly ValueId[]) => args.filter((_, index) => params[index]?.id === except);
  const blocks = f.blocks.map((each): Block => {
    const { terminator } = each;
    const instructions = [...each.instructions];
    if (terminator.op === "jump" && terminator.target.block === block) {
      const { args } = terminator.target;
      moved.forEach(({ index, type }, at) => {
        const [value, slot] = [args[index], slots[at]];
        if (value !== undefined && slot !== undefined)
          instructions.push(...storeTo(slot.id, value, type, ids));
      });
    }
    const changed = mapTargets(terminator, (target) =>
      target.block === block ? { ...target, args: kept(target.args) } : target,
    );
    if (each.id !== block) return { ...each, instructions, terminator: changed };
    const loads = moved.flatMap(({ id, type }, at): Instruction[] => {
      const pointer = ids.value();
      const slot = slots[at];
      if (slot === undefined) return [];
      return [
        make({ op: "slot", slot: slot.id }, pointer),
        make(
          {
            op: "load",
            type,
            width: widthOf(type),
            signed: false,
            pointer,
            displacement: 0,
            region: "stack",
          },
          id,
        ),
      ];
    });
    return {
      ...each,
      params: each.params.filter(({ id }) => id === except),
      instructions: [...loads, ...instructions],
      terminator: changed,
    };
  });
  return { ...f, slots: [...f.slots, ...slots], blocks };
}

/** Where control goes from the blocks of a region to others. */
export function leaves(f: IrFunction, region: Region): (from: BlockId, to: BlockId) => boolean {
  const present = new Set(
    f.blocks.flatMap(({ terminator }) => targetsOf(terminator).map(({ block }) => block)),
  );
  return (from, to) => present.has(to) && region.has(from) && !region.has(to);
}

/**
 * What the header of a driven loop does when its test fails, for a loop that ends without it: its instructions with the count as the
 * index, then its way out. Null when the header does not branch.
 */
export function lastTest(head: Block | undefined, hint: LoopHint, id: BlockId, ids: FreshIds): Block | null {
  const { driver } = hint;
  if (driver === null || head?.terminator.op !== "branch") return null;
  const renamed = new Map<ValueId, ValueId>(driver.kind === "loop" ? [[driver.index, driver.count]] : []);
  for (const { result } of head.instructions) if (result !== null) renamed.set(result, ids.value());
  const value = (each: ValueId) => renamed.get(each) ?? each;
  const instructions = head.instructions.map((instruction): Instruction => {
    const result = instruction.result === null ? null : value(instruction.result);
    if (instruction.op === "element" && result !== null) return constant("i32", 0n, result);
    return { ...mapOperands(instruction, value), result };
  });
  const leave: Block["terminator"] = { op: "jump", target: head.terminator.else, location: hint.location };
  return { id, params: [], instructions, terminator: mapTerminatorOperands(leave, value) };
}
