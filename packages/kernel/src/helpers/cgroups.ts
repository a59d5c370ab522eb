/** What programs of cgroups answer, and the files of /proc/sys. */
import type { CString } from "../arrays.js";
import type { ProgramContext } from "../boundary.js";
import type { i32, i64, u64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";

/** What the system call gives as things are; 0 or a negative errno. `bpf_get_retval`, kernel 5.18. */
export function getRetval(): i32 {
  return kernelOnly("getRetval()");
}
/** What the system call gives where the program refuses, in place of -EPERM; 0 or a negative errno. `bpf_set_retval`, kernel 5.18. */
export function setRetval(_value: i32): i64 {
  return kernelOnly("setRetval()");
}
/** The file's path below /proc/sys, or with the flag 1 its last part: the size, or -E2BIG. `bpf_sysctl_get_name`, kernel 5.2. */
export function sysctlGetName<N extends number>(
  _ctx: ProgramContext<string>,
  _target: CString<N>,
  _flags?: u64,
): i64 {
  return kernelOnly("sysctlGetName()");
}
/** What the file holds: the size, or a negative errno. `bpf_sysctl_get_current_value`, kernel 5.2. */
export function sysctlGetCurrentValue<N extends number>(
  _ctx: ProgramContext<string>,
  _target: CString<N>,
): i64 {
  return kernelOnly("sysctlGetCurrentValue()");
}
/** What is being written: the size, or a negative errno. `bpf_sysctl_get_new_value`, kernel 5.2. */
export function sysctlGetNewValue<N extends number>(_ctx: ProgramContext<string>, _target: CString<N>): i64 {
  return kernelOnly("sysctlGetNewValue()");
}
/** What is written instead; 0 or a negative errno. `bpf_sysctl_set_new_value`, kernel 5.2. */
export function sysctlSetNewValue<N extends number>(_ctx: ProgramContext<string>, _value: CString<N>): i64 {
  return kernelOnly("sysctlSetNewValue()");
}
/** The id of the cgroup above the current task's at a level, the root's being 0. `bpf_get_current_ancestor_cgroup_id`, kernel 5.7. */
export function getCurrentAncestorCgroupId(_level: i32): u64 {
  return kernelOnly("getCurrentAncestorCgroupId()");
}
