/**
 * Widening: what a loop changes on the stack begins each turn with a value that the verifier does not know, so that the paths through a
 * turn meet in one state at its end. The verifier would else keep apart what it knows in each of them (a cursor that may be 0 to 20, a
 * flag that is set or not), and 20 turns with a branch would be a million instructions. It would also walk all turns of `bpf_loop` and of
 * an iterator, as it knows another constant in each.
 *
 * Where a loop in a loop ends by a number that is known only when it runs (`j < n`), each way out would tell the verifier what `n` is, and it
 * would walk all later turns of the loop around for each. The number is compared plus an unknown 0, so that it learns nothing. So is what a
 * body compares with its counter.
 *
 * Locals and fields of structs are alike: this runs before slots become values. What is added is 0, from a variable of the object that
 * nobody writes, which only the compiler knows. Counters are left alone: the verifier must follow them to the end of the loop.
 */
import { controlFlow } from "../ir/analysis/control-flow.js";
import { type Dominators, dominators } from "../ir/analysis/dominators.js";
import { joinsIn, type Loop, loops } from "../ir/analysis/loops.js";
import { type FreshIds, freshIds } from "../ir/rewrite.js";
import type { BlockId, DataDefinition, Instruction, IrFunction, Module, ValueId } from "../ir/types.js";
import { integers } from "../types/integers.js";
import { iterates } from "../verifier/known-values.js";
import { cleanControlFlow } from "./control-flow.js";
import { comparedWithCounter, type Limit, limitsOf, loopNumbers } from "./loops/limits.js";
import { make } from "./loops/region.js";
import { changedPlaces, type Place, placesOf } from "./loops/stack-places.js";
import { constantTurns } from "./loops/turns.js";

/** The variable that is always 0. */
const zero: DataDefinition = {
  name: "loop__zero",
  section: ".bss",
  type: integers.u64,
  initial: new Uint8Array(integers.u64.size),
  mutable: true,
  isPrivate: true,
};

/** With so few branches, of all turns together, the verifier may follow every combination. */
const fewBranches = 10;

/** So many turns may be walked again because the verifier learned another number in each. */
const fewRepeated = 64;

/** The module whose loops and callbacks begin their turns with unknown values. */
export function widenLoops(module: Module): Module {
  const callbacks = new Set(
    module.functions
      .flatMap(({ blocks }) => blocks.flatMap(({ instructions }) => instructions))
      .flatMap((each) => (each.op === "function" ? [each.function] : [])),
  );
  const functions = module.functions.map((f) => widenFunction(f, callbacks.has(f.name)));
  return withFunctions(module, functions);
}

/** The module with functions that may have come to read the variable that is always 0. */
export function withFunctions(module: Module, functions: readonly IrFunction[]): Module {
  const isUsed = functions.some((f, index) => f !== module.functions[index]);
  if (!isUsed) return module;
  return { ...module, functions, data: module.data.includes(zero) ? module.data : [...module.data, zero] };
}

/** What is put at the start of blocks, and at the end of those that run before a loop. */
interface Added {
  readonly first: Map<BlockId, Instruction[]>;
  readonly last: Map<BlockId, Instruction[]>;
  /** What comes in the place of comparisons with a limit. */
  readonly limits: Map<Instruction, readonly Instruction[]>;
}

