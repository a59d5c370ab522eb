/**
 * Made by `xtask codegen` from the types of Linux 6.18. Do not edit: run it again, here is how.
 *
 *   xtask codegen --builtin task_struct.real_parent,tgid
 */
import type { i32, KernelPtr, KernelStruct } from "@waggle/kernel";

/** Fields of 3264 bytes in Linux 6.18; more of it: xtask codegen --add task_struct.FIELD */
export interface task_struct extends KernelStruct<"task_struct"> {
  readonly tgid: i32;
  readonly real_parent: KernelPtr<task_struct>;
}
