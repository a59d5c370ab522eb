/** Probes on many functions of a program with one link. */
import type { UprobeMultiContext, UretprobeMultiContext } from "@waggle/kernel";
import { ArrayMap, type i32, type u32, u64, uprobeMulti, uretprobeMulti } from "@waggle/kernel";

export class UserMulti {
  static readonly hits = new ArrayMap<u64>({ maxEntries: 16 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 16 });

  private static saw(index: u32, value: u64): void {
    const hits = UserMulti.hits.get(index);
    const seen = UserMulti.seen.get(index);
    if (hits !== null) hits.value += 1n;
    if (seen !== null) seen.value = value;
  }

  @uprobeMulti("libc.so.6:getpriorit?")
  static onPriority(ctx: UprobeMultiContext<{ which: i32; who: u32 }>): void {
    UserMulti.saw(0, u64(ctx.args.who));
  }

  @uretprobeMulti("libc.so.6:getpriority")
  static onPriorityEnd(ctx: UretprobeMultiContext<i32>): void {
    UserMulti.saw(1, u64(ctx.result));
  }
}
