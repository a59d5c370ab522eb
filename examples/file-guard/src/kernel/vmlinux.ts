/**
 * Made by `xtask codegen` from the types of Linux 6.18.44-fc-v657. Do not edit: run it again, here is how.
 *
 *   xtask codegen file.f_inode inode.i_ino,i_sb super_block.s_dev lsm:file_open
 */
import type { i32, KernelFunction, KernelPtr, KernelStruct, u32, u64 } from "@waggle/kernel";

/** Fields of 184 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add file.FIELD */
export interface file extends KernelStruct<"file"> {
  readonly f_inode: KernelPtr<inode>;
}

/** Fields of 616 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add inode.FIELD */
export interface inode extends KernelStruct<"inode"> {
  readonly i_sb: KernelPtr<super_block>;
  readonly i_ino: u64;
}

/** Fields of 1472 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add super_block.FIELD */
export interface super_block extends KernelStruct<"super_block"> {
  readonly s_dev: u32;
}

declare module "@waggle/kernel" {
  interface LsmHooks {
    file_open: KernelFunction<{ file: KernelPtr<file> }, i32>;
  }
}
