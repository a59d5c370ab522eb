import type { CString, TracepointContext } from "@waggle/kernel";
import {
  currentComm,
  currentPid,
  currentTask,
  currentUid,
  probeReadUserStr,
  RingBuffer,
  tracepoint,
  u32,
} from "@waggle/kernel";
import type { task_struct } from "./vmlinux.js";

/** A program is about to be executed. */
export interface ExecEvent {
  pid: u32;
  /** The parent process, read from the kernel's own memory wherever this kernel keeps it. */
  ppid: u32;
  uid: u32;
  /** The task's name before it becomes the new program. */
  comm: CString<16>;
  /** The path given to execve(2), cut to fit. */
  filename: CString<256>;
}

export class Execsnoop {
  static readonly events = new RingBuffer<ExecEvent>({ bytes: 256 * 1024 });

  @tracepoint("syscalls", "sys_enter_execve")
  static onExecve(ctx: TracepointContext<"syscalls/sys_enter_execve">): void {
    const event = Execsnoop.events.reserve();
    if (event === null) return; // the buffer is full: the reader sees it in its count of lost events
    event.pid = currentPid();
    event.ppid = u32(currentTask<task_struct>().real_parent.tgid);
    event.uid = currentUid();
    currentComm(event.comm);
    probeReadUserStr(event.filename, ctx.filename);
    Execsnoop.events.submit(event);
  }
}
