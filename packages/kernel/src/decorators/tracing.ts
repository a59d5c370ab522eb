/** Programs that watch the kernel and processes, or decide for it. */

import type { CgroupAction } from "../contexts/cgroup.js";
import type {
  BtfTracepointContext,
  FentryContext,
  FexitContext,
  FmodRetContext,
  IterContext,
  KprobeContext,
  KprobeMultiContext,
  KprobeSessionContext,
  KretprobeContext,
  KretprobeMultiContext,
  KretsyscallContext,
  KsyscallContext,
  LircMode2Context,
  LsmCgroupContext,
  LsmContext,
  PerfEventContext,
  RawTracepointContext,
  RawTracepointWritableContext,
  SyscallContext,
  TracepointContext,
  UprobeContext,
  UprobeMultiContext,
  UprobeSessionContext,
  UretprobeContext,
  UretprobeMultiContext,
} from "../contexts/tracing.js";
import type { Iterators, KernelFunctions, LsmHooks, RawTracepoints } from "../kernel-functions.js";
import { kernelOnly } from "../kernel-only.js";
import type { Tracepoints } from "../tracepoints.js";
import type { Ignored, ProgramDecorator, SleepableOptions } from "./program.js";

/** The names X of the tracepoints `category/X`. */
export type TracepointName<Category extends string> = keyof Tracepoints extends infer Key
  ? Key extends `${Category}/${infer Name}`
    ? Name
    : never
  : never;

/** The categories of the known tracepoints. */
export type TracepointCategory = keyof Tracepoints extends infer Key
  ? Key extends `${infer Category}/${string}`
    ? Category
    : never
  : never;

/** The context of the tracepoint `category/name`. */
export type ContextOfTracepoint<
  Category extends string,
  Name extends string,
> = `${Category}/${Name}` extends infer Key extends keyof Tracepoints ? TracepointContext<Key> : never;

/** A program that runs when the tracepoint `category/name` is hit. Its result is ignored; nothing means 0. Kernel 4.7. */
export function tracepoint<Category extends TracepointCategory, Name extends TracepointName<Category>>(
  _category: Category,
  _name: Name,
): ProgramDecorator<ContextOfTracepoint<Category, Name>, Ignored> {
  return kernelOnly("@tracepoint()");
}

/** Runs when a tracepoint is hit, before its record is made. Its result is ignored. Kernel 4.17. */
export function rawTracepoint<const Name extends keyof RawTracepoints>(
  _name: Name,
): ProgramDecorator<RawTracepointContext<Name>, Ignored> {
  return kernelOnly("@rawTracepoint()");
}

/** Runs when a tracepoint is hit that lets its first argument be changed. Its result is ignored. Kernel 5.2. */
export function rawTracepointWritable<const Name extends keyof RawTracepoints>(
  _name: Name,
): ProgramDecorator<RawTracepointWritableContext<Name>, Ignored> {
  return kernelOnly("@rawTracepointWritable()");
}

/** Runs when a tracepoint is hit, with arguments that are followed as the kernel's own code does. Its result is ignored. Kernel 5.5. */
export function btfTracepoint<const Name extends keyof RawTracepoints>(
  _name: Name,
): ProgramDecorator<BtfTracepointContext<Name>, Ignored> {
  return kernelOnly("@btfTracepoint()");
}

/** Runs when a kernel function is entered. Its result is ignored. Kernel 5.5. */
export function fentry<const Name extends keyof KernelFunctions>(
  _function: Name,
  _options?: SleepableOptions,
): ProgramDecorator<FentryContext<Name>, Ignored> {
  return kernelOnly("@fentry()");
}

/** Runs when a kernel function returns. Its result is ignored. Kernel 5.5. */
export function fexit<const Name extends keyof KernelFunctions>(
  _function: Name,
  _options?: SleepableOptions,
): ProgramDecorator<FexitContext<Name>, Ignored> {
  return kernelOnly("@fexit()");
}

/**
 * Runs before a kernel function that lets itself be replaced (`ALLOW_ERROR_INJECTION`, or a hook of a security module): a result
 * that is not 0 is the function's, which then does not run. Kernel 5.7.
 */
export function fmodRet<const Name extends keyof KernelFunctions>(
  _function: Name,
  _options?: SleepableOptions,
): ProgramDecorator<FmodRetContext<Name>, number> {
  return kernelOnly("@fmodRet()");
}

/** Runs at a hook of the Linux security modules: 0 allows, a negative errno refuses. Kernel 5.7, started with `lsm=…,bpf`. */
export function lsm<const Name extends keyof LsmHooks>(
  _hook: Name,
  _options?: SleepableOptions,
): ProgramDecorator<LsmContext<Name>, number> {
  return kernelOnly("@lsm()");
}

/** The same for the processes of a cgroup, which it refuses with EPERM. Kernel 6.0. */
export function lsmCgroup<const Name extends keyof LsmHooks>(
  _hook: Name,
): ProgramDecorator<LsmCgroupContext<Name>, CgroupAction> {
  return kernelOnly("@lsmCgroup()");
}

