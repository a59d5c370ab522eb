/** Probes that run when a function is entered, and again when it has returned. */
import type { KprobeSessionContext, UprobeSessionContext } from "@waggle/kernel";
import {
  ArrayMap,
  config,
  currentPid,
  type i32,
  kprobeSession,
  type u32,
  u64,
  uprobeSession,
} from "@waggle/kernel";

export class Sessions {
  static readonly hits = new ArrayMap<u64>({ maxEntries: 8 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 8 });
  @config static pid: u32 = 0;

  private static saw(index: u32, value: u64): void {
    const hits = Sessions.hits.get(index);
    const seen = Sessions.seen.get(index);
    if (hits !== null) hits.value += 1n;
    if (seen !== null) seen.value = value;
  }

  /** At the entry leaves a number, which the return finds. */
  @kprobeSession("vfs_re?d")
  static onRead(ctx: KprobeSessionContext): 0 | 1 {
    if (currentPid() !== Sessions.pid) return 1;
    const cookie = ctx.cookie();
    if (!ctx.isReturn()) {
      if (ctx.arg(2) !== 123n) return 1;
      cookie.value = ctx.arg(2) * 2n;
    } else {
      Sessions.saw(0, cookie.value);
      Sessions.saw(1, ctx.result);
    }
    return 0;
  }

  @uprobeSession("libc.so.6:getpriorit?")
  static onPriority(ctx: UprobeSessionContext<{ which: i32; who: u32 }>): 0 | 1 {
    const cookie = ctx.cookie();
    if (!ctx.isReturn()) {
      if (ctx.args.who === 0) return 1;
      cookie.value = u64(ctx.args.who);
      Sessions.saw(2, 1n);
    } else {
      Sessions.saw(3, cookie.value);
      Sessions.saw(4, ctx.result);
    }
    return 0;
  }
}
