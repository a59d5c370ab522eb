/** The values that the verifier knows wherever it walks: constants, counters of walked loops, and what is computed from them. */
import type { ControlFlow } from "../ir/analysis/control-flow.js";
import type { Loop } from "../ir/analysis/loops.js";
import { targetsOf } from "../ir/operations.js";
import type { BinaryOp, Block, IrFunction, ValueId } from "../ir/types.js";

/** It follows no bounds through these. */
const divisions: ReadonlySet<BinaryOp> = new Set(["udiv", "sdiv", "umod", "smod"]);

/** A loop that the kernel's iterator counts: the verifier stops when its state repeats. */
export const iterates = (header: Block | undefined): boolean =>
  header?.instructions.some((each) => each.op === "kfunc" && each.name === "bpf_iter_num_next") === true;

/** Finds them: all are taken for known at first, and lose that where something unknown comes in. */
export function knownValues(f: IrFunction, flow: ControlFlow, loops: readonly Loop[]): ReadonlySet<ValueId> {
  const counted = new Set(
    loops.filter(({ header }) => !iterates(flow.blocks.get(header))).map(({ header }) => header),
  );
  const known = new Set<ValueId>();
  const incoming = new Map<ValueId, ValueId[]>();
  for (const block of f.blocks)
    if (counted.has(block.id)) for (const { id, type } of block.params) if (type !== "ptr") known.add(id);
  for (const { terminator } of f.blocks)
    for (const { block, args } of targetsOf(terminator))
      flow.blocks.get(block)?.params.forEach(({ id }, index) => {
        const arg = args[index];
        if (arg !== undefined) incoming.set(id, [...(incoming.get(id) ?? []), arg]);
      });
  for (;;) {
    const computed = new Set(known);
    for (const id of flow.reversePostorder) {
      for (const each of flow.blocks.get(id)?.instructions ?? []) {
        if (each.result === null) continue;
        const isKnown =
          (each.op === "const" && each.type !== "ptr") ||
          (each.op === "unary" && computed.has(each.operand)) ||
          (each.op === "binary" &&
            !divisions.has(each.operator) &&
            computed.has(each.left) &&
            computed.has(each.right)) ||
          (each.op === "compare" && computed.has(each.left) && computed.has(each.right));
        if (isKnown) computed.add(each.result);
      }
    }
    const lost = [...known].filter(
      (param) => incoming.get(param)?.every((arg) => computed.has(arg)) !== true,
    );
    if (lost.length === 0) return computed;
    for (const param of lost) known.delete(param);
  }
}