/** Runs when a kernel function is entered, or at `function+offset`. Without a name, `attach` gives it. Its result is ignored. Kernel 4.1. */
export function kprobe<const Name extends string = string>(
  _function?: Name,
): ProgramDecorator<KprobeContext<Name>, Ignored> {
  return kernelOnly("@kprobe()");
}

/** Runs when a kernel function has returned. Its result is ignored. Kernel 4.1. */
export function kretprobe<const Name extends string = string>(
  _function?: Name,
): ProgramDecorator<KretprobeContext<Name>, Ignored> {
  return kernelOnly("@kretprobe()");
}

/** Runs when any kernel function is entered whose name fits the pattern: `vfs_*`. Its result is ignored. Kernel 5.18. */
export function kprobeMulti(_pattern?: string): ProgramDecorator<KprobeMultiContext, Ignored> {
  return kernelOnly("@kprobeMulti()");
}

/** Runs when any kernel function has returned whose name fits the pattern. Its result is ignored. Kernel 5.18. */
export function kretprobeMulti(_pattern?: string): ProgramDecorator<KretprobeMultiContext, Ignored> {
  return kernelOnly("@kretprobeMulti()");
}

/** Runs when such a function is entered, and again when it has returned, unless the result was 1 at its entry. Kernel 6.10. */
export function kprobeSession(_pattern?: string): ProgramDecorator<KprobeSessionContext, 0 | 1> {
  return kernelOnly("@kprobeSession()");
}

/** Runs when a system call is entered: `@ksyscall("openat")`. Its result is ignored. Kernel 4.1. */
export function ksyscall(
  _call: string,
  // biome-ignore lint/suspicious/noExplicitAny: the context says what the arguments are
): ProgramDecorator<KsyscallContext<any>, Ignored> {
  return kernelOnly("@ksyscall()");
}

/** Runs when a system call has returned. Its result is ignored. Kernel 4.1. */
export function kretsyscall(_call: string): ProgramDecorator<KretsyscallContext, Ignored> {
  return kernelOnly("@kretsyscall()");
}

/**
 * Runs when a function of a program or library is entered: `@uprobe("/usr/bin/bash:readline")`, or `libc.so.6:malloc`. Without a place,
 * `attach` gives it. Its result is ignored. Kernel 4.3.
 */
export function uprobe(
  _place?: string,
  _options?: SleepableOptions,
  // biome-ignore lint/suspicious/noExplicitAny: the context says what the arguments are
): ProgramDecorator<UprobeContext<any>, Ignored> {
  return kernelOnly("@uprobe()");
}

/** Runs when such a function has returned. Its result is ignored. Kernel 4.3. */
export function uretprobe(
  _place?: string,
  _options?: SleepableOptions,
  // biome-ignore lint/suspicious/noExplicitAny: the context says what the result is
): ProgramDecorator<UretprobeContext<any>, Ignored> {
  return kernelOnly("@uretprobe()");
}

/** Runs when any function of a program is entered whose name fits the pattern: `libc.so.6:pthread_*`. Kernel 6.6. */
export function uprobeMulti(
  _pattern?: string,
  _options?: SleepableOptions,
  // biome-ignore lint/suspicious/noExplicitAny: the context says what the arguments are
): ProgramDecorator<UprobeMultiContext<any>, Ignored> {
  return kernelOnly("@uprobeMulti()");
}

/** Runs when any such function has returned. Kernel 6.6. */
export function uretprobeMulti(
  _pattern?: string,
  _options?: SleepableOptions,
  // biome-ignore lint/suspicious/noExplicitAny: the context says what the result is
): ProgramDecorator<UretprobeMultiContext<any>, Ignored> {
  return kernelOnly("@uretprobeMulti()");
}

/** Runs at each sample of a performance counter; which one, `attach` says. Its result is ignored. Kernel 4.9. */
export function perfEvent(): ProgramDecorator<PerfEventContext, Ignored> {
  return kernelOnly("@perfEvent()");
}

/** Runs for each thing that there is, when user space reads the iterator. Kernel 5.8; each kind from its own. */
export function iter<const Name extends keyof Iterators>(
  _over: Name,
  _options?: SleepableOptions,
): ProgramDecorator<IterContext<Name>, Ignored> {
  return kernelOnly("@iter()");
}

/** Runs when user space says so, with `testRun`: it may sleep and make system calls of BPF. Kernel 5.14. */
export function syscall(): // biome-ignore lint/suspicious/noExplicitAny: the context says what the input is
ProgramDecorator<SyscallContext<any>, number> {
  return kernelOnly("@syscall()");
}

/** Runs for each code that an infrared receiver sees. Its result is ignored. Kernel 4.18. */
export function lircMode2(): ProgramDecorator<LircMode2Context, Ignored> {
  return kernelOnly("@lircMode2()");
}

/** Runs when such a function is entered, and again when it has returned, unless the result was 1 at its entry. Kernel 6.13. */
export function uprobeSession(
  _pattern?: string,
  _options?: SleepableOptions,
  // biome-ignore lint/suspicious/noExplicitAny: the context says what the arguments are
): ProgramDecorator<UprobeSessionContext<any>, 0 | 1> {
  return kernelOnly("@uprobeSession()");
}
