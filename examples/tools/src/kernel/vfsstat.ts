import type { FentryContext } from "@waggle/kernel";
import { config, currentPid, fentry, PerCpuArrayMap, type u32, type u64 } from "@waggle/kernel";
import "./vmlinux.js";

/** Calls of the file systems' common layer. */
export class Vfsstat {
  /** By `VfsCall`, for each CPU. */
  static readonly calls = new PerCpuArrayMap<u64>({ maxEntries: 5 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  private static count(call: u32): void {
    if (Vfsstat.pid !== 0 && currentPid() !== Vfsstat.pid) return;
    const calls = Vfsstat.calls.get(call);
    if (calls !== null) calls.value += 1n;
  }

  @fentry("vfs_read")
  static onRead(_ctx: FentryContext<"vfs_read">): void {
    Vfsstat.count(0);
  }

  @fentry("vfs_write")
  static onWrite(_ctx: FentryContext<"vfs_write">): void {
    Vfsstat.count(1);
  }

  @fentry("vfs_fsync_range")
  static onSync(_ctx: FentryContext<"vfs_fsync_range">): void {
    Vfsstat.count(2);
  }

  @fentry("vfs_open")
  static onOpen(_ctx: FentryContext<"vfs_open">): void {
    Vfsstat.count(3);
  }

  @fentry("vfs_unlink")
  static onUnlink(_ctx: FentryContext<"vfs_unlink">): void {
    Vfsstat.count(4);
  }
}
