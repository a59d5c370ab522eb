/** Programs on functions of the kernel by trampolines, and at hooks of its security modules. */
import type {
  FentryContext,
  FexitContext,
  FmodRetContext,
  KernelFunction,
  KernelPtr,
  KernelStruct,
  LsmContext,
} from "@waggle/kernel";
import {
  ArrayMap,
  config,
  currentPid,
  fentry,
  fexit,
  fmodRet,
  type i32,
  lsm,
  type u32,
  u64,
} from "@waggle/kernel";
import type { file, inode } from "../../../examples/tools/src/kernel/vmlinux.js";

interface dentry extends KernelStruct<"dentry"> {
  readonly d_inode: KernelPtr<inode>;
}

interface path extends KernelStruct<"path"> {
  readonly dentry: KernelPtr<dentry>;
}

declare module "@waggle/kernel" {
  interface KernelFunctions {
    security_inode_getattr: KernelFunction<{ path: KernelPtr<path> }, i32>;
  }
  interface LsmHooks {
    file_open: KernelFunction<{ file: KernelPtr<file> }, i32>;
  }
}

const EACCES = 13;

export class Trampolines {
  static readonly hits = new ArrayMap<u64>({ maxEntries: 16 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 16 });
  @config static pid: u32 = 0;
  @config static inode: u64 = 0n;

  private static saw(index: u32, value: u64): void {
    const hits = Trampolines.hits.get(index);
    const seen = Trampolines.seen.get(index);
    if (hits !== null) hits.value += 1n;
    if (seen !== null) seen.value = value;
  }

  @fentry("vfs_read")
  static onRead(ctx: FentryContext<"vfs_read">): void {
    const { file, count } = ctx.args;
    if (currentPid() === Trampolines.pid && file.f_inode.i_ino === Trampolines.inode)
      Trampolines.saw(0, count);
  }

  @fexit("vfs_read")
  static onReadEnd(ctx: FexitContext<"vfs_read">): void {
    if (currentPid() !== Trampolines.pid || ctx.args.file.f_inode.i_ino !== Trampolines.inode) return;
    Trampolines.saw(1, u64(ctx.result));
    Trampolines.saw(2, ctx.args.count);
  }

  /** Refuses to tell of a file. */
  @fmodRet("security_inode_getattr")
  static refuse(ctx: FmodRetContext<"security_inode_getattr">): i32 {
    if (currentPid() !== Trampolines.pid || ctx.args.path.dentry.d_inode.i_ino !== Trampolines.inode)
      return ctx.result;
    Trampolines.saw(3, 1n);
    return -EACCES;
  }

  /** Refuses to open a file. */
  @lsm("file_open")
  static guard(ctx: LsmContext<"file_open">): i32 {
    if (ctx.result !== 0) return ctx.result;
    if (currentPid() !== Trampolines.pid || ctx.args.file.f_inode.i_ino !== Trampolines.inode) return 0;
    Trampolines.saw(4, 1n);
    return -EACCES;
  }

  @lsm("file_open", { sleepable: true })
  static guardSleeping(ctx: LsmContext<"file_open">): i32 {
    if (currentPid() === Trampolines.pid && ctx.args.file.f_inode.i_ino === Trampolines.inode)
      Trampolines.saw(5, 1n);
    return 0;
  }
}
