import type { CString, KprobeContext } from "@waggle/kernel";
import {
  config,
  currentComm,
  currentPid,
  currentUid,
  type i32,
  kprobe,
  RingBuffer,
  type u32,
} from "@waggle/kernel";
import "./vmlinux.js";

/** The kernel asks whether a process may do what a capability allows. */
export interface CapableEvent {
  pid: u32;
  uid: u32;
  /** `CAP_*` of linux/capability.h. */
  capability: i32;
  comm: CString<16>;
}

export class Capable {
  static readonly events = new RingBuffer<CapableEvent>({ bytes: 256 * 1024 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  @kprobe("cap_capable")
  static onCheck(ctx: KprobeContext<"cap_capable">): void {
    if (Capable.pid !== 0 && currentPid() !== Capable.pid) return;
    const event = Capable.events.reserve();
    if (event === null) return;
    event.pid = currentPid();
    event.uid = currentUid();
    event.capability = ctx.args.cap;
    currentComm(event.comm);
    Capable.events.submit(event);
  }
}
