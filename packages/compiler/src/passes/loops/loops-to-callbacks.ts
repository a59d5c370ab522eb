/**
 * Outlining: the blocks of a loop become a static function that a helper calls once a turn: `bpf_loop` (Linux 5.17), or
 * `bpf_for_each_map_elem` (5.13) for a loop over a map.
 *
 * What crosses the loop's border goes through slots first. The callback is given the address of one slot: structs and arrays that both
 * sides name lie in it, and numbers and pointers are handed over in it (`carried-slots.ts`), as whole aligned 8 bytes, so that the verifier
 * follows them. Going back to the header is `return 0`; each edge that leaves the loop has a number, which the callback stores in that slot
 * before it returns 1, and which decides where control goes on after the call. The index of a driver is the callback's own argument: the
 * verifier takes it for any number, so a bound on it must be tested in the callback, and the header's test is there.
 */
import { iterationsFor } from "../../ir/loop-limit.js";
import { branchTo, mapTargets } from "../../ir/operations.js";
import { type FreshIds, freshIds } from "../../ir/rewrite.js";
import type {
  Block,
  BlockId,
  Instruction,
  IrFunction,
  LoopHint,
  Slot,
  SlotId,
  ValueId,
} from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import {
  addressCaptured,
  type Captured,
  capture,
  handOverAll,
  handOverHere,
  sharedSlots,
  slotsIn,
} from "./captured-slot.js";
import {
  constant,
  demoteCrossings,
  demoteParameters,
  jumpBlock,
  type LoopResult,
  lastTest,
  leaves,
  make,
  type Region,
  splitEdges,
} from "./region.js";
import { makeSlotsWhole } from "./whole-slots.js";

/** The function with a call in the loop's place, and the callback, which is called `name`. */
export function loopToCallback(input: IrFunction, hint: LoopHint, region: Region, name: string): LoopResult {
  const { header, driver } = hint;
  const index = driver?.kind === "loop" ? driver.index : null;
  const entries = splitEdges(withReturnsOutside(input, region), (_, to) => to === header);
  const inside = new Set(region);
  const latches = entries.added.filter((id) => {
    const from = entries.f.blocks.find(({ terminator }) =>
      "target" in terminator || "then" in terminator ? goesTo(terminator, id) : false,
    );
    return from !== undefined && region.has(from.id);
  });
  for (const id of latches) inside.add(id);
  const exits = splitEdges(entries.f, leaves(entries.f, inside));
  const split = demoteParameters(exits.f, header, index);
  const demoted = demoteCrossings(split, inside, "both");
  const crossing = demoted.slots.slice(split.slots.length).map(({ id }) => id);
  const f = makeSlotsWhole(demoted, new Set([...crossing, ...sharedSlots(demoted, inside)]));
  const ids = freshIds(f);
  const captured = capture(f, inside, header, ids);
  const callback = outline(f, hint, inside, exits.added, captured, name);
  const call = ids.block();
  const ended = endOf(f, hint);
  const isExit = new Set(exits.added.filter((id) => id !== ended));
  const blocks = f.blocks
    .filter(({ id }) => !inside.has(id))
    .map((block) => ({
      ...block,
      instructions: [
        ...(isExit.has(block.id)
          ? handOverHere("to slot", captured.carried.leaving(block.id), captured, ids)
          : []),
        ...addressCaptured(block.instructions, captured, ids),
      ],
      terminator: mapTargets(block.terminator, (target) =>
        target.block === header ? { block: call, args: [] } : target,
      ),
    }));
  const all = [...blocks, ...callAndDispatch(f, hint, exits.added, captured, name, ids, call)];
  const moved = (slot: Slot) => captured.inPlace.has(slot.id);
  const used = slotsIn(all);
  const slots = [...f.slots.filter((slot) => !moved(slot) && used.has(slot.id)), captured.slot];
  return { f: { ...f, slots, blocks: all }, functions: [callback] };
}

/** The function with the returns of the region's blocks in blocks of their own: what is returned there is the function's result. */
function withReturnsOutside(f: IrFunction, region: Region): IrFunction {
  const ids = freshIds(f);
  const added: Block[] = [];
  const blocks = f.blocks.map((block): Block => {
    const { terminator } = block;
    if (!region.has(block.id) || terminator.op !== "return") return block;
    const id = ids.block();
    added.push({ id, params: [], instructions: [], terminator });
    return {
      ...block,
      terminator: { op: "jump", target: { block: id, args: [] }, location: terminator.location },
    };
  });
  return added.length === 0 ? f : { ...f, blocks: [...blocks, ...added] };
}

