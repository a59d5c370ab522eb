import type { CString, TracepointContext, UserPtr } from "@waggle/kernel";
import {
  config,
  currentComm,
  currentPid,
  currentTid,
  i32,
  LruHashMap,
  RingBuffer,
  tracepoint,
  type u32,
  u64,
} from "@waggle/kernel";
import "./vmlinux.js";

/** mount(2) or umount(2) was called. */
export interface MountEvent {
  pid: u32;
  /** 0, or a negative errno. */
  result: i32;
  mounts: boolean;
  /** `MS_*` bits of a mount, `MNT_*` of an unmount. */
  flags: u64;
  comm: CString<16>;
  type: CString<16>;
  source: CString<128>;
  target: CString<128>;
}

interface Call {
  source: UserPtr;
  target: UserPtr;
  type: UserPtr;
  flags: u64;
}

export class Mountsnoop {
  static readonly calls = new LruHashMap<u32, Call>({ maxEntries: 1024 });
  static readonly events = new RingBuffer<MountEvent>({ bytes: 64 * 1024 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  @tracepoint("syscalls", "sys_enter_mount")
  static onMount(ctx: TracepointContext<"syscalls/sys_enter_mount">): void {
    if (Mountsnoop.pid !== 0 && currentPid() !== Mountsnoop.pid) return;
    Mountsnoop.calls.set(currentTid(), {
      source: ctx.dev_name,
      target: ctx.dir_name,
      type: ctx.type,
      flags: ctx.flags,
    });
  }

  @tracepoint("syscalls", "sys_exit_mount")
  static onMounted(ctx: TracepointContext<"syscalls/sys_exit_mount">): void {
    const call = Mountsnoop.calls.get(currentTid());
    if (call === null) return;
    const event = Mountsnoop.events.reserve();
    if (event !== null) {
      event.pid = currentPid();
      event.result = i32(ctx.ret);
      event.mounts = true;
      event.flags = call.flags;
      currentComm(event.comm);
      event.type.readUser(call.type);
      event.source.readUser(call.source);
      event.target.readUser(call.target);
      Mountsnoop.events.submit(event);
    }
    Mountsnoop.calls.delete(currentTid());
  }

  @tracepoint("syscalls", "sys_enter_umount")
  static onUnmount(ctx: TracepointContext<"syscalls/sys_enter_umount">): void {
    if (Mountsnoop.pid !== 0 && currentPid() !== Mountsnoop.pid) return;
    const event = Mountsnoop.events.reserve();
    if (event === null) return;
    event.pid = currentPid();
    event.result = 0;
    event.mounts = false;
    event.flags = u64(ctx.flags);
    currentComm(event.comm);
    event.type[0] = 0;
    event.source[0] = 0;
    event.target.readUser(ctx.name);
    Mountsnoop.events.submit(event);
  }
}
