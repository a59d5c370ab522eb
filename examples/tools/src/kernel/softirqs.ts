import type { TracepointContext } from "@waggle/kernel";
import { ktimeGetNs, PerCpuArrayMap, tracepoint, type u64 } from "@waggle/kernel";
import "./vmlinux.js";

/** What interrupts of one kind came to. */
export interface SoftirqStats {
  count: u64;
  /** All of their time, in nanoseconds. */
  time: u64;
}

export class Softirqs {
  static readonly entered = new PerCpuArrayMap<u64>({ maxEntries: 1 });
  /** By `*_SOFTIRQ` of linux/interrupt.h, for each CPU. */
  static readonly stats = new PerCpuArrayMap<SoftirqStats>({ maxEntries: 10 });

  @tracepoint("irq", "softirq_entry")
  static onEntry(_ctx: TracepointContext<"irq/softirq_entry">): void {
    const at = Softirqs.entered.get(0);
    if (at !== null) at.value = ktimeGetNs();
  }

  @tracepoint("irq", "softirq_exit")
  static onExit(ctx: TracepointContext<"irq/softirq_exit">): void {
    const at = Softirqs.entered.get(0);
    const stats = Softirqs.stats.get(ctx.vec);
    // One that was entered before this program was attached has no time.
    if (at === null || at.value === 0n || stats === null) return;
    stats.count += 1n;
    stats.time += ktimeGetNs() - at.value;
  }
}
