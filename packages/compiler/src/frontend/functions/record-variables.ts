/** Variables that hold a ring buffer record, as they are before the passes take variables away. */
import { operandsOf, terminatorOperands } from "../../ir/operations.js";
import type { Block, Instruction, IrFunction, SlotId, ValueId } from "../../ir/types.js";

/** What makes each value. */
export type Definitions = ReadonlyMap<ValueId, Instruction>;

/** The slot whose start a pointer is; null for any other. */
export function slotAt(definitions: Definitions, pointer: ValueId): SlotId | null {
  const made = definitions.get(pointer);
  return made?.op === "slot" ? made.slot : null;
}

/**
 * The variable that a record is kept in, when it is kept in one only and nothing keeps what is read from that. So long as the
 * variable is given no other value, what is read from it is the record, and afterwards nobody has the record.
 */
export function variableOf(f: IrFunction, record: ValueId, definitions: Definitions): SlotId | null {
  const [first, ...more] = f.blocks.flatMap(({ instructions }) =>
    instructions.flatMap((item) => (item.op === "store" && item.value === record ? [item] : [])),
  );
  const variable = first?.displacement === 0 ? slotAt(definitions, first.pointer) : null;
  if (variable === null || more.length > 0) return null;
  return f.blocks.every((block) => keepsNothing(block, variable, definitions)) ? variable : null;
}

/** Whether what a block reads from a variable is used in it before the variable is written again, and goes nowhere. */
function keepsNothing(block: Block, variable: SlotId, definitions: Definitions): boolean {
  const isAddress = (value: ValueId): boolean => slotAt(definitions, value) === variable;
  const isRead = (value: ValueId): boolean => {
    const made = definitions.get(value);
    if (made?.op === "offset") return isRead(made.pointer);
    return made?.op === "load" && isAddress(made.pointer);
  };
  const fresh = new Set<ValueId>();
  for (const item of block.instructions) {
    const operands = operandsOf(item);
    if (operands.some((value) => isRead(value) && !fresh.has(value))) return false;
    const isAccess = item.op === "load" || item.op === "store";
    if (operands.some(isAddress) && (!isAccess || (item.op === "store" && isAddress(item.value))))
      return false;
    if (item.op === "call" && operands.some(isRead)) return false;
    if (item.op === "store" && isRead(item.value)) return false;
    if (item.result !== null && isRead(item.result)) fresh.add(item.result);
    if (item.op === "store" && isAddress(item.pointer)) fresh.clear();
  }
  return !terminatorOperands(block.terminator).some((value) => isRead(value) || isAddress(value));
}
