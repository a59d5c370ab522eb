import type { CString, i32, KernelPtr, LsmContext } from "@waggle/kernel";
import {
  currentComm,
  currentPid,
  currentUid,
  HashMap,
  lsm,
  RingBuffer,
  type u32,
  type u64,
} from "@waggle/kernel";
import type { file } from "./vmlinux.js";

/** A file, as stat(2) tells it: the device in the kernel's own form, `major << 20 | minor`. */
export interface FileId {
  inode: u64;
  device: u32;
}

/** Somebody who may not tried to open a guarded file. */
export interface DenyEvent {
  inode: u64;
  pid: u32;
  uid: u32;
  comm: CString<16>;
}

const EACCES = 13;

/** Lets one user only open certain files: not even root otherwise. */
export class FileGuard {
  /** Who may open a file. */
  static readonly guarded = new HashMap<FileId, u32>({ maxEntries: 1024 });
  static readonly denied = new RingBuffer<DenyEvent>({ bytes: 64 * 1024 });

  @lsm("file_open")
  static onOpen(ctx: LsmContext<"file_open">): i32 {
    // What another module has refused stays so.
    if (ctx.result !== 0) return ctx.result;
    return FileGuard.mayOpen(ctx.args.file) ? 0 : -EACCES;
  }

  private static mayOpen(file: KernelPtr<file>): boolean {
    const inode = file.f_inode;
    const owner = FileGuard.guarded.get({ inode: inode.i_ino, device: inode.i_sb.s_dev });
    if (owner === null || owner.value === currentUid()) return true;
    const event = FileGuard.denied.reserve();
    if (event === null) return false;
    event.inode = inode.i_ino;
    event.pid = currentPid();
    event.uid = currentUid();
    currentComm(event.comm);
    FileGuard.denied.submit(event);
    return false;
  }
}
