/** Functions that the kernel offers to programs. Each names its UAPI helper and the oldest kernel that has it. */
import type { CString } from "../arrays.js";
import type { i64, u32, u64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { KernelPtr, UserPtr } from "../pointers.js";

/** The current process (tgid) in the high 32 bits, the thread (pid) in the low; `bpf_get_current_pid_tgid`, kernel 4.2. */
export function getCurrentPidTgid(): u64 {
  return kernelOnly("getCurrentPidTgid()");
}
/** The current group in the high 32 bits, the user in the low; `bpf_get_current_uid_gid`, kernel 4.2. */
export function getCurrentUidGid(): u64 {
  return kernelOnly("getCurrentUidGid()");
}
/** The current thread's name into `target`; 0 or a negative errno. `bpf_get_current_comm`, kernel 4.2. */
export function getCurrentComm<N extends number>(_target: CString<N>): i64 {
  return kernelOnly("getCurrentComm()");
}
/** The address of the current `task_struct`; `bpf_get_current_task`, kernel 4.8. */
export function getCurrentTask(): KernelPtr {
  return kernelOnly("getCurrentTask()");
}
/** The id of the current task's cgroup (v2); `bpf_get_current_cgroup_id`, kernel 4.18. */
export function getCurrentCgroupId(): u64 {
  return kernelOnly("getCurrentCgroupId()");
}
/** Nanoseconds since boot without time asleep; `bpf_ktime_get_ns`, kernel 4.1. */
export function ktimeGetNs(): u64 {
  return kernelOnly("ktimeGetNs()");
}
/** Nanoseconds since boot with time asleep; `bpf_ktime_get_boot_ns`, kernel 5.8. */
export function ktimeGetBootNs(): u64 {
  return kernelOnly("ktimeGetBootNs()");
}
/** Nanoseconds since boot at the last tick, cheap; `bpf_ktime_get_coarse_ns`, kernel 5.11. */
export function ktimeGetCoarseNs(): u64 {
  return kernelOnly("ktimeGetCoarseNs()");
}
/** The kernel's 64-bit tick counter; `bpf_jiffies64`, kernel 5.6. */
export function jiffies64(): u64 {
  return kernelOnly("jiffies64()");
}
/** The CPU that the program runs on; `bpf_get_smp_processor_id`, kernel 4.1. */
export function getSmpProcessorId(): u32 {
  return kernelOnly("getSmpProcessorId()");
}
/** The NUMA node that the program runs on; `bpf_get_numa_node_id`, kernel 4.10. */
export function getNumaNodeId(): u32 {
  return kernelOnly("getNumaNodeId()");
}
/** A pseudo-random number; `bpf_get_prandom_u32`, kernel 4.1. */
export function getPrandomU32(): u32 {
  return kernelOnly("getPrandomU32()");
}
/** Copies a `T` from user memory; 0 or -EFAULT, which zeroes the target. `bpf_probe_read_user`, kernel 5.5. */
export function probeReadUser<T extends object>(_target: T, _source: UserPtr): i64 {
  return kernelOnly("probeReadUser()");
}
/** Copies a `T` from kernel memory; 0 or -EFAULT, which zeroes the target. `bpf_probe_read_kernel`, kernel 5.5. */
export function probeReadKernel<T extends object>(_target: T, _source: KernelPtr): i64 {
  return kernelOnly("probeReadKernel()");
}
/**
 * Copies text from user memory, cut to fit and NUL-terminated; its size with the NUL, or -EFAULT.
 * `bpf_probe_read_user_str`, kernel 5.5.
 */
export function probeReadUserStr<N extends number>(_target: CString<N>, _source: UserPtr): i64 {
  return kernelOnly("probeReadUserStr()");
}
/**
 * Copies text from kernel memory, cut to fit and NUL-terminated; its size with the NUL, or -EFAULT.
 * `bpf_probe_read_kernel_str`, kernel 5.5.
 */
export function probeReadKernelStr<N extends number>(_target: CString<N>, _source: KernelPtr): i64 {
  return kernelOnly("probeReadKernelStr()");
}
