/**
 * Stack slots to values. A slot whose address is only used by loads, stores and zeroing at constant offsets is split
 * into the fields that are accessed, and each field becomes a value, with block parameters where ways meet (pruned SSA:
 * only where the field is still read, so that no parameter mixes pointers that the source did not mix).
 *
 * A slot stays in memory when its address goes anywhere else (a helper, a call, another variable), when it is accessed
 * at a variable offset, or when two accesses overlap in part. Bytes read before they are written are 0.
 */
import { type ControlFlow, controlFlow, withoutUnreachable } from "../ir/analysis/control-flow.js";
import { dominators } from "../ir/analysis/dominators.js";
import { definitions, valueTypes } from "../ir/analysis/values.js";
import { mapTargets, operandsOf, terminatorOperands } from "../ir/operations.js";
import { type FreshIds, freshIds, type Replacements, renameUses, resolve } from "../ir/rewrite.js";
import type {
  Block,
  BlockId,
  BlockParam,
  Instruction,
  IrFunction,
  IrType,
  Operation,
  SlotId,
  UnaryOp,
  ValueId,
} from "../ir/types.js";

/** Bytes of a slot that are always accessed as one. */
interface Field {
  readonly start: number;
  readonly width: number;
  readonly type: IrType;
}

/** The place that a value points to. */
interface Place {
  readonly slot: SlotId;
  readonly offset: number;
}

/** The function with every slot that can be held in values gone. `only` limits it to some slots. */
export function promoteSlots(input: IrFunction, only?: ReadonlySet<SlotId>): IrFunction {
  const f = withoutUnreachable(input);
  if (f.slots.length === 0) return f;
  const places = findPlaces(f);
  const fields = findFields(f, places, only);
  if (fields.size === 0) return f;
  return rewrite(f, places, fields);
}

/** The values that are a slot's address plus a constant. Definitions come first in this order of blocks. */
function findPlaces(f: IrFunction): Map<ValueId, Place> {
  const flow = controlFlow(f);
  const defs = definitions(f);
  const places = new Map<ValueId, Place>();
  for (const id of flow.reversePostorder) {
    for (const instruction of flow.blocks.get(id)?.instructions ?? []) {
      if (instruction.result === null) continue;
      if (instruction.op === "slot") places.set(instruction.result, { slot: instruction.slot, offset: 0 });
      if (instruction.op !== "offset") continue;
      const base = places.get(instruction.pointer);
      const bytes = defs.get(instruction.bytes);
      if (base === undefined || bytes?.op !== "const") continue;
      const offset = base.offset + Number(BigInt.asIntN(64, bytes.value));
      places.set(instruction.result, { slot: base.slot, offset });
    }
  }
  return places;
}

/** The fields of each slot that can be promoted whole. */
function findFields(
  f: IrFunction,
  places: ReadonlyMap<ValueId, Place>,
  only: ReadonlySet<SlotId> | undefined,
): Map<SlotId, Field[]> {
  const types = valueTypes(f);
  const fields = new Map<SlotId, Field[]>();
  const zeroed: { slot: SlotId; start: number; end: number }[] = [];
  for (const { id } of f.slots) if (only === undefined || only.has(id)) fields.set(id, []);
  const reject = (value: ValueId) => {
    const place = places.get(value);
    if (place !== undefined) fields.delete(place.slot);
  };
  const access = (place: Place, displacement: number, width: number, type: IrType) => {
    const known = fields.get(place.slot);
    if (known === undefined) return;
    const start = place.offset + displacement;
    const same = known.find((field) => field.start < start + width && start < field.start + field.width);
    const fieldType = type === "ptr" ? "ptr" : width === 8 ? "i64" : "i32";
    if (same === undefined) known.push({ start, width, type: fieldType });
    else if (same.start !== start || same.width !== width || same.type !== fieldType)
      fields.delete(place.slot);
  };
  for (const block of f.blocks) {
    for (const instruction of block.instructions) {
      const place = "pointer" in instruction ? places.get(instruction.pointer) : undefined;
      if (instruction.op === "load" && place !== undefined) {
        access(place, instruction.displacement, instruction.width, instruction.type);
      } else if (instruction.op === "store") {
        reject(instruction.value);
        const type = types.get(instruction.value) ?? "i64";
        if (place !== undefined) access(place, instruction.displacement, instruction.width, type);
      } else if (instruction.op === "zero" && place !== undefined) {
        const start = place.offset + instruction.displacement;
        zeroed.push({ slot: place.slot, start, end: start + instruction.size });
      } else if (
        instruction.op !== "offset" ||
        instruction.result === null ||
        !places.has(instruction.result)
      ) {
        operandsOf(instruction).forEach(reject);
      }
    }
    terminatorOperands(block.terminator).forEach(reject);
  }
  for (const { slot, start, end } of zeroed) {
    const cut = fields
      .get(slot)
      ?.some(
        (field) => start < field.start + field.width && field.start < end && !contains(start, end, field),
      );
    if (cut === true) fields.delete(slot);
  }
  return fields;
}

