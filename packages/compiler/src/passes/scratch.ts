/**
 * Scratch memory: variables that do not fit on the stack go to the one value of a per-CPU array that the compiler adds. A function that
 * has some there looks the value up once, at its entry. Each function has its own part, so that nested calls do not share.
 *
 * The largest slot of the deepest chain of calls goes first, until all chains fit. Not every slot can go: the verifier follows pointers
 * and iterators on the stack only, and wants what a callback is given to lie there; a slot whose address has escaped stays too.
 *
 * The memory is that of the CPU: a program is not moved to another one while it runs, but another run may interrupt it there (a program
 * in process context by one in an interrupt; on kernels that preempt programs, by another task), and then both use the same bytes.
 */
import { valueTypes } from "../ir/analysis/values.js";
import { branchTo } from "../ir/operations.js";
import { freshIds } from "../ir/rewrite.js";
import type {
  Block,
  Instruction,
  IrFunction,
  MapDefinition,
  Module,
  Operation,
  Slot,
  SlotId,
  ValueId,
} from "../ir/types.js";
import { layoutFrame, maxStackBytes } from "../target/frame.js";
import { makesTailCall, stackAboveTailCall } from "../target/tail-calls.js";
import { integers } from "../types/integers.js";
import { arrayOf } from "../types/layout.js";
import { slotAccesses } from "./slot-accesses.js";

/** The map's name in the object. */
export const scratchMap = "waggle_scratch";
/** `PCPU_MIN_UNIT_SIZE` of include/linux/percpu.h: what a per-CPU value may have. */
const largestValue = 32_768;
/** Smaller ones are not worth a lookup. */
const smallestSlot = 16;

/** What went to scratch memory in one function. */
export interface Moved {
  readonly function: IrFunction;
  readonly slots: readonly Slot[];
}

/**
 * The module with as few slots in scratch memory as its chains of calls need.
 * @param reserve bytes of each frame that are left for values that do not fit in registers
 */
export function moveToScratch(
  module: Module,
  reserve: number,
): { readonly module: Module; readonly moved: readonly Moved[] } {
  const movable = new Map(module.functions.map((f) => [f.name, movableSlots(f)]));
  const chosen = new Map<string, Set<SlotId>>(module.functions.map(({ name }) => [name, new Set()]));
  const left = (f: IrFunction) => f.slots.filter(({ id }) => chosen.get(f.name)?.has(id) !== true);
  const bytesOf = (f: IrFunction) => {
    const scratchKey = (chosen.get(f.name)?.size ?? 0) > 0 ? 8 : 0;
    return Math.max(32, Math.ceil((layoutFrame(left(f)).bytes + scratchKey + reserve) / 32) * 32);
  };
  for (;;) {
    const chain = deepest(module, bytesOf);
    if (chain === null) break;
    const candidates = chain.flatMap((f) =>
      left(f)
        .filter(({ id, size }) => size >= smallestSlot && movable.get(f.name)?.has(id) === true)
        .map((slot) => ({ f, slot })),
    );
    const [largest] = candidates.toSorted((a, b) => b.slot.size - a.slot.size);
    if (largest === undefined) break;
    chosen.get(largest.f.name)?.add(largest.slot.id);
  }
  let end = 0;
  const moved: Moved[] = [];
  const functions = module.functions.map((f) => {
    const slots = f.slots.filter(({ id }) => chosen.get(f.name)?.has(id) === true);
    if (slots.length === 0) return f;
    const offsets = new Map<SlotId, number>();
    for (const { id, size } of slots) {
      offsets.set(id, end);
      end = Math.ceil((end + size) / 8) * 8;
    }
    moved.push({ function: f, slots });
    return withScratch(f, offsets);
  });
  if (moved.length === 0 || end > largestValue) return { module, moved: [] };
  return { module: { ...module, functions, maps: [...module.maps, scratchOf(end)] }, moved };
}

function scratchOf(bytes: number): MapDefinition {
  return {
    name: scratchMap,
    type: "per-cpu-array",
    key: integers.u32,
    value: arrayOf(integers.u64, bytes / 8),
    maxEntries: 1,
    flags: 0,
    pinned: false,
    record: null,
    location: null,
  };
}

function calleesOf(f: IrFunction): readonly string[] {
  return f.blocks
    .flatMap(({ instructions }) => instructions)
    .flatMap((each) => (each.op === "call" ? [each.callee] : each.op === "function" ? [each.function] : []));
}

/** A chain of calls from a program on that is too deep, the deepest first; null when all fit. */
function deepest(module: Module, bytesOf: (f: IrFunction) => number): readonly IrFunction[] | null {
  const byName = new Map(module.functions.map((f) => [f.name, f]));
  const found: { chain: readonly IrFunction[]; over: number } = { chain: [], over: 0 };
  const walk = (f: IrFunction, above: readonly IrFunction[], bytes: number): void => {
    if (above.includes(f)) return;
    const chain = [...above, f];
    const total = bytes + bytesOf(f);
    const over = Math.max(
      total - maxStackBytes,
      above.length > 0 && makesTailCall(f) ? bytes - stackAboveTailCall + 1 : 0,
    );
    if (over > found.over) Object.assign(found, { chain, over });
    for (const callee of new Set(calleesOf(f))) {
      const next = byName.get(callee);
      if (next !== undefined) walk(next, chain, total);
    }
  };
  for (const f of module.functions) if (f.section !== null) walk(f, [], 0);
  return found.over > 0 ? found.chain : null;
}

