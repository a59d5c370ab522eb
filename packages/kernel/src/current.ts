/** The current task, a field at a time. */
import type { CString } from "./arrays.js";
import { getCurrentComm, getCurrentPidTgid, getCurrentUidGid } from "./helpers/basic.js";
import { type i64, u32 } from "./integers.js";

/** The current process's id, what `getpid(2)` gives it; `bpf_get_current_pid_tgid`, kernel 4.2. */
export function currentPid(): u32 {
  return u32(getCurrentPidTgid() >> 32n);
}
/** The current thread's id, what `gettid(2)` gives it; `bpf_get_current_pid_tgid`, kernel 4.2. */
export function currentTid(): u32 {
  return u32(getCurrentPidTgid());
}
/** The current user's id; `bpf_get_current_uid_gid`, kernel 4.2. */
export function currentUid(): u32 {
  return u32(getCurrentUidGid());
}
/** The current group's id; `bpf_get_current_uid_gid`, kernel 4.2. */
export function currentGid(): u32 {
  return u32(getCurrentUidGid() >> 32n);
}
/** The current thread's name into `target`; 0 or a negative errno. `bpf_get_current_comm`, kernel 4.2. */
export function currentComm<N extends number>(target: CString<N>): i64 {
  return getCurrentComm(target);
}
