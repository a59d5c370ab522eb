import type { CString, FixedArray, KernelPtr, KprobeContext, KretprobeContext } from "@waggle/kernel";
import {
  type be32,
  config,
  currentComm,
  currentPid,
  currentTid,
  type i32,
  kprobe,
  kretprobe,
  LruHashMap,
  RingBuffer,
  type u16,
  u32,
} from "@waggle/kernel";
import type { socket } from "./vmlinux.js";

/** A socket was bound to an address, or could not be. */
export interface BindEvent {
  pid: u32;
  /** 0, or a negative errno. */
  result: i32;
  /** 4 or 6. */
  version: u32;
  /** `IPPROTO_*`. */
  protocol: u32;
  /** In host order; that of the socket, which the kernel chose where the program gave 0. */
  port: u16;
  comm: CString<16>;
  /** Of IPv4 the first element. */
  address: FixedArray<be32, 4>;
}

export class Bindsnoop {
  static readonly binding = new LruHashMap<u32, KernelPtr<socket>>({ maxEntries: 1024 });
  static readonly events = new RingBuffer<BindEvent>({ bytes: 64 * 1024 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  @kprobe("inet_bind")
  static onBind4(ctx: KprobeContext<"inet_bind">): void {
    if (Bindsnoop.pid === 0 || currentPid() === Bindsnoop.pid)
      Bindsnoop.binding.set(currentTid(), ctx.args.sock);
  }

  @kprobe("inet6_bind")
  static onBind6(ctx: KprobeContext<"inet6_bind">): void {
    if (Bindsnoop.pid === 0 || currentPid() === Bindsnoop.pid)
      Bindsnoop.binding.set(currentTid(), ctx.args.sock);
  }

  private static bound(result: i32, version: u32): void {
    const socket = Bindsnoop.binding.get(currentTid());
    if (socket === null) return;
    const event = Bindsnoop.events.reserve();
    if (event !== null) {
      const { sk } = socket.value;
      event.pid = currentPid();
      event.result = result;
      event.version = version;
      event.protocol = u32(sk.sk_protocol);
      event.port = sk.__sk_common.skc_num;
      currentComm(event.comm);
      if (version === 4) event.address[0] = sk.__sk_common.skc_rcv_saddr;
      else {
        for (let word: u32 = 0; word < 4; word++)
          event.address[word] = sk.__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[word];
      }
      Bindsnoop.events.submit(event);
    }
    Bindsnoop.binding.delete(currentTid());
  }

  @kretprobe("inet_bind")
  static onBound4(ctx: KretprobeContext<"inet_bind">): void {
    Bindsnoop.bound(ctx.result, 4);
  }

  @kretprobe("inet6_bind")
  static onBound6(ctx: KretprobeContext<"inet6_bind">): void {
    Bindsnoop.bound(ctx.result, 6);
  }
}