/** Helpers whose memory must be on the stack: what callbacks are given, and what the verifier keeps account of. */
const wantsStack = /^bpf_(loop|for_each_map_elem|find_vma|user_ringbuf_drain|timer_.*|.*dynptr.*)$/;

/** Slots that hold no pointers, have not escaped, and that no kernel function and no such helper is given. */
function movableSlots(f: IrFunction): ReadonlySet<SlotId> {
  const { escaped, placeOf } = slotAccesses(f);
  const types = valueTypes(f);
  const kept = new Set<SlotId>(escaped);
  const keep = (value: ValueId) => {
    const place = placeOf(value);
    if (place !== undefined) kept.add(place.slot);
  };
  for (const { instructions } of f.blocks) {
    for (const each of instructions) {
      if (each.op === "load" && each.type === "ptr") keep(each.pointer);
      else if (each.op === "store" && types.get(each.value) === "ptr") keep(each.pointer);
      else if (each.op === "kfunc") each.args.forEach(keep);
      else if (each.op === "helper" && wantsStack.test(each.helper)) each.args.forEach(keep);
    }
  }
  // A copy may carry a pointer from the one to the other.
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const { instructions } of f.blocks) {
      for (const each of instructions) {
        if (each.op !== "copy") continue;
        const [target, source] = [placeOf(each.target), placeOf(each.source)];
        if (
          target !== undefined &&
          source !== undefined &&
          (kept.has(target.slot) || kept.has(source.slot))
        ) {
          kept.add(target.slot).add(source.slot);
        }
      }
    }
  }
  return new Set(f.slots.map(({ id }) => id).filter((id) => !kept.has(id)));
}

/** The function with a lookup at its entry, and the slots as places in the value. */
function withScratch(f: IrFunction, offsets: ReadonlyMap<SlotId, number>): IrFunction {
  const ids = freshIds(f);
  const { placeOf } = slotAccesses(f);
  const [entry, ...rest] = f.blocks;
  if (entry === undefined) return f;
  const { location } = f;
  const [key, zero, map, scratch] = [ids.value(), ids.value(), ids.value(), ids.value()];
  const [none, missing, nothing] = [ids.value(), ids.value(), ids.value()];
  const keySlot: Slot = { id: ids.slot(), name: "the key of scratch memory", size: 4, align: 4 };
  const put = (operation: Operation, result: ValueId | null = null): Instruction => ({
    ...operation,
    result,
    location,
  });
  const start: Block = {
    id: ids.block(),
    params: entry.params,
    instructions: [
      put({ op: "slot", slot: keySlot.id }, key),
      put({ op: "const", type: "i32", value: 0n }, zero),
      put({ op: "store", width: 4, pointer: key, displacement: 0, value: zero, region: "stack" }),
      put({ op: "map", map: scratchMap }, map),
      put({ op: "helper", helper: "bpf_map_lookup_elem", type: "ptr", args: [map, key] }, scratch),
      put({ op: "const", type: "ptr", value: 0n }, none),
      put({ op: "compare", operator: "eq", left: scratch, right: none }, missing),
    ],
    terminator: { op: "unreachable", location },
  };
  const fail: Block = {
    id: ids.block(),
    params: [],
    instructions: f.returns === null ? [] : [put({ op: "const", type: f.returns, value: 0n }, nothing)],
    terminator: { op: "return", value: f.returns === null ? null : nothing, location },
  };
  const inScratch = (value: ValueId) => {
    const place = placeOf(value);
    return place !== undefined && offsets.has(place.slot);
  };
  const rewrite = (each: Instruction): Instruction[] => {
    switch (each.op) {
      case "slot": {
        const offset = offsets.get(each.slot);
        if (offset === undefined) return [each];
        const bytes = ids.value();
        return [
          put({ op: "const", type: "i64", value: BigInt(offset) }, bytes),
          { op: "offset", pointer: scratch, bytes, result: each.result, location: each.location },
        ];
      }
      case "load":
      case "store":
      case "zero":
        return [inScratch(each.pointer) ? { ...each, region: "map" } : each];
      case "copy":
        return [
          {
            ...each,
            targetRegion: inScratch(each.target) ? "map" : each.targetRegion,
            sourceRegion: inScratch(each.source) ? "map" : each.sourceRegion,
          },
        ];
      default:
        return [each];
    }
  };
  const blocks = [{ ...entry, params: [] }, ...rest].map((block) => ({
    ...block,
    instructions: block.instructions.flatMap(rewrite),
  }));
  return {
    ...f,
    slots: [...f.slots.filter(({ id }) => !offsets.has(id)), keySlot],
    blocks: [
      {
        ...start,
        terminator: branchTo(missing, { block: fail.id, args: [] }, { block: entry.id, args: [] }, location),
      },
      ...blocks,
      fail,
    ],
  };
}
