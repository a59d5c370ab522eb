import type { RawTracepointContext } from "@waggle/kernel";
import {
  ArrayMap,
  atomic,
  config,
  ktimeGetNs,
  LruHashMap,
  rawTracepoint,
  u32,
  type u64,
} from "@waggle/kernel";
import { log2 } from "./histogram.js";
import "./vmlinux.js";

/** How long tasks that could run waited for a CPU. */
export class Runqlat {
  static readonly waiting = new LruHashMap<u32, u64>({ maxEntries: 10_240 });
  /** Waits by the power of two of their microseconds. */
  static readonly histogram = new ArrayMap<u64>({ maxEntries: 64 });
  /** Only threads of this process; 0 for all. */
  @config static pid: u32 = 0;

  private static queued(tgid: u32, pid: u32): void {
    // Thread 0 is a CPU with nothing to do.
    if (pid === 0 || (Runqlat.pid !== 0 && tgid !== Runqlat.pid)) return;
    Runqlat.waiting.set(pid, ktimeGetNs());
  }

  @rawTracepoint("sched_wakeup")
  static onWakeup(ctx: RawTracepointContext<"sched_wakeup">): void {
    const { p } = ctx.args;
    Runqlat.queued(u32(p.tgid), u32(p.pid));
  }

  @rawTracepoint("sched_wakeup_new")
  static onWakeupNew(ctx: RawTracepointContext<"sched_wakeup_new">): void {
    const { p } = ctx.args;
    Runqlat.queued(u32(p.tgid), u32(p.pid));
  }

  @rawTracepoint("sched_switch")
  static onSwitch(ctx: RawTracepointContext<"sched_switch">): void {
    const { preempt, prev, next } = ctx.args;
    // A task that lost its CPU to another waits for it from now on.
    if (preempt) Runqlat.queued(u32(prev.tgid), u32(prev.pid));
    const pid = u32(next.pid);
    const since = Runqlat.waiting.get(pid);
    if (since === null) return;
    const slot = Runqlat.histogram.get(log2((ktimeGetNs() - since.value) / 1000n));
    if (slot !== null) atomic.add(slot.value, 1n);
    Runqlat.waiting.delete(pid);
  }
}
