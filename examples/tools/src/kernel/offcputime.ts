import type { CString, RawTracepointContext } from "@waggle/kernel";
import {
  atomic,
  config,
  cstring,
  currentComm,
  HashMap,
  i32,
  ktimeGetNs,
  LruHashMap,
  rawTracepoint,
  StackTraces,
  u32,
  type u64,
} from "@waggle/kernel";
import "./vmlinux.js";

/** Who waited, and where. */
export interface Wait {
  pid: u32;
  /** Number of the stack in the kernel, or a negative errno. */
  stack: i32;
  comm: CString<16>;
}

interface Leave {
  at: u64;
  wait: Wait;
}

export class Offcputime {
  static readonly left = new LruHashMap<u32, Leave>({ maxEntries: 10_240 });
  static readonly stacks = new StackTraces({ maxEntries: 4096 });
  /** Nanoseconds without a CPU. */
  static readonly times = new HashMap<Wait, u64>({ maxEntries: 10_240 });
  /** Only threads of this process; 0 for all. */
  @config static pid: u32 = 0;

  @rawTracepoint("sched_switch")
  static onSwitch(ctx: RawTracepointContext<"sched_switch">): void {
    const { prev, next } = ctx.args;
    const now = ktimeGetNs();
    const tgid = u32(prev.tgid);
    // Thread 0 is a CPU with nothing to do.
    if (prev.pid !== 0 && (Offcputime.pid === 0 || tgid === Offcputime.pid)) {
      // The task that leaves is still the current one: the stack and name are its own.
      const leave: Leave = {
        at: now,
        wait: { pid: tgid, stack: i32(Offcputime.stacks.take(ctx)), comm: cstring("") },
      };
      currentComm(leave.wait.comm);
      Offcputime.left.set(u32(prev.pid), leave);
    }
    const back = u32(next.pid);
    const leave = Offcputime.left.get(back);
    if (leave === null) return;
    const time = Offcputime.times.getOrInsert(leave.wait, 0n);
    if (time !== null) atomic.add(time.value, now - leave.at);
    Offcputime.left.delete(back);
  }
}
