import { functionAddress } from "../machine/machine.js";
import { toBigInt } from "../machine/word.js";
import { Errno } from "../maps/table-map.js";
import { type Helper, type HelperCall, TailCall } from "./call.js";

/** `MAX_TAIL_CALL_CNT` of linux/bpf.h. */
const mostTailCalls = 33;

/** `BPF_MAX_LOOPS` of linux/bpf.h. */
const mostLoops = 1 << 23;

/** The function that argument 2 is, as its first instruction. */
function callbackOf(call: HelperCall): number {
  if ((call.machine.hi[2] ?? 0) !== functionAddress) {
    throw call.bad(
      "argument 2 is not a function of the program",
      "pass a function of the program as callback",
    );
  }
  return call.unsigned(2);
}

/** Helpers that call back into the program (kernel/bpf/bpf_iter.c). */
export const controlHelpers: Readonly<Record<string, Helper>> = {
  // kernel/bpf/core.c: the program goes on where there is none at the index, and when it is one call too many.
  bpf_tail_call: (call) => {
    const map = call.table(2);
    const { machine, run, environment } = call;
    if (map.spec.type.name !== "program-array")
      throw call.bad(`map ${map.spec.name} holds no programs`, "tail calls go through a program array");
    if (!machine.isOutermost)
      throw call.bad(
        "a tail call in a subprogram is not simulated",
        "call it in the program itself, or in a function that is put in place of its call",
      );
    const key = new Uint8Array(4);
    new DataView(key.buffer).setUint32(0, call.unsigned(3), environment.littleEndian);
    const [value] = map.read(key) ?? [];
    const id = value === undefined ? 0 : new DataView(value.buffer, value.byteOffset).getUint32(0, true);
    const target = environment.programs.get(id);
    if (target === undefined || run.tailCalls >= mostTailCalls) return -Errno.ENOENT;
    if (target.kind !== run.kind)
      throw call.bad(
        `${target.name} is of type ${target.kind}, and this program of type ${run.kind}`,
        "all programs of an array have one type",
      );
    run.tailCalls += 1;
    throw new TailCall(target);
  },
  bpf_loop: (call) => {
    const count = call.unsigned(1);
    if (call.argument(4) !== 0n) return -Errno.EINVAL;
    if (count > mostLoops) return -Errno.E2BIG;
    const entry = callbackOf(call);
    const context = call.argument(3);
    for (let index = 0; index < count; index++) {
      if (call.machine.callback(entry, [BigInt(index), context]) !== 0n) return index + 1;
    }
    return count;
  },
  // kernel/bpf/arraymap.c and hashtab.c: the entries of this moment, each with its value as it is then.
  bpf_for_each_map_elem: (call) => {
    const map = call.table(1);
    const entry = callbackOf(call);
    const [handle, context] = [call.argument(1), call.argument(3)];
    if (call.argument(4) !== 0n) return -Errno.EINVAL;
    const { space } = call.environment;
    let count = 0;
    for (const bytes of map.keys()) {
      const value = map.lookup(bytes);
      if (value === null) continue;
      const key = space.add({
        kind: "map value",
        name: `key of map ${map.spec.name}`,
        bytes,
        writable: false,
      });
      const address = key.address(0);
      count += 1;
      const stop = call.machine.callback(entry, [
        handle,
        toBigInt(address.hi, address.lo),
        toBigInt(value.hi, value.lo),
        context,
      ]);
      space.remove(key, "the callback has returned");
      if (stop !== 0n) break;
    }
    return count;
  },
};
