/**
 * Store-to-load forwarding: forward data flow of what the bytes of stack slots are known to hold. A load of bytes that
 * were stored, zeroed or loaded as one before, on every way, becomes that value. A copy between slots hands on what is
 * known. What a block begins with is what all its predecessors end with; round a loop nothing is known.
 */
import { controlFlow } from "../ir/analysis/control-flow.js";
import { valueTypes } from "../ir/analysis/values.js";
import { mapOperands, resultType } from "../ir/operations.js";
import { freshIds, type Replacements, replaceUses, resolve } from "../ir/rewrite.js";
import type { Block, BlockId, Instruction, IrFunction, Operation, SlotId, ValueId } from "../ir/types.js";
import { loadConversions } from "./promote-slots.js";
import { type SlotAccesses, slotAccesses } from "./slot-accesses.js";

/** Bytes from `start` to `end` hold the low bytes of a value, or zeros. */
interface Held {
  readonly slot: SlotId;
  readonly start: number;
  readonly end: number;
  readonly value: ValueId | null;
}

type Load = Extract<Instruction, { op: "load" }>;

/** The function with loads from stack slots replaced by what was stored there. */
export function forwardStores(f: IrFunction): IrFunction {
  if (f.slots.length === 0) return f;
  const accesses = slotAccesses(f);
  const flow = controlFlow(f);
  const types = valueTypes(f);
  const ids = freshIds(f);
  const replacements: Replacements = new Map();
  const ends = new Map<BlockId, readonly Held[]>();
  const rewritten = new Map<BlockId, Block>();

  for (const id of flow.reversePostorder) {
    const block = flow.blocks.get(id);
    if (block === undefined) continue;
    let held = agreed((flow.predecessors.get(id) ?? []).map((from) => ends.get(from)));
    const instructions: Instruction[] = [];
    const emit = (operation: Operation, like: Instruction): ValueId => {
      const result = ids.value();
      instructions.push({ ...operation, result, location: like.location });
      const type = resultType(operation);
      if (type !== null) types.set(result, type);
      return result;
    };
    for (const original of block.instructions) {
      const instruction = mapOperands(original, (value) => resolve(replacements, value));
      if (instruction.op === "load" && instruction.result !== null) {
        const value = loaded(instruction, held, accesses, types, emit);
        if (value !== null) {
          replacements.set(instruction.result, value);
          continue;
        }
      }
      held = after(instruction, held, accesses);
      instructions.push(instruction);
    }
    ends.set(id, held);
    rewritten.set(id, { ...block, instructions });
  }
  const blocks = f.blocks.map((block) => rewritten.get(block.id) ?? block);
  return replaceUses({ ...f, blocks }, replacements);
}

const sameHeld = (a: Held, b: Held) =>
  a.slot === b.slot && a.start === b.start && a.end === b.end && a.value === b.value;

function agreed(ends: readonly (readonly Held[] | undefined)[]): readonly Held[] {
  const [first, ...others] = ends;
  if (first === undefined) return [];
  return first.filter((held) => others.every((end) => end?.some((other) => sameHeld(held, other)) === true));
}

/** What is known behind an instruction. */
function after(instruction: Instruction, before: readonly Held[], accesses: SlotAccesses): readonly Held[] {
  const effects = accesses.effectsOf(instruction);
  if (effects.length === 0) return before;
  let held = before;
  for (const { kind, slot, start, end } of effects) {
    if (kind !== "read") held = held.flatMap((each) => without(each, { slot, start, end }));
  }
  const written = effects.find(({ kind }) => kind === "write");
  if (instruction.op === "store" && written !== undefined)
    return [...held, { ...rangeOf(written), value: instruction.value }];
  if (instruction.op === "zero" && written !== undefined)
    return [...held, { ...rangeOf(written), value: null }];
  const read = effects.find(({ kind }) => kind === "read");
  if (instruction.op === "load" && read !== undefined && !instruction.signed)
    return [...held, { ...rangeOf(read), value: instruction.result }];
  if (instruction.op !== "copy" || written === undefined || read === undefined) return held;
  if (accesses.placeOf(instruction.source)?.offset === null) return held;
  const distance = written.start - read.start;
  const handed = before
    .filter((each) => each.slot === read.slot && read.start <= each.start && each.end <= read.end)
    .map((each) => ({
      ...each,
      slot: written.slot,
      start: each.start + distance,
      end: each.end + distance,
    }));
  return [...held, ...handed];
}

/** What is left of a range when another was written. Of zeros the parts beside it are still zeros. */
function without(held: Held, written: Omit<Held, "value">): readonly Held[] {
  if (held.slot !== written.slot || held.end <= written.start || written.end <= held.start) return [held];
  if (held.value !== null) return [];
  return [
    { ...held, end: written.start },
    { ...held, start: written.end },
  ].filter(({ start, end }) => start < end);
}

function rangeOf({ slot, start, end }: Held | Omit<Held, "value">): Omit<Held, "value"> {
  return { slot, start, end };
}

/** The value that a load gives, when it is known. */
function loaded(
  load: Load,
  held: readonly Held[],
  accesses: SlotAccesses,
  types: ReadonlyMap<ValueId, string>,
  emit: (operation: Operation, like: Instruction) => ValueId,
): ValueId | null {
  const place = accesses.placeOf(load.pointer);
  if (place === undefined || place.offset === null) return null;
  const start = place.offset + load.displacement;
  const end = start + load.width;
  const inSlot = held.filter((each) => each.slot === place.slot);
  const { type, width, signed } = load;
  if (type !== "ptr" && inSlot.some((each) => each.value === null && each.start <= start && end <= each.end))
    return emit({ op: "const", type, value: 0n }, load);
  const known = inSlot.find((each) => each.start === start && each.end === end)?.value;
  if (known === undefined || known === null) return null;
  const from = types.get(known);
  if (from === "ptr" || type === "ptr" || width === 8)
    return from === type && width === (type === "i32" ? 4 : 8) ? known : null;
  const low =
    from === "i64" ? emit({ op: "unary", operator: "trunc32", type: "i32", operand: known }, load) : known;
  return loadConversions(width, signed, type).reduce(
    (operand, step) => emit({ op: "unary", operator: step.operator, type: step.type, operand }, load),
    low,
  );
}
