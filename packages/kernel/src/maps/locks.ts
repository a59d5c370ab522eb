/** Locks in values of maps. */
import { kernelOnly } from "../kernel-only.js";
import type { KERNEL_OBJECT } from "../symbols.js";

/**
 * A lock in the value of a hash table, an array, or a storage of sockets, tasks, inodes or cgroups, at most one in each: a field
 * `lock: SpinLock`, made by `zeroed()`. User space does not see it. `struct bpf_spin_lock`, kernel 5.1.
 */
export interface SpinLock {
  readonly [KERNEL_OBJECT]: "bpf_spin_lock";
}

/**
 * Runs `body` while no other CPU holds the lock, and gives what it gives. Nothing is called in it: what helpers tell is asked for before.
 * Programs that trace the kernel, and socket filters, take no locks. `bpf_spin_lock` and `bpf_spin_unlock`, kernel 5.1.
 */
export function withLock<Result>(_lock: SpinLock, _body: () => Result): Result {
  return kernelOnly("withLock()");
}
