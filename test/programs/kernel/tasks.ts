/** What belongs to tasks: values, stacks, cgroups. */
import type { BtfTracepointContext, RawTracepointContext } from "@waggle/kernel";
import {
  ArrayMap,
  btfTracepoint,
  CgroupArray,
  config,
  currentPid,
  currentTask,
  HashMap,
  type i64,
  rawTracepoint,
  StackTraces,
  TaskStorage,
  type u32,
  u64,
} from "@waggle/kernel";
import type { task_struct } from "../../../examples/tools/src/kernel/vmlinux.js";

export class Tasks {
  static readonly calls = new TaskStorage<u64>();
  static readonly stacks = new StackTraces({ maxEntries: 1024 });
  static readonly ids = new HashMap<u32, i64>({ maxEntries: 4 });
  static readonly groups = new CgroupArray({ maxEntries: 2 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 8 });
  @config static pid: u32 = 0;
  @config static call: u64 = 0n;

  private static tell(index: u32, value: u64): void {
    const place = Tasks.seen.get(index);
    if (place !== null) place.value = value;
  }

  /** Counts the system calls of each thread. */
  @btfTracepoint("sys_enter")
  static count(ctx: BtfTracepointContext<"sys_enter">): void {
    if (currentPid() !== Tasks.pid || u64(ctx.args.id) !== Tasks.call) return;
    const calls = Tasks.calls.get(currentTask<task_struct>(), "create");
    if (calls === null) return;
    calls.value += 1n;
    Tasks.tell(0, calls.value);
  }

  @rawTracepoint("sys_enter")
  static stack(ctx: RawTracepointContext<"sys_enter">): void {
    if (currentPid() !== Tasks.pid || u64(ctx.args.id) !== Tasks.call) return;
    Tasks.ids.set(0, Tasks.stacks.take(ctx));
    Tasks.ids.set(1, Tasks.stacks.take(ctx, { user: true, skip: 1 }));
    Tasks.tell(1, Tasks.groups.hasCurrentTask(0) ? 1n : 0n);
    Tasks.tell(2, Tasks.groups.hasCurrentTask(1) ? 1n : 0n);
  }
}
