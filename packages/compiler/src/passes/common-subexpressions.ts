/**
 * Common subexpressions: dominator-tree value numbering. An operation that a dominating one has computed from the same
 * operands is replaced by its result, so that one value holds what was checked and what is used.
 *
 * Loads are merged where nothing can have changed what they read: from read-only data always; from the context at a
 * constant displacement of the context pointer itself, as long as no helper that moves packet memory, no call and no
 * store to the context lies on any way between (the verifier forgets packet pointers there, and so must we). Pointers to the packet are
 * read anew in each turn of a loop with branches: how far the packet was checked would else tell the verifier's paths apart.
 */
import { helperByName } from "@waggle/object";
import { type ControlFlow, controlFlow } from "../ir/analysis/control-flow.js";
import { dominators } from "../ir/analysis/dominators.js";
import { joinsIn, loops } from "../ir/analysis/loops.js";
import { definitions } from "../ir/analysis/values.js";
import { isPure, mapOperands } from "../ir/operations.js";
import { typeSignature } from "../ir/print-type.js";
import { type Replacements, replaceUses, resolve } from "../ir/rewrite.js";
import type { Block, BlockId, Instruction, IrFunction, ValueId } from "../ir/types.js";

/** The function with repeated computations gone; their first results serve all. */
export function mergeCommonSubexpressions(f: IrFunction): IrFunction {
  const flow = controlFlow(f);
  const tree = dominators(flow);
  const epochs = contextEpochs(flow);
  const all = loops(flow, tree);
  const branching = new Set(all.filter((loop) => joinsIn(flow, loop, all) > 0).map(({ header }) => header));
  const defs = definitions(f);
  const replacements: Replacements = new Map();
  const rewritten = new Map<BlockId, Block>();

  const visit = (id: BlockId, inherited: ReadonlyMap<string, ValueId>): ReadonlyMap<string, ValueId> => {
    const block = flow.blocks.get(id);
    if (block === undefined) return inherited;
    const available = new Map(inherited);
    if (branching.has(id))
      for (const key of inherited.keys()) if (key.startsWith(pointerLoad)) available.delete(key);
    let epoch = epochs.get(id) ?? "";
    const instructions: Instruction[] = [];
    block.instructions.forEach((original, index) => {
      const instruction = mapOperands(original, (value) => resolve(replacements, value));
      if (changesContext(instruction)) epoch = `b${id}:${index}`;
      const key = keyOf(instruction, epoch, defs);
      const known = key === null ? undefined : available.get(key);
      if (known !== undefined && instruction.result !== null) {
        replacements.set(instruction.result, known);
        return;
      }
      if (key !== null && instruction.result !== null) available.set(key, instruction.result);
      instructions.push(instruction);
    });
    rewritten.set(id, { ...block, instructions });
    return available;
  };
  const stack = [{ id: flow.entry, inherited: new Map() as ReadonlyMap<string, ValueId> }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const inherited = visit(next.id, next.inherited);
    for (const child of tree.children.get(next.id) ?? []) stack.push({ id: child, inherited });
  }
  return replaceUses(
    { ...f, blocks: f.blocks.flatMap((block) => rewritten.get(block.id) ?? []) },
    replacements,
  );
}

/** How the keys of loads that give pointers begin. */
const pointerLoad = "load ptr ";

const commutative: ReadonlySet<string> = new Set(["add", "mul", "and", "or", "xor", "eq", "ne"]);

/** Equal keys compute equal values; null for what may not be merged. */
function keyOf(
  instruction: Instruction,
  epoch: string,
  defs: ReadonlyMap<ValueId, Instruction>,
): string | null {
  if (instruction.op === "load") {
    const { type, width, signed, pointer, displacement, region } = instruction;
    const place = `load ${type} ${width} ${signed} v${pointer} ${displacement}`;
    if (region === "readonly") return place;
    return region === "context" && defs.get(pointer)?.op !== "offset" ? `${place} ${epoch}` : null;
  }
  if (!isPure(instruction)) return null;
  switch (instruction.op) {
    case "const":
      return `const ${instruction.type} ${instruction.value}`;
    case "binary":
    case "compare": {
      const { operator, left, right } = instruction;
      const [a, b] = commutative.has(operator) && right < left ? [right, left] : [left, right];
      return `${operator} ${a} ${b}`;
    }
    case "unary":
      return `${instruction.operator} ${instruction.operand}`;
    case "offset":
      return `offset ${instruction.pointer} ${instruction.bytes}`;
    case "slot":
      return `slot ${instruction.slot}`;
    case "map":
      return `map ${instruction.map}`;
    case "global":
      return `global ${instruction.data}`;
    case "function":
      return `function ${instruction.function}`;
    case "relocated": {
      const { kind, root, access, fallback } = instruction.relocation;
      return `relocated ${instruction.type} ${kind} ${access} ${fallback} ${typeSignature(root)}`;
    }
    default:
      return null;
  }
}

/** Helpers that run a function of the module, which may do anything. */
const callsBack: ReadonlySet<string> = new Set([
  "bpf_loop",
  "bpf_for_each_map_elem",
  "bpf_find_vma",
  "bpf_user_ringbuf_drain",
]);

/** Whether packet pointers that were loaded from the context are worth nothing after this. */
function changesContext(instruction: Instruction): boolean {
  switch (instruction.op) {
    case "helper":
      // A helper that the table does not know may do anything.
      return callsBack.has(instruction.helper) || (helperByName(instruction.helper)?.changesPacket ?? true);
    case "call":
    case "kfunc":
      return true;
    case "store":
    case "zero":
      return instruction.region === "context" || instruction.region === "unknown";
    case "copy":
      return instruction.targetRegion === "context" || instruction.targetRegion === "unknown";
    default:
      return false;
  }
}

/** A name for the state of the context on entry to each block: equal names, equal state. */
function contextEpochs(flow: ControlFlow): Map<BlockId, string> {
  const ends = new Map<BlockId, string>();
  const starts = new Map<BlockId, string>();
  const lastChange = new Map<BlockId, number>();
  for (const { id, instructions } of flow.blocks.values()) {
    lastChange.set(id, instructions.findLastIndex(changesContext));
  }
  const never = [...lastChange.values()].every((index) => index < 0);
  for (const id of flow.reversePostorder) {
    const predecessors = flow.predecessors.get(id) ?? [];
    const [first] = predecessors;
    const agreed = first === undefined ? undefined : ends.get(first);
    // A predecessor without an end yet is a back edge: what happens in the loop is not known here.
    const same = agreed !== undefined && predecessors.every((from) => ends.get(from) === agreed);
    const start = never || predecessors.length === 0 ? "start" : same ? agreed : `b${id}`;
    const change = lastChange.get(id) ?? -1;
    starts.set(id, start);
    ends.set(id, change < 0 ? start : `b${id}:${change}`);
  }
  return starts;
}
