import type { CString, TracepointContext } from "@waggle/kernel";
import {
  config,
  currentComm,
  currentPid,
  currentTask,
  currentTid,
  type i32,
  ktimeGetBootNs,
  RingBuffer,
  tracepoint,
  u32,
  type u64,
} from "@waggle/kernel";
import type { task_struct } from "./vmlinux.js";

/** A process has ended. */
export interface ExitEvent {
  pid: u32;
  ppid: u32;
  /** What it gave to exit(2); 0 when a signal ended it. */
  code: i32;
  /** The signal that ended it, or 0. */
  signal: i32;
  /** How long it lived, in nanoseconds. */
  age: u64;
  comm: CString<16>;
}

export class Exitsnoop {
  static readonly events = new RingBuffer<ExitEvent>({ bytes: 64 * 1024 });
  /** Only children of this process; 0 for all. */
  @config static pid: u32 = 0;

  @tracepoint("sched", "sched_process_exit")
  static onExit(_ctx: TracepointContext<"sched/sched_process_exit">): void {
    // It is hit for each thread: the first one's end is the process's.
    if (currentPid() !== currentTid()) return;
    const task = currentTask<task_struct>();
    const ppid = u32(task.real_parent.tgid);
    if (Exitsnoop.pid !== 0 && ppid !== Exitsnoop.pid) return;
    const event = Exitsnoop.events.reserve();
    if (event === null) return;
    const status = task.exit_code;
    event.pid = currentPid();
    event.ppid = ppid;
    event.code = (status >> 8) & 0xff;
    event.signal = status & 0x7f;
    event.age = ktimeGetBootNs() - task.start_boottime;
    currentComm(event.comm);
    Exitsnoop.events.submit(event);
  }
}
