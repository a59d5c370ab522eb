import type { CString, KernelPtr, KprobeContext } from "@waggle/kernel";
import {
  atomic,
  config,
  cstring,
  currentComm,
  currentPid,
  HashMap,
  kprobe,
  type u32,
  type u64,
} from "@waggle/kernel";
import type { file } from "./vmlinux.js";

/** Who uses which file. */
export interface FileUse {
  pid: u32;
  comm: CString<16>;
  /** The file's own name, without its folder. */
  name: CString<32>;
}

/** What that came to. */
export interface FileStats {
  reads: u64;
  writes: u64;
  /** Bytes that were asked for. */
  readBytes: u64;
  writtenBytes: u64;
}

/** `S_IFMT` and `S_IFREG` of linux/stat.h. */
const S_IFMT = 0xf000;
const S_IFREG = 0x8000;

export class Filetop {
  static readonly files = new HashMap<FileUse, FileStats>({ maxEntries: 10_240 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  private static statsOf(file: KernelPtr<file>): FileStats | null {
    if (Filetop.pid !== 0 && currentPid() !== Filetop.pid) return null;
    if ((file.f_inode.i_mode & S_IFMT) !== S_IFREG) return null;
    const use: FileUse = { pid: currentPid(), comm: cstring(""), name: cstring("") };
    currentComm(use.comm);
    use.name.readKernel(file.f_path.dentry.d_name.name);
    return Filetop.files.getOrInsert(use, { reads: 0n, writes: 0n, readBytes: 0n, writtenBytes: 0n });
  }

  @kprobe("vfs_read")
  static onRead(ctx: KprobeContext<"vfs_read">): void {
    const stats = Filetop.statsOf(ctx.args.file);
    if (stats === null) return;
    atomic.add(stats.reads, 1n);
    atomic.add(stats.readBytes, ctx.args.count);
  }

  @kprobe("vfs_write")
  static onWrite(ctx: KprobeContext<"vfs_write">): void {
    const stats = Filetop.statsOf(ctx.args.file);
    if (stats === null) return;
    atomic.add(stats.writes, 1n);
    atomic.add(stats.writtenBytes, ctx.args.count);
  }
}
