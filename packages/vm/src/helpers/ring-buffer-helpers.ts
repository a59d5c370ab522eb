import { toBigInt } from "../machine/word.js";
import { regionBase } from "../memory/region.js";
import type { Helper, HelperCall } from "./call.js";

/** Helpers of ring buffers (kernel/bpf/ringbuf.c). */
export const ringBufferHelpers: Readonly<Record<string, Helper>> = {
  bpf_ringbuf_reserve: (call) => {
    const region = call.ring(1).reserve(Number(call.argument(2)), call.flags(3));
    if (region === null) return 0;
    const { hi, lo } = region.address(0);
    return toBigInt(hi, lo);
  },
  bpf_ringbuf_submit: (call) => finish(call, false),
  bpf_ringbuf_discard: (call) => finish(call, true),
  bpf_ringbuf_output: (call) => {
    const map = call.ring(1);
    return map.output(call.input(2, Number(call.argument(3))), call.flags(4));
  },
  bpf_ringbuf_query: (call) => call.ring(1).query(call.flags(2)),
};

function finish(call: HelperCall, discard: boolean): number {
  const region = call.environment.space.find(call.machine.hi[1] ?? 0);
  const end = region === undefined ? undefined : call.environment.reservations.get(region);
  if (end === undefined || call.unsigned(1) !== regionBase) {
    throw call.bad(
      "argument 1 is not the start of a record that is reserved",
      "submit or discard each reservation once, by the pointer that reserve gave",
    );
  }
  end(discard);
  return 0;
}
