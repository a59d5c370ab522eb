import type { CString, FixedArray, TracepointContext, u8 } from "@waggle/kernel";
import {
  config,
  cstring,
  currentComm,
  currentPid,
  flavour,
  ktimeGetNs,
  LruHashMap,
  RingBuffer,
  tracepoint,
  type u16,
  type u32,
  u64,
} from "@waggle/kernel";
import type { tcp_sock } from "./vmlinux.js";

/** A connection has ended. */
export interface LifeEvent {
  /** Who opened it; of one that was accepted, who ended it. */
  pid: u32;
  /** Ports in host order. */
  sport: u16;
  dport: u16;
  /** Bytes of data that came, and that the other side has acknowledged. */
  received: u64;
  sent: u64;
  /** How long it was, in nanoseconds. */
  time: u64;
  comm: CString<16>;
  /** Of IPv4 mapped into IPv6. */
  saddr: FixedArray<u8, 16>;
  daddr: FixedArray<u8, 16>;
}

interface Birth {
  at: u64;
  pid: u32;
  comm: CString<16>;
}

/** `enum` of states in net/tcp_states.h, and `IPPROTO_TCP`. */
const TCP_SYN_SENT = 2;
const TCP_SYN_RECV = 3;
const TCP_LAST_ACK = 9;
const TCP_CLOSE = 7;
const TCP_FIN_WAIT1 = 4;
const IPPROTO_TCP = 6;

export class Tcplife {
  /** By the address of the kernel's socket. */
  static readonly births = new LruHashMap<u64, Birth>({ maxEntries: 10_240 });
  static readonly events = new RingBuffer<LifeEvent>({ bytes: 64 * 1024 });
  /** Only connections of this port on either side; 0 for all. */
  @config static port: u16 = 0;

  @tracepoint("sock", "inet_sock_set_state")
  static onState(ctx: TracepointContext<"sock/inet_sock_set_state">): void {
    if (ctx.protocol !== IPPROTO_TCP) return;
    if (Tcplife.port !== 0 && ctx.sport !== Tcplife.port && ctx.dport !== Tcplife.port) return;
    const socket = u64(ctx.skaddr);
    const state = ctx.newstate;
    // Interrupts bring about most changes: whose process they came to says nothing. These two come from system calls.
    if (state === TCP_SYN_SENT) {
      const birth: Birth = { at: ktimeGetNs(), pid: currentPid(), comm: cstring("") };
      currentComm(birth.comm);
      Tcplife.births.set(socket, birth);
    } else if (state === TCP_SYN_RECV) {
      Tcplife.births.set(socket, { at: ktimeGetNs(), pid: 0, comm: cstring("") });
    }
    const birth = Tcplife.births.get(socket);
    if (birth === null) return;
    if ((state === TCP_FIN_WAIT1 || state === TCP_LAST_ACK) && birth.pid === 0) {
      birth.pid = currentPid();
      currentComm(birth.comm);
    }
    if (state !== TCP_CLOSE) return;
    const event = Tcplife.events.reserve();
    if (event !== null) {
      const tcp = flavour<tcp_sock>(ctx.skaddr);
      event.pid = birth.pid;
      event.sport = ctx.sport;
      event.dport = ctx.dport;
      event.received = tcp.bytes_received;
      event.sent = tcp.bytes_acked;
      event.time = ktimeGetNs() - birth.at;
      event.comm.set(birth.comm);
      event.saddr = ctx.saddr_v6;
      event.daddr = ctx.daddr_v6;
      Tcplife.events.submit(event);
    }
    Tcplife.births.delete(socket);
  }
}