function contains(start: number, end: number, field: Field): boolean {
  return start <= field.start && field.start + field.width <= end;
}

/** One field that becomes values. */
interface Variable extends Field {
  readonly slot: SlotId;
}

function rewrite(
  f: IrFunction,
  places: ReadonlyMap<ValueId, Place>,
  fields: ReadonlyMap<SlotId, readonly Field[]>,
): IrFunction {
  const flow = controlFlow(f);
  const tree = dominators(flow);
  const ids = freshIds(f);
  const variables = [...fields].flatMap(([slot, list]) =>
    list.map((field): Variable => ({ ...field, slot })),
  );
  const variablesOf = (instruction: Instruction): readonly Variable[] => {
    if (instruction.op !== "load" && instruction.op !== "store" && instruction.op !== "zero") return [];
    const place = places.get(instruction.pointer);
    if (place === undefined || !fields.has(place.slot)) return [];
    const start = place.offset + instruction.displacement;
    const end = start + (instruction.op === "zero" ? instruction.size : instruction.width);
    return variables.filter((variable) => variable.slot === place.slot && contains(start, end, variable));
  };
  const joins = placeParams(flow, tree.frontier, variables, variablesOf, ids);
  const types = valueTypes(f);
  const names = new Map(f.names);
  const slotNames = new Map(f.slots.map(({ id, name, size }) => [id, { name, size }]));
  /** A value that a whole variable is made of goes by its name; a field of a larger one has none. */
  const nameAfter = (value: ValueId, variable: Variable): void => {
    const slot = slotNames.get(variable.slot);
    if (slot !== undefined && slot.size === variable.width && !names.has(value)) names.set(value, slot.name);
  };

  const replacements: Replacements = new Map();
  const rewritten = new Map<BlockId, Block>();
  const zeros = new Map<IrType, ValueId>();
  const entryInstructions: Instruction[] = [];
  /** What a field holds before anything was written to it. Made once, in the entry. */
  const undefinedValue = (type: IrType): ValueId => {
    const known = zeros.get(type);
    if (known !== undefined) return known;
    const result = ids.value();
    zeros.set(type, result);
    entryInstructions.push({ op: "const", type, value: 0n, result, location: null });
    return result;
  };

  const visit = (id: BlockId, inherited: ReadonlyMap<Variable, ValueId>): ReadonlyMap<Variable, ValueId> => {
    const block = flow.blocks.get(id);
    const current = new Map(inherited);
    if (block === undefined) return current;
    const params: BlockParam[] = [...block.params];
    for (const [variable, param] of joins.get(id) ?? []) {
      params.push({ id: param, type: variable.type });
      nameAfter(param, variable);
      current.set(variable, param);
    }
    const instructions: Instruction[] = [];
    const emit = (operation: Operation, like: Instruction): ValueId => {
      const result = ids.value();
      instructions.push({ ...operation, result, location: like.location });
      return result;
    };
    for (const instruction of block.instructions) {
      const place = instruction.result === null ? undefined : places.get(instruction.result);
      if (place !== undefined && fields.has(place.slot)) continue;
      const touched = variablesOf(instruction);
      const [variable] = touched;
      if (instruction.op === "load" && variable !== undefined && instruction.result !== null) {
        const held = current.get(variable) ?? undefinedValue(variable.type);
        const convert = loadConversions(instruction.width, instruction.signed, instruction.type);
        const value = convert.reduce(
          (operand, { operator, type }) => emit({ op: "unary", operator, type, operand }, instruction),
          held,
        );
        nameAfter(value, variable);
        replacements.set(instruction.result, value);
      } else if (instruction.op === "store" && variable !== undefined) {
        const value = resolve(replacements, instruction.value);
        const narrow = variable.type === "i32" && types.get(instruction.value) === "i64";
        current.set(
          variable,
          narrow
            ? emit({ op: "unary", operator: "trunc32", type: "i32", operand: value }, instruction)
            : value,
        );
      } else if (
        instruction.op === "zero" &&
        places.has(instruction.pointer) &&
        isGone(instruction.pointer)
      ) {
        for (const each of touched) {
          current.set(each, emit({ op: "const", type: each.type, value: 0n }, instruction));
        }
      } else instructions.push(instruction);
    }
    const terminator = mapTargets(block.terminator, (target) => {
      const added = [...(joins.get(target.block)?.keys() ?? [])].map(
        (variable) => current.get(variable) ?? undefinedValue(variable.type),
      );
      return added.length === 0 ? target : { ...target, args: [...target.args, ...added] };
    });
    rewritten.set(id, { ...block, params, instructions, terminator });
    return current;
  };
  const isGone = (pointer: ValueId) => {
    const place = places.get(pointer);
    return place !== undefined && fields.has(place.slot);
  };
  const stack = [{ id: flow.entry, inherited: new Map() as ReadonlyMap<Variable, ValueId> }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const current = visit(next.id, next.inherited);
    for (const child of tree.children.get(next.id) ?? []) stack.push({ id: child, inherited: current });
  }

  const blocks = f.blocks.map((block) => rewritten.get(block.id) ?? block);
  return {
    ...f,
    ...(names.size > 0 && { names }),
    slots: f.slots.filter((slot) => !fields.has(slot.id)),
    blocks: blocks
      .map((block, index) =>
        index === 0 ? { ...block, instructions: [...entryInstructions, ...block.instructions] } : block,
      )
      .map((block) => renameUses(block, (value) => resolve(replacements, value))),
  };
}

