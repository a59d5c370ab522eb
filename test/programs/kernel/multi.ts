/** Probes on many functions with one link. */
import type { KprobeMultiContext, KretprobeMultiContext } from "@waggle/kernel";
import {
  ArrayMap,
  config,
  currentPid,
  kprobeMulti,
  kretprobeMulti,
  type u32,
  type u64,
} from "@waggle/kernel";

export class Multi {
  static readonly hits = new ArrayMap<u64>({ maxEntries: 16 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 16 });
  @config static pid: u32 = 0;

  private static saw(index: u32, value: u64): void {
    const hits = Multi.hits.get(index);
    const seen = Multi.seen.get(index);
    if (hits !== null) hits.value += 1n;
    if (seen !== null) seen.value = value;
  }

  @kprobeMulti("vfs_re?d*")
  static onAny(ctx: KprobeMultiContext): void {
    if (currentPid() === Multi.pid && ctx.arg(2) === 123n) Multi.saw(0, ctx.ip);
  }

  @kretprobeMulti("vfs_read")
  static onAnyEnd(ctx: KretprobeMultiContext): void {
    if (currentPid() === Multi.pid && ctx.result === 123n) Multi.saw(1, ctx.result);
  }
}