/** Where control goes from the header of a driven loop when all turns are done; null when it ends in other ways only. */
function endOf(f: IrFunction, { header, driver }: LoopHint): BlockId | null {
  const head = f.blocks.find(({ id }) => id === header);
  return driver !== null && head?.terminator.op === "branch" ? head.terminator.else.block : null;
}

function goesTo(terminator: Block["terminator"], block: BlockId): boolean {
  let found = false;
  mapTargets(terminator, (target) => {
    found ||= target.block === block;
    return target;
  });
  return found;
}

/** What the source calls the values of the callback: those that have a name, and what is read of variables or handed over in them. */
function namesIn(f: IrFunction, callback: readonly Block[]): ReadonlyMap<ValueId, string> {
  const instructions = callback.flatMap((block) => block.instructions);
  const variables = new Map<ValueId, Slot>();
  for (const each of instructions) {
    const slot = each.op === "slot" ? f.slots.find(({ id }) => id === each.slot) : undefined;
    // Slots of the compiler's own are called "a …".
    if (slot !== undefined && each.result !== null && !slot.name.startsWith("a "))
      variables.set(each.result, slot);
  }
  const names = new Map<ValueId, string>();
  for (const each of instructions) {
    const stored = each.op === "store" ? variables.get(each.pointer) : undefined;
    if (each.op === "store" && stored?.size === each.width && !names.has(each.value))
      names.set(each.value, stored.name);
    if (each.result === null) continue;
    const variable = each.op === "load" && each.displacement === 0 ? variables.get(each.pointer) : undefined;
    const isWhole = each.op === "load" && each.width === variable?.size;
    const name = f.names?.get(each.result) ?? (isWhole ? variable?.name : undefined);
    if (name !== undefined) names.set(each.result, name);
  }
  return names;
}

/** The callback: the loop's blocks after an entry, with ends of their own for its edges. */
function outline(
  f: IrFunction,
  hint: LoopHint,
  inside: Region,
  exits: readonly BlockId[],
  captured: Captured,
  name: string,
): IrFunction {
  const ids = freshIds(f);
  const { header, driver } = hint;
  const head = f.blocks.find(({ id }) => id === header);
  const entry = ids.block();
  const again = ids.block();
  const [context, map, key, value, turn] = [ids.value(), ids.value(), ids.value(), ids.value(), ids.value()];
  const overMap = driver?.kind === "map" ? driver.map : null;
  const turnType = head?.params[0]?.type ?? "i32";
  const back = (block: BlockId, from: BlockId) => block === header && from !== entry;
  const places = new Map(exits.map((id) => [id, ids.block()]));
  const replace = (instruction: Instruction): Instruction[] => {
    if (instruction.op !== "element" || instruction.map !== overMap) return [instruction];
    const { part, result } = instruction;
    if (result === null) return [];
    if (part === "more") return [constant("i32", 1n, result)];
    // A copy under the name that the body has for it.
    const zero = ids.value();
    return [
      constant("i64", 0n, zero),
      make({ op: "offset", pointer: part === "key" ? key : value, bytes: zero }, result),
    ];
  };
  const body = f.blocks
    .filter(({ id }) => inside.has(id))
    .map(
      (block): Block => ({
        ...block,
        instructions: addressCaptured(block.instructions.flatMap(replace), captured, ids, context),
        terminator: mapTargets(block.terminator, (target) => {
          if (back(target.block, block.id)) return { block: again, args: [] };
          return { ...target, block: places.get(target.block) ?? target.block };
        }),
      }),
    );
  const leave = (id: BlockId, before: readonly Instruction[], result: bigint): Block => {
    const code = ids.value();
    return {
      id,
      params: [],
      instructions: [...before, constant("i64", result, code)],
      terminator: { op: "return", value: code, location: hint.location },
    };
  };
  const { carried, exit } = captured;
  const given = (slots: readonly SlotId[], way: "to slot" | "to field") =>
    handOverAll(way, slots, captured, context, ids);
  const ends = [...places].map(([to, id], at) => {
    const number = ids.value();
    const store = { op: "store", width: 8, pointer: context, displacement: exit, region: "stack" } as const;
    return leave(
      id,
      [
        ...given(carried.leaving(to), "to field"),
        constant("i64", BigInt(at + 1), number),
        make({ ...store, value: number }),
      ],
      1n,
    );
  });
  const pointer = { kind: "pointer", to: null } as const;
  const start: Block = {
    ...jumpBlock(entry, header, driver?.kind === "loop" ? [turn] : []),
    instructions: given(carried.entering, "to slot"),
    params:
      overMap === null
        ? [
            { id: turn, type: turnType },
            { id: context, type: "ptr" },
          ]
        : [map, key, value, context].map((id) => ({ id, type: "ptr" })),
  };
  const params =
    overMap === null
      ? [
          { name: "turn", type: integers.u32 },
          { name: "captured", type: pointer },
        ]
      : ["map", "key", "value", "captured"].map((each) => ({ name: each, type: pointer }));
  const inner = slotsIn(f.blocks.filter(({ id }) => inside.has(id)));
  const names = namesIn(f, [start, ...body]);
  return {
    name,
    ...(names.size > 0 && { names }),
    section: null,
    linkage: "static",
    inline: "never",
    returns: "i64",
    prototype: { params, returns: integers.i64 },
    location: hint.location ?? f.location,
    loops: [],
    slots: f.slots.filter(({ id }) => inner.has(id) && !captured.inPlace.has(id)),
    blocks: [start, ...body, ...ends, leave(again, given(carried.leaving(header), "to field"), 0n)],
  };
}

