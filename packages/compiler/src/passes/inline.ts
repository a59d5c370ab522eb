/**
 * Inlining, callees first, and removal of functions that no program calls.
 *
 * A function must be inlined when it says "always", and also when it takes or returns pointers and does not say
 * "never": the verifier keeps what it knows of a pointer across a call between BPF functions only in part (contexts and
 * stack pass, returned packet pointers do not). Others are inlined when they are small or have a single call.
 */
import { mapOperands, mapTargets, mapTerminatorOperands } from "../ir/operations.js";
import { type FreshIds, freshIds } from "../ir/rewrite.js";
import type { Block, BlockId, Instruction, IrFunction, Module, SlotId, ValueId } from "../ir/types.js";

/** How ready to inline: "required" takes only what must be, "small" also what pays. */
export type InlineMode = "required" | "small";

/** A function of at most this many instructions is about as long as the call and the moves around it. */
const smallSize = 12;

/** The module with calls replaced by the bodies of their callees, and without functions that no program reaches. */
export function inlineCalls(module: Module, mode: InlineMode): Module {
  const counts = callCounts(module.functions);
  const done = new Map<string, IrFunction>();
  for (const name of calleesFirst(module.functions)) {
    const f = module.functions.find((each) => each.name === name);
    if (f === undefined) continue;
    // A callee that is not done yet is part of a cycle, which the frontend reports; it stays a call.
    done.set(
      name,
      inlineInto(f, (callee) => {
        const body = done.get(callee);
        return body !== undefined && wants(body, mode, counts.get(callee) ?? 0) ? body : null;
      }),
    );
  }
  return removeDeadFunctions({ ...module, functions: module.functions.map((f) => done.get(f.name) ?? f) });
}

/** The module without subprograms that no program reaches; all of it when it has no program. */
export function removeDeadFunctions(module: Module): Module {
  const byName = new Map(module.functions.map((f) => [f.name, f]));
  const programs = module.functions.filter((f) => f.section !== null);
  if (programs.length === 0) return module;
  const reached = new Set(programs.map((f) => f.name));
  for (const name of reached) for (const callee of callsOf(byName.get(name))) reached.add(callee);
  return { ...module, functions: module.functions.filter((f) => reached.has(f.name)) };
}

function wants(f: IrFunction, mode: InlineMode, calls: number): boolean {
  if (f.inline === "never" || f.linkage === "global") return false;
  const pointers = f.returns === "ptr" || f.blocks[0]?.params.some(({ type }) => type === "ptr") === true;
  if (f.inline === "always" || pointers) return true;
  const size = f.blocks.reduce((sum, block) => sum + block.instructions.length + 1, 0);
  return mode === "small" && (calls === 1 || size <= smallSize);
}

function callsOf(f: IrFunction | undefined): string[] {
  const instructions = f?.blocks.flatMap((block) => block.instructions) ?? [];
  return instructions.flatMap((instruction) => {
    if (instruction.op === "function") return [instruction.function];
    return instruction.op === "call" ? [instruction.callee] : [];
  });
}

function callCounts(functions: readonly IrFunction[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const callee of functions.flatMap(callsOf)) counts.set(callee, (counts.get(callee) ?? 0) + 1);
  return counts;
}

function calleesFirst(functions: readonly IrFunction[]): string[] {
  const byName = new Map(functions.map((f) => [f.name, f]));
  const order = new Set<string>();
  const open = new Set<string>();
  const visit = (name: string) => {
    if (open.has(name)) return;
    open.add(name);
    for (const callee of callsOf(byName.get(name))) visit(callee);
    order.add(name);
  };
  for (const { name } of functions) visit(name);
  return [...order];
}

function inlineInto(f: IrFunction, bodyOf: (callee: string) => IrFunction | null): IrFunction {
  const ids = freshIds(f);
  const slots = [...f.slots];
  const names = new Map(f.names);
  const blocks: Block[] = [];
  for (const original of f.blocks) {
    let open = { id: original.id, params: original.params, instructions: [] as Instruction[] };
    for (const instruction of original.instructions) {
      const body = instruction.op === "call" ? bodyOf(instruction.callee) : null;
      if (instruction.op !== "call" || body === null) {
        open.instructions.push(instruction);
        continue;
      }
      const after = ids.block();
      const copy = copyBody(body, after, instruction.result !== null, ids);
      slots.push(...copy.slots);
      for (const [value, name] of copy.names) names.set(value, name);
      const target = { block: copy.entry, args: instruction.args };
      const { location } = instruction;
      blocks.push({ ...open, terminator: { op: "jump", target, location } }, ...copy.blocks);
      const { result, type } = instruction;
      const params = result === null || type === null ? [] : [{ id: result, type }];
      open = { id: after, params, instructions: [] };
    }
    blocks.push({ ...open, terminator: original.terminator });
  }
  return { ...f, slots, blocks, ...(names.size > 0 && { names }) };
}

/** The blocks of a function with new names, going on to `after` where it returned. */
function copyBody(body: IrFunction, after: BlockId, returnsValue: boolean, ids: FreshIds) {
  const values = new Map<ValueId, ValueId>();
  const blockIds = new Map<BlockId, BlockId>();
  const slotIds = new Map<SlotId, SlotId>();
  for (const slot of body.slots) slotIds.set(slot.id, ids.slot());
  for (const block of body.blocks) {
    blockIds.set(block.id, ids.block());
    for (const { id } of block.params) values.set(id, ids.value());
    for (const { result } of block.instructions) if (result !== null) values.set(result, ids.value());
  }
  const value = (id: ValueId) => values.get(id) ?? id;
  const blockId = (id: BlockId) => blockIds.get(id) ?? id;
  const blocks = body.blocks.map((block): Block => {
    const { terminator } = block;
    const instructions = block.instructions.map((instruction): Instruction => {
      const renamed = mapOperands(instruction, value);
      const result = instruction.result === null ? null : value(instruction.result);
      if (renamed.op === "slot")
        return { ...renamed, result, slot: slotIds.get(renamed.slot) ?? renamed.slot };
      return { ...renamed, result };
    });
    const args =
      terminator.op === "return" && terminator.value !== null && returnsValue
        ? [value(terminator.value)]
        : [];
    return {
      id: blockId(block.id),
      params: block.params.map((param) => ({ ...param, id: value(param.id) })),
      instructions,
      terminator:
        terminator.op === "return"
          ? { op: "jump", target: { block: after, args }, location: terminator.location }
          : mapTargets(mapTerminatorOperands(terminator, value), (target) => ({
              ...target,
              block: blockId(target.block),
            })),
    };
  });
  const slots = body.slots.map((slot) => ({ ...slot, id: slotIds.get(slot.id) ?? slot.id }));
  const [first] = body.blocks;
  const names = [...(body.names ?? [])].map(([id, name]) => [value(id), name] as const);
  return { blocks, slots, names, entry: first === undefined ? after : blockId(first.id) };
}
