/** Functions, tasks and files of the kernel. */
import type { CString } from "../arrays.js";
import type { ProgramContext } from "../boundary.js";
import type { i32, i64, u32, u64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { KernelStruct } from "../kernel-types.js";
import type { KernelPtr, UserPtr } from "../pointers.js";

/** Ids as a namespace of processes has them; `struct bpf_pidns_info`. */
export interface NamespacePid {
  pid: u32;
  tgid: u32;
}

/** Address of the function that the program is on. `bpf_get_func_ip`, kernel 5.15. */
export function getFuncIp(_ctx: ProgramContext<string>): u64 {
  return kernelOnly("getFuncIp()");
}
/** The number that was given to `attach`; 0 when none was. `bpf_get_attach_cookie`, kernel 5.15. */
export function getAttachCookie(_ctx: ProgramContext<string>): u64 {
  return kernelOnly("getAttachCookie()");
}
/** Copies the stack of calls, addresses of 8 bytes: the bytes of it, or a negative errno. 0x100 in `flags` takes the process's, the low 8 bits leave frames out. `bpf_get_stack`, kernel 4.18. */
export function getStack<T extends object>(_ctx: ProgramContext<string>, _target: T, _flags?: u64): i64 {
  return kernelOnly("getStack()");
}
/** The same of another task. `bpf_get_task_stack`, kernel 5.9. */
export function getTaskStack<T extends object>(
  _task: KernelPtr<KernelStruct<"task_struct">>,
  _target: T,
  _flags?: u64,
): i64 {
  return kernelOnly("getTaskStack()");
}
/** The function gives this at once and does not run, where it allows that (`ALLOW_ERROR_INJECTION`); 0. `bpf_override_return`, kernel 4.16. */
export function overrideReturn(_ctx: ProgramContext<string>, _value: u64): i64 {
  return kernelOnly("overrideReturn()");
}
/** Writes into the memory of the current process; 0 or a negative errno. For experiments: the kernel warns of it. `bpf_probe_write_user`, kernel 4.8. */
export function probeWriteUser<T extends object>(_target: UserPtr, _source: T): i64 {
  return kernelOnly("probeWriteUser()");
}
/** Copies from the memory of the current process and waits until it is there: programs that may sleep; 0 or a negative errno. `bpf_copy_from_user`, kernel 5.10. */
export function copyFromUser<T extends object>(_target: T, _source: UserPtr): i64 {
  return kernelOnly("copyFromUser()");
}
/** Sends a signal to the current process; 0 or a negative errno. `bpf_send_signal`, kernel 5.3. */
export function sendSignal(_signal: u32): i64 {
  return kernelOnly("sendSignal()");
}
/** Sends a signal to the current thread; 0 or a negative errno. `bpf_send_signal_thread`, kernel 5.6. */
export function sendSignalThread(_signal: u32): i64 {
  return kernelOnly("sendSignalThread()");
}
/** The current ids in a namespace of processes, which its file names by device and inode; 0 or a negative errno. `bpf_get_ns_current_pid_tgid`, kernel 5.7. */
export function getNsCurrentPidTgid(_device: u64, _inode: u64, _target: NamespacePid): i64 {
  return kernelOnly("getNsCurrentPidTgid()");
}
/** The whole path of a file: its size with the NUL, or a negative errno. Only some functions may call it. `bpf_d_path`, kernel 5.10. */
export function dPath<N extends number>(_path: KernelPtr<KernelStruct<"path">>, _target: CString<N>): i64 {
  return kernelOnly("dPath()");
}
/** The counter's value and times, `struct bpf_perf_event_value`; 0 or a negative errno. `bpf_perf_prog_read_value`, kernel 4.15. */
export function perfProgReadValue<T extends object>(_ctx: ProgramContext<string>, _target: T): i64 {
  return kernelOnly("perfProgReadValue()");
}
/** The branches before the sample: their bytes or a negative errno. `bpf_read_branch_records`, kernel 5.7. */
export function readBranchRecords<T extends object>(
  _ctx: ProgramContext<string>,
  _target: T,
  _flags?: u64,
): i64 {
  return kernelOnly("readBranchRecords()");
}
/** The last branches of this CPU: their bytes or a negative errno. `bpf_get_branch_snapshot`, kernel 5.16. */
export function getBranchSnapshot<T extends object>(_target: T, _flags?: u64): i64 {
  return kernelOnly("getBranchSnapshot()");
}
/** Nanoseconds of atomic time. `bpf_ktime_get_tai_ns`, kernel 6.1. */
export function ktimeGetTaiNs(): u64 {
  return kernelOnly("ktimeGetTaiNs()");
}
/** Sets how a program is started; `BPF_F_BPRM_SECUREEXEC`. `bpf_bprm_opts_set`, kernel 5.11. */
export function bprmOptsSet(_program: KernelPtr<KernelStruct<"linux_binprm">>, _flags: u64): i64 {
  return kernelOnly("bprmOptsSet()");
}
/** The hash that IMA has of a file: its kind or a negative errno. `bpf_ima_inode_hash`, kernel 5.11. */
export function imaInodeHash<T extends object>(_inode: KernelPtr<KernelStruct<"inode">>, _target: T): i64 {
  return kernelOnly("imaInodeHash()");
}
/** The hash of a file, computed when it is not known. `bpf_ima_file_hash`, kernel 5.18. */
export function imaFileHash<T extends object>(_file: KernelPtr<KernelStruct<"file">>, _target: T): i64 {
  return kernelOnly("imaFileHash()");
}
/** The key of an infrared receiver is held; 0. `bpf_rc_repeat`, kernel 4.18. */
export function rcRepeat(_ctx: ProgramContext<string>): i64 {
  return kernelOnly("rcRepeat()");
}
/** A key was seen by an infrared receiver; 0. `bpf_rc_keydown`, kernel 4.18. */
export function rcKeydown(_ctx: ProgramContext<string>, _protocol: u32, _scancode: u64, _toggle: u32): i64 {
  return kernelOnly("rcKeydown()");
}
/** A pointer was moved by an infrared receiver; 0. `bpf_rc_pointer_rel`, kernel 5.0. */
export function rcPointerRel(_ctx: ProgramContext<string>, _x: i32, _y: i32): i64 {
  return kernelOnly("rcPointerRel()");
}
/** The system call bpf(2), from syscall programs; its result. `bpf_sys_bpf`, kernel 5.14. */
export function sysBpf<T extends object>(_command: u32, _attribute: T): i64 {
  return kernelOnly("sysBpf()");
}
/** close(2), from syscall programs; 0 or a negative errno. `bpf_sys_close`, kernel 5.14. */
export function sysClose(_fd: u32): i64 {
  return kernelOnly("sysClose()");
}