function widenFunction(input: IrFunction, isCallback: boolean): IrFunction {
  // The blocks of inlined functions get their arguments without parameters in between.
  const f = cleanControlFlow(input);
  const flow = controlFlow(f);
  const tree = dominators(flow);
  const found = loops(flow, tree);
  if (found.length === 0 && !isCallback) return input;
  const ids = freshIds(f);
  const places = placesOf(f, flow, isCallback);
  const added: Added = { first: new Map(), last: new Map(), limits: new Map() };
  if (isCallback) {
    const whole: Loop = { header: flow.entry, blocks: new Set(flow.blocks.keys()), latches: [] };
    const changed = changedPlaces(places, whole, found, tree, { keepCounters: false });
    widen(changed, flow.entry, null, added, ids);
  }
  for (const loop of found) {
    const around = found.filter(({ blocks }) => blocks.has(loop.header));
    const isIterator = iterates(flow.blocks.get(loop.header));
    if (!isIterator && branchesOf(loop, around) <= fewBranches) continue;
    const changed = changedPlaces(places, loop, found, tree, { keepCounters: !isIterator });
    widen(changed, loop.header, outermost(around, tree), added, ids);
  }
  const numbers = loopNumbers(f, places, found, tree);
  for (const loop of found) {
    const around = found.filter(({ blocks }) => blocks.has(loop.header));
    const before = outermost(around, tree);
    if (before === null || iterates(flow.blocks.get(loop.header))) continue;
    const limits = around.length < 2 && !isCallback ? [] : limitsOf(places, loop, numbers);
    const compared = comparedWithCounter(places, loop, numbers);
    // Each comparison multiplies the states, each of which is followed to the end.
    if (turnsWithin(loop) ** (compared.length + 1) > fewRepeated) limits.push(...compared);
    for (const limit of limits) {
      if (!added.limits.has(limit.compare))
        added.limits.set(limit.compare, hidden(limit, before, added, ids));
    }
  }
  if (added.first.size + added.limits.size === 0) return input;
  return {
    ...f,
    blocks: f.blocks.map((block) => ({
      ...block,
      instructions: [
        ...(added.first.get(block.id) ?? []),
        ...block.instructions.flatMap((each) => added.limits.get(each) ?? [each]),
        ...(added.last.get(block.id) ?? []),
      ],
    })),
  };

  function turnsOf(around: readonly Loop[]): number {
    return around.reduce((product, each) => product * constantTurns(flow, places, each), 1);
  }

  /** The turns of those of the loops in it, and itself, that make the most. */
  function turnsWithin(loop: Loop): number {
    const inner = found.filter(({ header }) => loop.blocks.has(header));
    return Math.max(...inner.map(({ header }) => turnsOf(found.filter(({ blocks }) => blocks.has(header)))));
  }

  /** The branches of all turns whose sides meet again before the turn ends. */
  function branchesOf(loop: Loop, around: readonly Loop[]): number {
    const joins = joinsIn(flow, loop, found);
    return joins === 0 ? 0 : joins * turnsOf(around);
  }
}

/** The block that runs before the outermost loop; null when the function begins with it. */
export function outermost(around: readonly Loop[], tree: Dominators): BlockId | null {
  const [outer] = around.toSorted((a, b) => b.blocks.size - a.blocks.size);
  return outer === undefined ? null : (tree.immediate.get(outer.header) ?? null);
}

/** Adds 0 to places where a block starts; the 0 is read at the end of `before`, or where it is used. */
function widen(
  changed: readonly Place[],
  at: BlockId,
  before: BlockId | null,
  { first, last }: Added,
  ids: FreshIds,
): void {
  if (changed.length === 0) return;
  const instructions: Instruction[] = [];
  const nothing = new Map<number, ValueId>();
  const nothingOf = (size: 4 | 8): ValueId => {
    const known = nothing.get(size);
    if (known !== undefined) return known;
    const { value, loaded } = loadOfNothing(size, ids);
    if (before === null) instructions.push(...loaded);
    else last.set(before, [...(last.get(before) ?? []), ...loaded]);
    nothing.set(size, value);
    return value;
  };
  for (const { base, start, width } of changed) {
    const type = width === 8 ? "i64" : "i32";
    const none = nothingOf(width === 8 ? 8 : 4);
    const [old, sum] = [ids.value(), ids.value()];
    const pointer = base.kind === "param" ? base.value : ids.value();
    if (base.kind === "slot") instructions.push(make({ op: "slot", slot: base.slot }, pointer));
    const place = { pointer, displacement: start, region: "stack" } as const;
    instructions.push(
      make({ op: "load", type, width, signed: false, ...place }, old),
      make({ op: "binary", operator: "add", type, left: old, right: none }, sum),
      make({ op: "store", width, value: sum, ...place }),
    );
  }
  first.set(at, [...instructions, ...(first.get(at) ?? [])]);
}

/** Reads the variable that is always 0: of one byte or eight as an i64. */
export function loadOfNothing(
  width: 1 | 4 | 8,
  ids: FreshIds,
): { readonly value: ValueId; readonly loaded: readonly Instruction[] } {
  const [pointer, value] = [ids.value(), ids.value()];
  const type = width === 4 ? "i32" : "i64";
  const loaded = [
    make({ op: "global", data: zero.name }, pointer),
    make({ op: "load", type, width, signed: false, pointer, displacement: 0, region: "map" }, value),
  ];
  return { value, loaded };
}

/** The comparison with its limit plus the 0 that is read at the end of `before`. */
function hidden(
  { compare, side, type }: Limit,
  before: BlockId,
  { last }: Added,
  ids: FreshIds,
): readonly Instruction[] {
  const { value: none, loaded } = loadOfNothing(type === "i64" ? 8 : 4, ids);
  last.set(before, [...(last.get(before) ?? []), ...loaded]);
  const sum = ids.value();
  const added = { op: "binary", operator: "add", type, left: compare[side], right: none } as const;
  return [make(added, sum), { ...compare, [side]: sum }];
}
