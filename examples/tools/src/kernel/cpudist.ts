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

/** How long tasks run before they leave their CPU. */
export class Cpudist {
  static readonly running = new LruHashMap<u32, u64>({ maxEntries: 10_240 });
  /** Turns by the power of two of their microseconds. */
  static readonly histogram = new ArrayMap<u64>({ maxEntries: 64 });
  /** Only threads of this process; 0 for all. */
  @config static pid: u32 = 0;

  @rawTracepoint("sched_switch")
  static onSwitch(ctx: RawTracepointContext<"sched_switch">): void {
    const { prev, next } = ctx.args;
    const now = ktimeGetNs();
    const left = u32(prev.pid);
    const since = Cpudist.running.get(left);
    if (since !== null) {
      const slot = Cpudist.histogram.get(log2((now - since.value) / 1000n));
      if (slot !== null) atomic.add(slot.value, 1n);
      Cpudist.running.delete(left);
    }
    // Thread 0 is a CPU with nothing to do.
    if (next.pid === 0 || (Cpudist.pid !== 0 && u32(next.tgid) !== Cpudist.pid)) return;
    Cpudist.running.set(u32(next.pid), now);
  }
}
