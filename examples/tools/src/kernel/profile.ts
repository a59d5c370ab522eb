import type { CString, PerfEventContext } from "@waggle/kernel";
import {
  atomic,
  config,
  cstring,
  currentComm,
  currentPid,
  HashMap,
  i32,
  perfEvent,
  StackTraces,
  type u32,
  type u64,
} from "@waggle/kernel";

/** Who ran, and where. */
export interface Place {
  pid: u32;
  /** Numbers of the stacks in the kernel and in the program, or negative errnos where there is none. */
  kernelStack: i32;
  userStack: i32;
  comm: CString<16>;
}

export class Profile {
  static readonly stacks = new StackTraces({ maxEntries: 16_384 });
  /** Samples by place. */
  static readonly samples = new HashMap<Place, u64>({ maxEntries: 16_384 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  @perfEvent()
  static onSample(ctx: PerfEventContext): void {
    const pid = currentPid();
    // Process 0 is a CPU with nothing to do.
    if (pid === 0 || (Profile.pid !== 0 && pid !== Profile.pid)) return;
    const place: Place = {
      pid,
      kernelStack: i32(Profile.stacks.take(ctx)),
      userStack: i32(Profile.stacks.take(ctx, { user: true })),
      comm: cstring(""),
    };
    currentComm(place.comm);
    const count = Profile.samples.getOrInsert(place, 0n);
    if (count !== null) atomic.add(count.value, 1n);
  }
}