/** The call, and the branches to what the number of the exit says. */
function callAndDispatch(
  f: IrFunction,
  hint: LoopHint,
  exits: readonly BlockId[],
  captured: Captured,
  name: string,
  ids: FreshIds,
  call: BlockId,
): Block[] {
  const { driver, location } = hint;
  const [context, zero, flags, target, subject] = [
    ids.value(),
    ids.value(),
    ids.value(),
    ids.value(),
    ids.value(),
  ];
  const [status, code] = [ids.value(), ids.value()];
  const subjects =
    driver === null
      ? [constant("i32", iterationsFor(hint.turns), subject)]
      : driver.kind === "map"
        ? [make({ op: "map", map: driver.map }, subject)]
        : [];
  const helper = driver?.kind === "map" ? "bpf_for_each_map_elem" : "bpf_loop";
  const args = [driver?.kind === "loop" ? driver.count : subject, target, context, flags];
  const { carried, exit } = captured;
  const instructions: Instruction[] = [
    make({ op: "slot", slot: captured.slot.id }, context),
    ...handOverAll("to field", carried.entering, captured, context, ids),
    constant("i64", 0n, zero),
    make({ op: "store", width: 8, pointer: context, displacement: exit, value: zero, region: "stack" }),
    ...subjects,
    make({ op: "function", function: name }, target),
    constant("i64", 0n, flags),
    { ...make({ op: "helper", helper, type: "i64", args }, status), location },
    make(
      {
        op: "load",
        type: "i64",
        width: 8,
        signed: false,
        pointer: context,
        displacement: exit,
        region: "stack",
      },
      code,
    ),
  ];
  // All turns done is the way of the header's test; without a driver control does not come there.
  const head = f.blocks.find(({ id }) => id === hint.header);
  const last = lastTest(head, hint, ids.block(), ids);
  const ended = endOf(f, hint);
  const tests = exits
    .map((block, at) => ({ block, number: BigInt(at + 1) }))
    .filter(({ block }) => block !== ended);
  const blocks: Block[] = [];
  let open: Pick<Block, "id" | "instructions"> = { id: call, instructions };
  if (driver?.kind === "loop" && last !== null) {
    // Kernels fail on a `bpf_loop` of which the verifier knows that it does not call: they drop the callback, not its address.
    const turns = ids.block();
    const terminator = branchTo(
      driver.count,
      { block: turns, args: [] },
      { block: last.id, args: [] },
      location,
    );
    blocks.push({ id: call, params: [], instructions: [], terminator });
    open = { id: turns, instructions };
  }
  for (const { block, number } of tests) {
    const [wanted, same] = [ids.value(), ids.value()];
    const next = ids.block();
    const test = [
      constant("i64", number, wanted),
      make({ op: "compare", operator: "eq", left: code, right: wanted }, same),
    ];
    const terminator = branchTo(same, { block, args: [] }, { block: next, args: [] }, location);
    blocks.push({ ...open, params: [], instructions: [...open.instructions, ...test], terminator });
    open = { id: next, instructions: [] };
  }
  const end: Block =
    last === null
      ? { id: ids.block(), params: [], instructions: [], terminator: { op: "unreachable", location } }
      : { ...last, instructions: addressCaptured(last.instructions, captured, ids) };
  const ending = handOverHere("to slot", carried.leaving(hint.header), captured, ids);
  return [...blocks, { ...jumpBlock(open.id, end.id), instructions: [...open.instructions, ...ending] }, end];
}
