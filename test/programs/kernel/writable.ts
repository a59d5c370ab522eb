/** A raw tracepoint that lets its argument be changed, and programs on entries of maps. */
import type {
  i32,
  KernelFunction,
  KernelPtr,
  LwtInContext,
  LwtOutContext,
  LwtXmitContext,
  RawTracepointWritableContext,
  XdpContext,
} from "@waggle/kernel";
import {
  ArrayMap,
  CpuMap,
  config,
  currentPid,
  DevMap,
  LwtAction,
  lwtIn,
  lwtOut,
  lwtXmit,
  rawTracepointWritable,
  type u32,
  u64,
  XdpAction,
  xdp,
} from "@waggle/kernel";

declare module "@waggle/kernel" {
  interface RawTracepoints {
    bpf_test_finish: KernelFunction<{ err: KernelPtr }, void>;
  }
}

export class Writable {
  static readonly seen = new ArrayMap<u64>({ maxEntries: 8 });
  static readonly cpus = new CpuMap({ maxEntries: 1 });
  static readonly devices = new DevMap({ maxEntries: 1 });
  @config static pid: u32 = 0;

  private static tell(index: u32, value: u64): void {
    const place = Writable.seen.get(index);
    if (place !== null) place.value = value;
  }

  /** Test runs of this process fail as the program likes. */
  @rawTracepointWritable("bpf_test_finish")
  static finish(ctx: RawTracepointWritableContext<"bpf_test_finish">): void {
    if (currentPid() === Writable.pid) ctx.writable<i32>().value = -7;
  }

  @xdp()
  static toCpu(_ctx: XdpContext): XdpAction {
    return Writable.cpus.redirect(0);
  }

  @xdp({ map: "cpumap" })
  static onCpu(ctx: XdpContext): XdpAction {
    Writable.tell(0, u64(ctx.length));
    return XdpAction.Drop;
  }

  @xdp({ map: "devmap" })
  static onDevice(_ctx: XdpContext): XdpAction {
    return XdpAction.Pass;
  }

  @lwtIn()
  static tunnelIn(ctx: LwtInContext): LwtAction {
    Writable.tell(1, u64(ctx.length));
    return LwtAction.Ok;
  }

  @lwtOut()
  static tunnelOut(ctx: LwtOutContext): LwtAction {
    ctx.mark = 3;
    Writable.tell(2, u64(ctx.mark));
    return LwtAction.Drop;
  }

  @lwtXmit()
  static tunnelXmit(ctx: LwtXmitContext): LwtAction {
    const first = ctx.at<u32>(0);
    if (first !== null) first.value = 0x55;
    return LwtAction.Reroute;
  }
}
