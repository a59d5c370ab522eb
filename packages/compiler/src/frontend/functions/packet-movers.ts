/** Calls after which the verifier takes packet pointers for void. */
import { helperByName } from "@waggle/object";
import type { Instruction, IrFunction } from "../../ir/types.js";
import { titleOf } from "../calls/helper-names.js";

/** Kernel functions of the kind: `is_kfunc_pkt_changing` in kernel/bpf/verifier.c. */
const kernelFunctions: ReadonlySet<string> = new Set(["bpf_xdp_pull_data"]);
/** Makes a `Dynptr` to a packet, through which `bpf_dynptr_write` may move it. */
const packetDynptr = "bpf_dynptr_from_skb";

/** Names of helpers of the kind that depend on what else a module calls. */
export function moversOf(functions: readonly IrFunction[]): ReadonlySet<string> {
  const writesPackets = functions.some(({ blocks }) =>
    blocks.some(({ instructions }) =>
      instructions.some((item) => item.op === "kfunc" && item.name === packetDynptr),
    ),
  );
  return new Set(writesPackets ? ["bpf_dynptr_write"] : []);
}

/** What the source calls an instruction that may move the packet; null for others. */
export function titleOfMove(item: Instruction, movers: ReadonlySet<string>): string | null {
  if (item.op === "kfunc") return kernelFunctions.has(item.name) ? item.name : null;
  if (item.op !== "helper") return null;
  if (item.helper === "bpf_tail_call") return "a tail call";
  const isMover = movers.has(item.helper) || helperByName(item.helper)?.changesPacket === true;
  return isMover ? titleOf(item.helper) : null;
}
