import type { CString, TracepointContext, u32 } from "@waggle/kernel";
import {
  currentComm,
  currentPid,
  currentUid,
  probeReadUserStr,
  RingBuffer,
  tracepoint,
} from "@waggle/kernel";

/** A program is started. */
export interface Execution {
  pid: u32;
  uid: u32;
  /** Name of the thread that starts it. */
  comm: CString<16>;
  filename: CString<128>;
}

/** Reports every call of execve(2). */
export class Executions {
  static readonly events = new RingBuffer<Execution>({ bytes: 256 * 1024 });

  @tracepoint("syscalls", "sys_enter_execve")
  static onExecve(ctx: TracepointContext<"syscalls/sys_enter_execve">): void {
    const event = Executions.events.reserve();
    if (event === null) return;
    event.pid = currentPid();
    event.uid = currentUid();
    currentComm(event.comm);
    probeReadUserStr(event.filename, ctx.filename);
    Executions.events.submit(event);
  }
}
