import type { CString, FixedArray, KprobeContext, KretprobeContext } from "@waggle/kernel";
import {
  type be32,
  config,
  currentComm,
  currentPid,
  currentTid,
  currentUid,
  type i32,
  type KernelPtr,
  kprobe,
  kretprobe,
  LruHashMap,
  RingBuffer,
  u16,
  type u32,
} from "@waggle/kernel";
import type { sock } from "./vmlinux.js";

/** A program has begun to connect over TCP. */
export interface ConnectEvent {
  pid: u32;
  uid: u32;
  /** 4 or 6. */
  version: u32;
  /** Ports in host order. */
  sport: u16;
  dport: u16;
  /** Of IPv4 the first element. */
  saddr: FixedArray<be32, 4>;
  daddr: FixedArray<be32, 4>;
  comm: CString<16>;
}

export class Tcpconnect {
  static readonly connecting = new LruHashMap<u32, KernelPtr<sock>>({ maxEntries: 10_240 });
  static readonly events = new RingBuffer<ConnectEvent>({ bytes: 64 * 1024 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  @kprobe("tcp_v4_connect")
  static onConnect4(ctx: KprobeContext<"tcp_v4_connect">): void {
    if (Tcpconnect.pid === 0 || currentPid() === Tcpconnect.pid)
      Tcpconnect.connecting.set(currentTid(), ctx.args.sk);
  }

  @kprobe("tcp_v6_connect")
  static onConnect6(ctx: KprobeContext<"tcp_v6_connect">): void {
    if (Tcpconnect.pid === 0 || currentPid() === Tcpconnect.pid)
      Tcpconnect.connecting.set(currentTid(), ctx.args.sk);
  }

  /** The socket has its addresses once the function has returned. */
  private static connected(result: i32, version: u32): void {
    const socket = Tcpconnect.connecting.get(currentTid());
    if (socket === null) return;
    const event = result === 0 ? Tcpconnect.events.reserve() : null;
    if (event !== null) {
      const common = socket.value.__sk_common;
      event.pid = currentPid();
      event.uid = currentUid();
      event.version = version;
      event.sport = common.skc_num;
      event.dport = u16(common.skc_dport);
      if (version === 4) {
        event.saddr[0] = common.skc_rcv_saddr;
        event.daddr[0] = common.skc_daddr;
      } else {
        for (let word: u32 = 0; word < 4; word++) {
          event.saddr[word] = common.skc_v6_rcv_saddr.in6_u.u6_addr32[word];
          event.daddr[word] = common.skc_v6_daddr.in6_u.u6_addr32[word];
        }
      }
      currentComm(event.comm);
      Tcpconnect.events.submit(event);
    }
    Tcpconnect.connecting.delete(currentTid());
  }

  @kretprobe("tcp_v4_connect")
  static onConnected4(ctx: KretprobeContext<"tcp_v4_connect">): void {
    Tcpconnect.connected(ctx.result, 4);
  }

  @kretprobe("tcp_v6_connect")
  static onConnected6(ctx: KretprobeContext<"tcp_v6_connect">): void {
    Tcpconnect.connected(ctx.result, 6);
  }
}
