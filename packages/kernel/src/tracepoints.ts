/**
 * Fields of tracepoints, in the order and with the types of `/sys/kernel/tracing/events/CATEGORY/NAME/format`; C's
 * rules for alignment then give the kernel's offsets.
 */
import type { CString } from "./arrays.js";
import type { i32, i64, u8, u16, u32, u64 } from "./integers.js";
import type { KernelPtr, UserPtr } from "./pointers.js";

/** The 8 bytes that every tracepoint begins with. */
export interface TracepointCommon {
  /** The tracepoint's id. */
  readonly common_type: u16;
  readonly common_flags: u8;
  readonly common_preempt_count: u8;
  /** The thread that hit it. */
  readonly common_pid: i32;
}

/** What entry to every system call begins with: arguments follow at offset 16, 8 bytes each. */
export interface SyscallEnter extends TracepointCommon {
  /** The system call's number. */
  readonly __syscall_nr: i32;
}

/** What return from every system call has. */
export interface SyscallExit extends TracepointCommon {
  /** The system call's number. */
  readonly __syscall_nr: i32;
  /** Its result, or a negative errno. */
  readonly ret: i64;
}

/** `execve(2)` is entered. */
export interface SysEnterExecve extends SyscallEnter {
  /** The path, NUL-terminated. */
  readonly filename: UserPtr;
  /** An array of pointers to the arguments, ended by null. */
  readonly argv: UserPtr;
  /** An array of pointers to the environment, ended by null. */
  readonly envp: UserPtr;
}

/** `openat(2)` is entered. */
export interface SysEnterOpenat extends SyscallEnter {
  /** The directory that `filename` is relative to, or AT_FDCWD. */
  readonly dfd: i64;
  /** The path, NUL-terminated. */
  readonly filename: UserPtr;
  /** `O_*` bits. */
  readonly flags: i64;
  /** Permissions of a file that is made. */
  readonly mode: u64;
}

/** A CPU goes from one task to another. */
export interface SchedSwitch extends TracepointCommon {
  readonly prev_comm: CString<16>;
  readonly prev_pid: i32;
  readonly prev_prio: i32;
  readonly prev_state: i64;
  readonly next_comm: CString<16>;
  readonly next_pid: i32;
  readonly next_prio: i32;
}

/** A process has become another program. */
export interface SchedProcessExec extends TracepointCommon {
  /** Where the path is in the record: its offset in the low 16 bits, its size in the high 16. */
  readonly __data_loc_filename: u32;
  readonly pid: i32;
  readonly old_pid: i32;
}

/** A task ends. */
export interface SchedProcessExit extends TracepointCommon {
  readonly comm: CString<16>;
  readonly pid: i32;
  readonly prio: i32;
}

/** `kmalloc` gave memory out. */
export interface KmemKmalloc extends TracepointCommon {
  readonly call_site: u64;
  readonly ptr: KernelPtr;
  readonly bytes_req: u64;
  readonly bytes_alloc: u64;
}

/**
 * The tracepoints that are known. To add one, say
 * `declare module "@waggle/kernel" { interface Tracepoints { "category/name": MyFields } }`.
 */
export interface Tracepoints {
  "syscalls/sys_enter_execve": SysEnterExecve;
  "syscalls/sys_exit_execve": SyscallExit;
  "syscalls/sys_enter_openat": SysEnterOpenat;
  "syscalls/sys_exit_openat": SyscallExit;
  "sched/sched_switch": SchedSwitch;
  "sched/sched_process_exec": SchedProcessExec;
  "sched/sched_process_exit": SchedProcessExit;
  "kmem/kmalloc": KmemKmalloc;
}