/** How the value of a field, whose bits above its width are anything, becomes the value of a load. */
export function loadConversions(
  width: number,
  signed: boolean,
  type: IrType,
): readonly { readonly operator: UnaryOp; readonly type: IrType }[] {
  if (width === 8) return [];
  const steps: { operator: UnaryOp; type: IrType }[] = [];
  if (width === 1) steps.push({ operator: signed ? "sext8" : "zext8", type: "i32" });
  if (width === 2) steps.push({ operator: signed ? "sext16" : "zext16", type: "i32" });
  if (type === "i64") steps.push({ operator: signed ? "sext32" : "zext32", type: "i64" });
  return steps;
}

/** Where each variable needs a block parameter: the iterated dominance frontier of its writes, where it is still read. */
function placeParams(
  flow: ControlFlow,
  frontier: ReadonlyMap<BlockId, ReadonlySet<BlockId>>,
  variables: readonly Variable[],
  variablesOf: (instruction: Instruction) => readonly Variable[],
  ids: FreshIds,
): Map<BlockId, Map<Variable, ValueId>> {
  const writes = new Map<Variable, Set<BlockId>>(variables.map((variable) => [variable, new Set()]));
  const readFirst = new Map<Variable, Set<BlockId>>(variables.map((variable) => [variable, new Set()]));
  for (const block of flow.blocks.values()) {
    for (const instruction of block.instructions) {
      for (const variable of variablesOf(instruction)) {
        if (instruction.op !== "load") writes.get(variable)?.add(block.id);
        else if (writes.get(variable)?.has(block.id) !== true) readFirst.get(variable)?.add(block.id);
      }
    }
  }
  const joins = new Map<BlockId, Map<Variable, ValueId>>();
  for (const variable of variables) {
    const written = writes.get(variable) ?? new Set<BlockId>();
    const live = new Set<BlockId>();
    const needed = [...(readFirst.get(variable) ?? [])];
    for (let id = needed.pop(); id !== undefined; id = needed.pop()) {
      if (live.has(id)) continue;
      live.add(id);
      needed.push(...(flow.predecessors.get(id) ?? []).filter((from) => !written.has(from)));
    }
    const pending = [...written];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      for (const join of frontier.get(id) ?? []) {
        const params = joins.get(join) ?? new Map<Variable, ValueId>();
        if (!live.has(join) || params.has(variable)) continue;
        params.set(variable, ids.value());
        joins.set(join, params);
        pending.push(join);
      }
    }
  }
  return joins;
}
