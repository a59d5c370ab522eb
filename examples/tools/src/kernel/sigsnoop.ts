import type { CString, i32, TracepointContext } from "@waggle/kernel";
import { config, currentComm, currentPid, RingBuffer, tracepoint, u32 } from "@waggle/kernel";
import "./vmlinux.js";

/** A signal is sent. */
export interface SignalEvent {
  /** Who sends it. */
  pid: u32;
  /** To whom. */
  target: u32;
  signal: i32;
  /** 0 when it is delivered, 1 ignored, 2 already pending, 3 and 4 lost for want of memory. */
  result: i32;
  comm: CString<16>;
}

export class Sigsnoop {
  static readonly events = new RingBuffer<SignalEvent>({ bytes: 64 * 1024 });
  /** Only from this process; 0 for all. */
  @config static pid: u32 = 0;

  @tracepoint("signal", "signal_generate")
  static onSignal(ctx: TracepointContext<"signal/signal_generate">): void {
    if (Sigsnoop.pid !== 0 && currentPid() !== Sigsnoop.pid) return;
    const event = Sigsnoop.events.reserve();
    if (event === null) return;
    event.pid = currentPid();
    event.target = u32(ctx.pid);
    event.signal = ctx.sig;
    event.result = ctx.result;
    currentComm(event.comm);
    Sigsnoop.events.submit(event);
  }
}
