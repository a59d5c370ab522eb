import type { CString, TracepointContext, UserPtr } from "@waggle/kernel";
import {
  config,
  currentComm,
  currentPid,
  currentTid,
  currentUid,
  i32,
  LruHashMap,
  RingBuffer,
  tracepoint,
  type u32,
} from "@waggle/kernel";

/** A file is opened, or could not be. */
export interface OpenEvent {
  pid: u32;
  uid: u32;
  /** `O_*` bits. */
  flags: i32;
  /** The file's descriptor, or a negative errno. */
  result: i32;
  comm: CString<16>;
  /** As the program gave it, cut to fit. */
  path: CString<256>;
}

interface Opening {
  path: UserPtr;
  flags: i32;
}

export class Opensnoop {
  static readonly opening = new LruHashMap<u32, Opening>({ maxEntries: 10_240 });
  static readonly events = new RingBuffer<OpenEvent>({ bytes: 256 * 1024 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  @tracepoint("syscalls", "sys_enter_openat")
  static onOpen(ctx: TracepointContext<"syscalls/sys_enter_openat">): void {
    if (Opensnoop.pid !== 0 && currentPid() !== Opensnoop.pid) return;
    Opensnoop.opening.set(currentTid(), { path: ctx.filename, flags: i32(ctx.flags) });
  }

  @tracepoint("syscalls", "sys_exit_openat")
  static onOpened(ctx: TracepointContext<"syscalls/sys_exit_openat">): void {
    const opening = Opensnoop.opening.get(currentTid());
    if (opening === null) return;
    const event = Opensnoop.events.reserve();
    if (event !== null) {
      event.pid = currentPid();
      event.uid = currentUid();
      event.flags = opening.flags;
      event.result = i32(ctx.ret);
      currentComm(event.comm);
      // Read now: what the system call did not touch may not have been in memory before it.
      event.path.readUser(opening.path);
      Opensnoop.events.submit(event);
    }
    Opensnoop.opening.delete(currentTid());
  }
}
