/** Timers in values of maps. */
import type { KernelMap } from "../boundary.js";
import type { i64, u64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { Pointee } from "../pointers.js";
import type { KERNEL_OBJECT } from "../symbols.js";

/**
 * A timer in the value of a hash table or an array, at most one in each: a field `timer: Timer`, made by `zeroed()`. It goes with its
 * entry, and with the last process that holds the map. User space does not see it. `struct bpf_timer`, kernel 5.15.
 */
export interface Timer {
  readonly [KERNEL_OBJECT]: "bpf_timer";
}

/**
 * Runs `callback` with an entry of `map` in so many nanoseconds, on this CPU, and once; it may start the timer again. The timer is one of the map's
 * values. A timer that runs already is set anew. 0 or a negative errno. Programs that trace the kernel start none.
 * `bpf_timer_init`, `bpf_timer_set_callback` and `bpf_timer_start`, kernel 5.15.
 */
export function startTimer<K, V>(
  _map: KernelMap<string, K, V>,
  _timer: Timer,
  _callback: (key: Pointee<K>, value: Pointee<V>) => void,
  _nanoseconds: u64,
): i64 {
  return kernelOnly("startTimer()");
}

/** Stops a timer, and waits for its function where that is running: 1 when it was to run, 0 when not, or a negative errno. `bpf_timer_cancel`, kernel 5.15. */
export function cancelTimer(_timer: Timer): i64 {
  return kernelOnly("cancelTimer()");
}
