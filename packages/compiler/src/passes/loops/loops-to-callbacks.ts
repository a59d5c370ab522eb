/**
 * Outlining: the blocks of a loop become a static function that a helper calls once a turn: `bpf_loop` (Linux 5.17), or
 * `bpf_for_each_map_elem` (5.13) for a loop over a map.
 *
 * What crosses the loop's border goes through slots first; slots that both sides name then lie in one slot whose address the callback is
 * given. Pointers in it are whole aligned 8 bytes, so that the verifier follows them. Going back to the header is `return 0`; each edge
 * that leaves the loop has a number, which the callback stores in that slot before it returns 1, and which decides where control goes on
 * after the call. The index of a driver is the callback's own argument: the verifier takes it for any number, so a bound on it must be
 * tested in the callback, and the header's test is there.
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

/** Slots of the function that both sides use, in one. */
interface Captured {
  readonly slot: Slot;
  readonly offsets: ReadonlyMap<SlotId, number>;
  /** Where the number of the exit lies. */
  readonly exit: number;
}

/** The function with a call in the loop's place, and the callback, which is called `name`. */
export function loopToCallback(input: IrFunction, hint: LoopHint, region: Region, name: string): LoopResult {
  const { header, driver } = hint;
  const index = driver?.kind === "loop" ? driver.index : null;
  const entries = splitEdges(input, (_, to) => to === header);
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
  const f = makeSlotsWhole(demoted, new Set([...crossing, ...changedSlots(demoted, inside)]));
  const ids = freshIds(f);
  const captured = capture(f, inside, ids);
  const callback = outline(f, hint, inside, exits.added, captured, name);
  const call = ids.block();
  const blocks = f.blocks
    .filter(({ id }) => !inside.has(id))
    .map((block) => ({
      ...block,
      instructions: addressCaptured(block.instructions, captured, ids),
      terminator: mapTargets(block.terminator, (target) =>
        target.block === header ? { block: call, args: [] } : target,
      ),
    }));
  const dispatch = callAndDispatch(f, hint, exits.added, captured, name, ids, call);
  const moved = (slot: Slot) => captured.offsets.has(slot.id);
  const outer = new Set(
    blocks
      .flatMap(({ instructions }) => instructions)
      .flatMap((each) => (each.op === "slot" ? [each.slot] : [])),
  );
  const slots = [...f.slots.filter((slot) => !moved(slot) && outer.has(slot.id)), captured.slot];
  return { f: { ...f, slots, blocks: [...blocks, ...dispatch] }, functions: [callback] };
}

function goesTo(terminator: Block["terminator"], block: BlockId): boolean {
  let found = false;
  mapTargets(terminator, (target) => {
    found ||= target.block === block;
    return target;
  });
  return found;
}

function slotsNamed(f: IrFunction, inside: Region, wanted: boolean): Set<SlotId> {
  const named = f.blocks
    .filter(({ id }) => inside.has(id) === wanted)
    .flatMap(({ instructions }) => instructions);
  return new Set(named.flatMap((each) => (each.op === "slot" ? [each.slot] : [])));
}

/** The slots that both sides name. */
function sharedSlots(f: IrFunction, inside: Region): Set<SlotId> {
  const outer = slotsNamed(f, inside, false);
  return new Set([...slotsNamed(f, inside, true)].filter((id) => outer.has(id)));
}

/** Those of them that the loop itself stores to, where it may count turns of loops in it. */
function changedSlots(f: IrFunction, inside: Region): Set<SlotId> {
  const instructions = f.blocks.filter(({ id }) => inside.has(id)).flatMap((block) => block.instructions);
  const stored = new Set(instructions.flatMap((each) => (each.op === "store" ? [each.pointer] : [])));
  const shared = sharedSlots(f, inside);
  return new Set(
    instructions.flatMap((each) =>
      each.op === "slot" && each.result !== null && stored.has(each.result) && shared.has(each.slot)
        ? [each.slot]
        : [],
    ),
  );
}

