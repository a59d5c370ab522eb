/** How a loop is made: what is known of its turns, and what the oldest kernel can do, decide. */
import { type KernelVersion, kernelHas } from "@waggle/object";
import type { LoopHint } from "../../ir/types.js";

/** Kernels before it accept no loop at all: `check_cfg` of the verifier refuses every jump back. */
export const firstWithLoops = "5.3";
/** The first kernel with `bpf_loop`. */
export const firstWithCallbacks = "5.17";
/** The first kernel with `bpf_iter_num_new`, `_next` and `_destroy`. */
export const firstWithIterators = "6.4";

/** The verifier walks every turn of a bounded loop; with more turns than these, a form that it walks once is better. */
const fewTurns = 1024n;
/** Above it the verifier runs out of its million instructions, however short the body. */
export const mostTurns = 65_536n;
/** An unrolled loop of more turns would fill the program. */
const mostUnrolled = 256n;

/** The form of a loop that makes at most `turns` turns (null when that is not known); null when the kernel has none for it. */
export function loopForm(turns: bigint | null, kernel: KernelVersion): LoopHint["form"] | null {
  if (!kernelHas(kernel, firstWithLoops)) return turns !== null && turns <= mostUnrolled ? "unroll" : null;
  if (turns !== null && turns <= fewTurns) return "bounded";
  if (kernelHas(kernel, firstWithIterators)) return "iterator";
  if (kernelHas(kernel, firstWithCallbacks)) return "callback";
  return turns !== null && turns <= mostTurns ? "bounded" : null;
}
