/**
 * Offsets into a packet that the verifier is not to know. It knows the counter of a loop that it walks, so that `ctx.at(counter)` is a pointer
 * at a constant offset, and the comparison with the packet's end then tells it of every pointer into the packet at a constant offset how
 * much may be read there (`find_good_pkt_pointers` in kernel/bpf/verifier.c): one byte more in every turn. Where such a pointer is in use
 * while a loop runs, no two paths meet in one state, and 40 turns with a branch are a million instructions.
 *
 * A number of 0 or 1, which is always 0 and which the verifier cannot see through, is added to such offsets: what is compared is then a
 * pointer of its own. The sum is as good as the offset, up to the 65,535 bytes that the verifier follows. After all other passes, as these
 * would take the sum apart, or no longer see that two offsets are the same.
 */
import { controlFlow } from "../ir/analysis/control-flow.js";
import { dominators } from "../ir/analysis/dominators.js";
import { type Loop, loops } from "../ir/analysis/loops.js";
import { definitions, liveness } from "../ir/analysis/values.js";
import { freshIds } from "../ir/rewrite.js";
import type { BlockId, Instruction, IrFunction, Module, ValueId } from "../ir/types.js";
import { knownValues } from "../verifier/known-values.js";
import { make } from "./loops/region.js";
import { loadOfNothing, outermost, withFunctions } from "./widen-loops.js";

/** The module whose loops access packets at offsets that the verifier does not know. */
export const hideOffsets = (module: Module): Module => withFunctions(module, module.functions.map(hideIn));

function hideIn(f: IrFunction): IrFunction {
  const flow = controlFlow(f);
  const tree = dominators(flow);
  const found = loops(flow, tree);
  if (found.length === 0) return f;
  const defs = definitions(f);
  const known = knownValues(f, flow, found);
  const { liveIn } = liveness(flow);
  // The parameter of a program is its context.
  const unknown = new Set(
    f.blocks.flatMap(({ id: block, params }) =>
      block === flow.entry && f.section !== null
        ? []
        : params.flatMap(({ id, type }) => (type === "ptr" ? [id] : [])),
    ),
  );
  const packets = packetsIn(f, defs);
  const inUse = new Set(found.filter(keepsReference));
  const ids = freshIds(f);
  const last = new Map<BlockId, Instruction[]>();
  const hidden = new Map<Instruction, readonly Instruction[]>();
  for (const block of f.blocks) {
    const around = found.filter(({ blocks }) => blocks.has(block.id));
    const before = outermost(around, tree);
    if (before === null || !around.some((loop) => inUse.has(loop))) continue;
    for (const each of block.instructions) {
      if (each.op !== "offset" || !isPacket(each.pointer)) continue;
      if (!known.has(each.bytes) || defs.get(each.bytes)?.op === "const") continue;
      const sum = ids.value();
      const operands = { left: each.bytes, right: nothingAt(before) };
      hidden.set(each, [
        make({ op: "binary", operator: "add", type: "i64", ...operands }, sum),
        { ...each, bytes: sum },
      ]);
    }
  }
  if (hidden.size === 0) return f;
  return {
    ...f,
    blocks: f.blocks.map((block) => ({
      ...block,
      instructions: [
        ...block.instructions.flatMap((each) => hidden.get(each) ?? [each]),
        ...(last.get(block.id) ?? []),
      ],
    })),
  };

  /** The number that is always 0, made at the end of a block. */
  function nothingAt(block: BlockId): ValueId {
    const made = last.get(block)?.at(-1)?.result;
    if (made !== undefined && made !== null) return made;
    const { value, loaded } = loadOfNothing(1, ids);
    const [one, nothing] = [ids.value(), ids.value()];
    last.set(block, [
      ...loaded,
      make({ op: "const", type: "i64", value: 1n }, one),
      make({ op: "binary", operator: "and", type: "i64", left: value, right: one }, nothing),
    ]);
    return nothing;
  }

  /** Whether a pointer into the packet, or one that may be such, is in use from turn to turn. */
  function keepsReference({ header }: Loop): boolean {
    const live = [
      ...(liveIn.get(header) ?? []),
      ...(flow.blocks.get(header)?.params.map(({ id }) => id) ?? []),
    ];
    return live.some((value) => isPacket(value) || unknown.has(value));
  }

  function isPacket(value: ValueId): boolean {
    const each = defs.get(value);
    return each?.op === "offset" ? isPacket(each.pointer) : packets.has(value);
  }
}

/** Where packets begin: pointers from a context that something is accessed by. Nothing is where they end. */
function packetsIn(f: IrFunction, defs: ReadonlyMap<ValueId, Instruction>): ReadonlySet<ValueId> {
  const found = new Set<ValueId>();
  for (const { instructions } of f.blocks)
    for (const each of instructions) {
      if (!("pointer" in each)) continue;
      const made = defs.get(each.pointer);
      if (made?.op === "load" && made.type === "ptr" && made.region === "context") found.add(each.pointer);
    }
  return found;
}