/** Places the shared slots, the strictest alignment first, and the number of the exit behind them. */
function capture(f: IrFunction, inside: Region, ids: FreshIds): Captured {
  const isShared = sharedSlots(f, inside);
  const shared = f.slots.filter(({ id }) => isShared.has(id));
  const offsets = new Map<SlotId, number>();
  let end = 0;
  for (const slot of shared.toSorted((a, b) => b.align - a.align || b.size - a.size)) {
    offsets.set(slot.id, Math.ceil(end / slot.align) * slot.align);
    end = (offsets.get(slot.id) ?? 0) + slot.size;
  }
  const exit = Math.ceil(end / 4) * 4;
  const names = shared.filter((slot) => !slot.name.startsWith("a ")).map((slot) => slot.name);
  const name = names.length === 0 ? "what a loop needs" : names.join(", ");
  return { slot: { id: ids.slot(), name, size: Math.ceil((exit + 4) / 8) * 8, align: 8 }, offsets, exit };
}

/** Names of captured slots become places in the one slot: at `base`, or at that slot's own address. */
function addressCaptured(
  instructions: readonly Instruction[],
  { slot, offsets }: Captured,
  ids: FreshIds,
  base: ValueId | null = null,
): Instruction[] {
  return instructions.flatMap((instruction): Instruction[] => {
    const offset = instruction.op === "slot" ? offsets.get(instruction.slot) : undefined;
    if (offset === undefined) return [instruction];
    const bytes = ids.value();
    const pointer = base ?? ids.value();
    return [
      ...(base === null ? [make({ op: "slot", slot: slot.id }, pointer)] : []),
      constant("i64", BigInt(offset), bytes),
      { op: "offset", pointer, bytes, result: instruction.result, location: instruction.location },
    ];
  });
}

/** What the source calls the values of the loop: those that have a name, and what is read of variables. */
function namesInside(f: IrFunction, inside: Region): ReadonlyMap<ValueId, string> {
  const instructions = f.blocks.filter(({ id }) => inside.has(id)).flatMap((block) => block.instructions);
  const variables = new Map<ValueId, Slot>();
  for (const each of instructions) {
    const slot = each.op === "slot" ? f.slots.find(({ id }) => id === each.slot) : undefined;
    // Slots of the compiler's own are called "a …".
    if (slot !== undefined && each.result !== null && !slot.name.startsWith("a "))
      variables.set(each.result, slot);
  }
  const names = new Map<ValueId, string>();
  for (const each of instructions) {
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
  const ends = [...places.values()].map((id, at) => {
    const number = ids.value();
    const store: Instruction = make({
      op: "store",
      width: 4,
      pointer: context,
      displacement: captured.exit,
      value: number,
      region: "stack",
    });
    return leave(id, [constant("i32", BigInt(at + 1), number), store], 1n);
  });
  const pointer = { kind: "pointer", to: null } as const;
  const start: Block = {
    ...jumpBlock(entry, header, driver?.kind === "loop" ? [turn] : []),
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
  const inner = slotsNamed(f, inside, true);
  const names = namesInside(f, inside);
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
    slots: f.slots.filter(({ id }) => inner.has(id) && !captured.offsets.has(id)),
    blocks: [start, ...body, ...ends, leave(again, [], 0n)],
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
  const { exit } = captured;
  const instructions: Instruction[] = [
    make({ op: "slot", slot: captured.slot.id }, context),
    constant("i32", 0n, zero),
    make({ op: "store", width: 4, pointer: context, displacement: exit, value: zero, region: "stack" }),
    ...subjects,
    make({ op: "function", function: name }, target),
    constant("i64", 0n, flags),
    { ...make({ op: "helper", helper, type: "i64", args }, status), location },
    make(
      {
        op: "load",
        type: "i32",
        width: 4,
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
  const ended = head?.terminator.op === "branch" && last !== null ? head.terminator.else.block : null;
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
      constant("i32", number, wanted),
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
  return [...blocks, { ...jumpBlock(open.id, end.id), instructions: open.instructions }, end];
}
