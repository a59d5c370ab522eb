/** The kernel's functions, hooks and raw tracepoints by name; `xtask codegen` adds to them from its BTF. */
import type { KERNEL_FUNCTION } from "./symbols.js";

/** A function of the kernel: its parameters by name, in the order in which it takes them, and its result. */
export interface KernelFunction<Parameters extends object, Result> {
  readonly [KERNEL_FUNCTION]?: { readonly parameters: Parameters; readonly result: Result };
}

/**
 * The kernel functions that are known, by name. `xtask codegen function:vfs_read` adds one; by hand it is
 * `declare module "@waggle/kernel" { interface KernelFunctions { vfs_read: KernelFunction<{ file: KernelPtr<file>; … }, i64> } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to
export interface KernelFunctions {}

/** The hooks of the Linux security modules that are known, by name. `xtask codegen lsm:file_open` adds one. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to
export interface LsmHooks {}

/** What iterators over the kernel's things are given for each, by what they go over. `xtask codegen iter:task` adds one. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to
export interface Iterators {}

/**
 * The arguments of tracepoints as they are before they are formatted into a record, by the tracepoint's name.
 * `xtask codegen tracepoint:sched/sched_switch` adds one.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to
export interface RawTracepoints {}
