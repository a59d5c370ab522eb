/** A hook of the security modules for the processes of a cgroup. */
import type { KernelFunction, KernelPtr, LsmCgroupContext } from "@waggle/kernel";
import { ArrayMap, CgroupAction, type i32, lsmCgroup, u64 } from "@waggle/kernel";

declare module "@waggle/kernel" {
  interface LsmHooks {
    socket_bind: KernelFunction<{ sock: KernelPtr; address: KernelPtr; addrlen: i32 }, i32>;
  }
}

export class LsmCgroup {
  static readonly seen = new ArrayMap<u64>({ maxEntries: 1 });

  @lsmCgroup("socket_bind")
  static refuse(ctx: LsmCgroupContext<"socket_bind">): CgroupAction {
    const seen = LsmCgroup.seen.get(0);
    if (seen !== null) seen.value = u64(ctx.args.addrlen);
    return CgroupAction.Deny;
  }
}
