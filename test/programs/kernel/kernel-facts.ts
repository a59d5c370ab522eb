/** What only the running kernel knows: how it was built, where its symbols lie, functions that it has. */
import type { BtfTracepointContext, CString, Dynptr, i32, KernelPtr } from "@waggle/kernel";
import {
  ArrayMap,
  btfTracepoint,
  config,
  currentPid,
  currentTask,
  isNull,
  kconfig,
  kfuncExists,
  kfuncs,
  ksym,
  sizeof,
  u32,
  u64,
  XdpAction,
  type XdpContext,
  xdp,
  zeroed,
} from "@waggle/kernel";
import type { EthHdr } from "@waggle/kernel/net";
import type { task_struct } from "../../../examples/tools/src/kernel/vmlinux.js";

declare module "@waggle/kernel" {
  interface Kfuncs {
    bpf_task_from_pid(pid: i32): KernelPtr<task_struct> | null;
    bpf_task_acquire(task: KernelPtr<task_struct>): KernelPtr<task_struct> | null;
    bpf_task_release(task: KernelPtr<task_struct>): void;
    bpf_rcu_read_lock(): void;
    bpf_rcu_read_unlock(): void;
    bpf_there_is_none(number: u32): boolean;
    bpf_dynptr_from_xdp(ctx: object, flags: u64, dynptr: object): i32;
    bpf_dynptr_slice(dynptr: object, offset: u32, buffer: EthHdr, size: u32): EthHdr | null;
    bpf_dynptr_size(dynptr: object): u32;
  }
}

export class KernelFacts {
  static readonly seen = new ArrayMap<u64>({ maxEntries: 16 });
  static readonly texts = new ArrayMap<CString<32>>({ maxEntries: 1 });
  @config static pid: u32 = 0;
  @config static call: u64 = 0n;
  @config static other: i32 = 0;

  private static tell(index: u32, value: u64): void {
    const place = KernelFacts.seen.get(index);
    if (place !== null) place.value = value;
  }

  @xdp()
  static built(_ctx: XdpContext): XdpAction {
    KernelFacts.tell(0, u64(kconfig<u32>("CONFIG_HZ")));
    KernelFacts.tell(1, kconfig<boolean>("CONFIG_BPF") ? 1n : 0n);
    KernelFacts.tell(2, kconfig<boolean>("CONFIG_THERE_IS_NONE") ? 1n : 0n);
    KernelFacts.tell(3, u64(kconfig<u32>("LINUX_KERNEL_VERSION")));
    const text = KernelFacts.texts.get(0);
    if (text !== null) text.set(kconfig<CString<32>>("CONFIG_DEFAULT_HOSTNAME"));
    return XdpAction.Pass;
  }

  @xdp()
  static symbols(_ctx: XdpContext): XdpAction {
    KernelFacts.tell(4, u64(ksym("vfs_read")));
    KernelFacts.tell(5, isNull(ksym("there_is_none")) ? 1n : 0n);
    return XdpAction.Pass;
  }

  /** Reads the packet by a dynamic pointer. */
  @xdp()
  static dynamic(ctx: XdpContext): XdpAction {
    const packet = zeroed<Dynptr>();
    if (kfuncs.bpf_dynptr_from_xdp(ctx, 0n, packet) !== 0) return XdpAction.Aborted;
    const buffer = zeroed<EthHdr>();
    const eth = kfuncs.bpf_dynptr_slice(packet, 0, buffer, sizeof<EthHdr>());
    if (eth === null) return XdpAction.Drop;
    KernelFacts.tell(10, u64(eth.protocol));
    KernelFacts.tell(11, u64(kfuncs.bpf_dynptr_size(packet)));
    return XdpAction.Pass;
  }

  /** Calls what the kernel has not only where it is asked about. */
  @btfTracepoint("sys_enter")
  static calls(ctx: BtfTracepointContext<"sys_enter">): void {
    if (currentPid() !== KernelFacts.pid || u64(ctx.args.id) !== KernelFacts.call) return;
    if (kfuncExists("bpf_there_is_none")) KernelFacts.tell(6, kfuncs.bpf_there_is_none(1) ? 1n : 2n);
    else KernelFacts.tell(6, 3n);
    const task = kfuncs.bpf_task_from_pid(KernelFacts.other);
    if (task !== null) {
      KernelFacts.tell(7, u64(task.real_parent.tgid));
      KernelFacts.tell(8, u64(u32(task.tgid)));
      kfuncs.bpf_task_release(task);
    } else KernelFacts.tell(7, 0xdeadn);
    const own = kfuncs.bpf_task_acquire(currentTask<task_struct>());
    if (own === null) return;
    KernelFacts.tell(9, u64(own.pid));
    kfuncs.bpf_task_release(own);
  }
}
