import type { RawTracepointContext } from "@waggle/kernel";
import {
  atomic,
  config,
  currentPid,
  currentTid,
  HashMap,
  ktimeGetNs,
  LruHashMap,
  rawTracepoint,
  u32,
  type u64,
} from "@waggle/kernel";
import "./vmlinux.js";

/** What the calls of one kind came to. */
export interface CallStats {
  calls: u64;
  /** All of their time, in nanoseconds. */
  time: u64;
}

interface Entry {
  at: u64;
  call: u32;
}

export class Syscount {
  static readonly entered = new LruHashMap<u32, Entry>({ maxEntries: 10_240 });
  /** By the system call's number. */
  static readonly stats = new HashMap<u32, CallStats>({ maxEntries: 1024 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  @rawTracepoint("sys_enter")
  static onEnter(ctx: RawTracepointContext<"sys_enter">): void {
    if (Syscount.pid !== 0 && currentPid() !== Syscount.pid) return;
    Syscount.entered.set(currentTid(), { at: ktimeGetNs(), call: u32(ctx.args.id) });
  }

  @rawTracepoint("sys_exit")
  static onExit(_ctx: RawTracepointContext<"sys_exit">): void {
    const entry = Syscount.entered.get(currentTid());
    if (entry === null) return;
    const stats = Syscount.stats.getOrInsert(entry.call, { calls: 0n, time: 0n });
    if (stats !== null) {
      atomic.add(stats.calls, 1n);
      atomic.add(stats.time, ktimeGetNs() - entry.at);
    }
    Syscount.entered.delete(currentTid());
  }
}
