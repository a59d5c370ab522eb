/** Probes on functions of the kernel. */
import type { KprobeContext, KretprobeContext, KretsyscallContext, KsyscallContext } from "@waggle/kernel";
import {
  ArrayMap,
  config,
  currentPid,
  type i32,
  kprobe,
  kretprobe,
  kretsyscall,
  ksyscall,
  type u32,
  u64,
} from "@waggle/kernel";
import "../../../examples/tools/src/kernel/vmlinux.js";

export class Probes {
  static readonly hits = new ArrayMap<u64>({ maxEntries: 16 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 16 });
  @config static pid: u32 = 0;
  @config static inode: u64 = 0n;

  private static saw(index: u32, value: u64): void {
    const hits = Probes.hits.get(index);
    const seen = Probes.seen.get(index);
    if (hits !== null) hits.value += 1n;
    if (seen !== null) seen.value = value;
  }

  @kprobe("vfs_read")
  static onRead(ctx: KprobeContext<"vfs_read">): void {
    if (currentPid() !== Probes.pid) return;
    const { file, count } = ctx.args;
    if (file.f_inode.i_ino !== Probes.inode) return;
    Probes.saw(0, count);
    Probes.saw(1, ctx.arg(2));
  }

  @kretprobe("vfs_read")
  static onReadEnd(ctx: KretprobeContext<"vfs_read">): void {
    if (currentPid() === Probes.pid && ctx.result === 123n) Probes.saw(2, u64(ctx.result));
  }

  @ksyscall("getpriority")
  static onPriority(ctx: KsyscallContext<{ which: i32; who: u32 }>): void {
    if (currentPid() !== Probes.pid) return;
    Probes.saw(3, u64(ctx.args.who));
    Probes.saw(4, u64(ctx.args.which));
  }

  @kretsyscall("getpriority")
  static onPriorityEnd(ctx: KretsyscallContext): void {
    if (currentPid() === Probes.pid) Probes.saw(5, u64(ctx.result));
  }
}
