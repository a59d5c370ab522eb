import { functionAddress } from "../machine/machine.js";
import { Errno } from "../maps/table-map.js";
import type { Helper } from "./call.js";

/** `BPF_MAX_LOOPS` of linux/bpf.h. */
const mostLoops = 1 << 23;

/** Helpers that call back into the program (kernel/bpf/bpf_iter.c). */
export const controlHelpers: Readonly<Record<string, Helper>> = {
  bpf_loop: (call) => {
    const count = call.unsigned(1);
    if (call.argument(4) !== 0n) return -Errno.EINVAL;
    if (count > mostLoops) return -Errno.E2BIG;
    if ((call.machine.hi[2] ?? 0) !== functionAddress) {
      throw call.bad(
        "argument 2 is not a function of the program",
        "pass a function of the program as callback",
      );
    }
    const entry = call.unsigned(2);
    const context = call.argument(3);
    for (let index = 0; index < count; index++) {
      if (call.machine.callback(entry, [BigInt(index), context]) !== 0n) return index + 1;
    }
    return count;
  },
};
