/** A program for each way of watching the kernel that this machine's kernel has. */
import type {
  BtfTracepointContext,
  IterContext,
  KernelFunction,
  KernelPtr,
  PerfEventContext,
  RawTracepointContext,
  TracepointContext,
  UprobeContext,
  UretprobeContext,
} from "@waggle/kernel";
import {
  ArrayMap,
  btfTracepoint,
  config,
  currentPid,
  type i32,
  iter,
  perfEvent,
  rawTracepoint,
  tracepoint,
  u32,
  u64,
  uprobe,
  uretprobe,
} from "@waggle/kernel";
import type { task_struct } from "../../../examples/tools/src/kernel/vmlinux.js";

declare module "@waggle/kernel" {
  interface Iterators {
    task: KernelFunction<{ meta: KernelPtr; task: KernelPtr<task_struct> }, void>;
  }
}

interface Row {
  tgid: u32;
  pid: u32;
}

export class Tracing {
  static readonly hits = new ArrayMap<u64>({ maxEntries: 16 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 16 });
  @config static pid: u32 = 0;
  /** A number of a system call. */
  @config static call: u64 = 0n;

  private static saw(index: u32, value: u64): void {
    const hits = Tracing.hits.get(index);
    const seen = Tracing.seen.get(index);
    if (hits !== null) hits.value += 1n;
    if (seen !== null) seen.value = value;
  }

  @tracepoint("syscalls", "sys_enter_openat")
  static onOpen(ctx: TracepointContext<"syscalls/sys_enter_openat">): void {
    if (currentPid() === Tracing.pid) Tracing.saw(0, u64(ctx.flags));
  }

  @rawTracepoint("sys_enter")
  static onCall(ctx: RawTracepointContext<"sys_enter">): void {
    if (currentPid() === Tracing.pid && u64(ctx.args.id) === Tracing.call) Tracing.saw(1, Tracing.call);
  }

  @btfTracepoint("sched_switch")
  static onSwitch(ctx: BtfTracepointContext<"sched_switch">): void {
    const { prev, next } = ctx.args;
    if (u32(prev.tgid) === Tracing.pid) Tracing.saw(2, u64(prev.tgid));
    if (u32(next.tgid) === Tracing.pid) Tracing.saw(3, u64(next.pid));
  }

  @iter("task")
  static tasks(ctx: IterContext<"task">): void {
    const { task } = ctx.args;
    const row: Row = { tgid: u32(task.tgid), pid: u32(task.pid) };
    ctx.write(row);
  }

  @perfEvent()
  static sample(ctx: PerfEventContext): void {
    if (currentPid() !== Tracing.pid) return;
    Tracing.saw(5, ctx.ip);
    Tracing.saw(6, ctx.samplePeriod);
  }

  @uprobe("libc.so.6:getpriority")
  static onPriority(ctx: UprobeContext<{ which: i32; who: u32 }>): void {
    const { which, who } = ctx.args;
    Tracing.saw(7, u64(who));
    Tracing.saw(8, u64(which));
    Tracing.saw(9, ctx.ip);
  }

  @uretprobe("libc.so.6:getpriority")
  static onPriorityEnd(ctx: UretprobeContext<i32>): void {
    Tracing.saw(10, u64(ctx.result));
  }
}
