/**
 * Numbers of fewer than 8 bytes that a callback shares with its caller, in 8 bytes of their own. They stay in memory, and there the verifier
 * forgets a number that is stored in fewer than 8 bytes before Linux 5.16, and on newer kernels where they do not begin an aligned 8 bytes
 * (`check_stack_write_fixed_off`): an index that was masked before the loop would have no bounds, and a counter would never reach its end.
 */
import { valueTypes } from "../../ir/analysis/values.js";
import { operandsOf, terminatorOperands } from "../../ir/operations.js";
import { type FreshIds, freshIds } from "../../ir/rewrite.js";
import type { Instruction, IrFunction, IrType, SlotId, UnaryOp, ValueId } from "../../ir/types.js";
import { make } from "./region.js";

type Width = 1 | 2 | 4 | 8;

const zeroExtensions: Readonly<Record<Width, UnaryOp | null>> = { 1: "zext8", 2: "zext16", 4: null, 8: null };
const signExtensions: Readonly<Record<Width, UnaryOp | null>> = { 1: "sext8", 2: "sext16", 4: null, 8: null };

/** The function with those of the slots in 8 bytes each that are only loaded and stored, always as a whole. */
export function makeSlotsWhole(f: IrFunction, wanted: ReadonlySet<SlotId>): IrFunction {
  const sizes = new Map(f.slots.map(({ id, size }) => [id, size]));
  const slots = new Set([...scalarSlots(f, wanted)].filter((slot) => sizes.get(slot) !== 8));
  if (slots.size === 0) return f;
  const addresses = addressesOf(f, slots);
  const types = valueTypes(f);
  const ids = freshIds(f);
  const widen = (each: Instruction): Instruction[] => {
    if (each.op === "store" && addresses.has(each.pointer))
      return widenStore(each, types.get(each.value) ?? "i64", ids);
    return each.op === "load" && addresses.has(each.pointer) ? widenLoad(each, ids) : [each];
  };
  return {
    ...f,
    slots: f.slots.map((slot) => (slots.has(slot.id) ? { ...slot, size: 8, align: 8 } : slot)),
    blocks: f.blocks.map((block) => ({ ...block, instructions: block.instructions.flatMap(widen) })),
  };
}

/** Those of the slots that hold one number or pointer each: nothing but loads and stores of all their bytes names them. */
export function scalarSlots(f: IrFunction, wanted: ReadonlySet<SlotId>): Set<SlotId> {
  const small = f.slots.filter(({ id, size }) => wanted.has(id) && size <= 8);
  const sizes = new Map(small.map(({ id, size }) => [id, size]));
  const slots = new Set(sizes.keys());
  const addresses = addressesOf(f, slots);
  const refuse = (value: ValueId): void => {
    const slot = addresses.get(value);
    if (slot !== undefined) slots.delete(slot);
  };
  for (const { instructions, terminator } of f.blocks) {
    for (const each of instructions) {
      const isAccess = each.op === "load" || each.op === "store";
      const slot = isAccess ? addresses.get(each.pointer) : undefined;
      const isWhole =
        isAccess && slot !== undefined && each.displacement === 0 && each.width === sizes.get(slot);
      for (const operand of operandsOf(each))
        if (!isWhole || (each.op === "store" && operand === each.value)) refuse(operand);
    }
    terminatorOperands(terminator).forEach(refuse);
  }
  return slots;
}

/** The values that are the addresses of the slots. */
export function addressesOf(f: IrFunction, slots: ReadonlySet<SlotId>): Map<ValueId, SlotId> {
  const addresses = new Map<ValueId, SlotId>();
  for (const { instructions } of f.blocks)
    for (const each of instructions)
      if (each.op === "slot" && each.result !== null && slots.has(each.slot))
        addresses.set(each.result, each.slot);
  return addresses;
}

/** Stores all of the number: of one that is wider than its variable the low bytes. */
function widenStore(
  store: Extract<Instruction, { op: "store" }>,
  type: IrType,
  ids: FreshIds,
): Instruction[] {
  const { location } = store;
  const added: Instruction[] = [];
  const unary = (operator: UnaryOp, to: "i32" | "i64", operand: ValueId): ValueId => {
    const result = ids.value();
    added.push({ op: "unary", operator, type: to, operand, result, location });
    return result;
  };
  let { value } = store;
  if (type === "i64") value = unary("trunc32", "i32", value);
  const extension = zeroExtensions[store.width];
  if (extension !== null) value = unary(extension, "i32", value);
  value = unary("zext32", "i64", value);
  return [...added, { ...store, width: 8, value }];
}

function widenLoad(load: Extract<Instruction, { op: "load" }>, ids: FreshIds): Instruction[] {
  const { location, result } = load;
  if (result === null) return [];
  const all = ids.value();
  const steps: [UnaryOp, "i32" | "i64"][] = [["trunc32", "i32"]];
  const extension = load.signed ? signExtensions[load.width] : null;
  if (extension !== null) steps.push([extension, "i32"]);
  if (load.type === "i64") steps.push([load.signed ? "sext32" : "zext32", "i64"]);
  const instructions: Instruction[] = [{ ...load, type: "i64", width: 8, signed: false, result: all }];
  let operand = all;
  steps.forEach(([operator, type], index) => {
    const made = index === steps.length - 1 ? result : ids.value();
    instructions.push({ ...make({ op: "unary", operator, type, operand }, made), location });
    operand = made;
  });
  return instructions;
}
