import { toBigInt } from "../machine/word.js";
import type { Helper, HelperCall } from "./call.js";

/** Helpers of maps with keys and values (kernel/bpf/helpers.c). */
export const mapHelpers: Readonly<Record<string, Helper>> = {
  bpf_map_lookup_elem: (call) => {
    const map = call.table(1);
    const address = map.lookup(call.input(2, map.spec.keySize));
    return address === null ? 0 : toBigInt(address.hi, address.lo);
  },
  bpf_map_update_elem: (call) => {
    const map = call.table(1);
    // Copies: growing the map's memory must not pull a key or value in it away.
    const key = call.input(2, map.spec.keySize).slice();
    return map.update(key, call.input(3, map.spec.valueSize).slice(), call.flags(4));
  },
  bpf_map_delete_elem: (call) => {
    const map = call.table(1);
    return map.delete(call.input(2, map.spec.keySize));
  },
  // One program runs at a time in process: a lock is free whenever it is asked for.
  bpf_spin_lock: (call) => lockAt(call),
  bpf_spin_unlock: (call) => lockAt(call),
};

/** `struct bpf_spin_lock` is a word. */
function lockAt(call: HelperCall): number {
  call.input(1, 4);
  return 0;
}
