import type { FixedArray, TracepointContext, u8 } from "@waggle/kernel";
import {
  config,
  type i32,
  ktimeGetNs,
  LruHashMap,
  RingBuffer,
  tracepoint,
  type u16,
  u64,
} from "@waggle/kernel";
import "./vmlinux.js";

/** A connection went from one state to another. */
export interface StateEvent {
  /** `TCP_*` of net/tcp_states.h. */
  before: i32;
  after: i32;
  /** Ports in host order. */
  sport: u16;
  dport: u16;
  /** How long it was in the state before, in nanoseconds; 0 when it was there before the tool. */
  time: u64;
  /** Of IPv4 mapped into IPv6. */
  saddr: FixedArray<u8, 16>;
  daddr: FixedArray<u8, 16>;
}

const TCP_CLOSE = 7;
const IPPROTO_TCP = 6;

export class Tcpstates {
  /** When the connection came into its state, by the address of the kernel's socket. */
  static readonly since = new LruHashMap<u64, u64>({ maxEntries: 10_240 });
  static readonly events = new RingBuffer<StateEvent>({ bytes: 256 * 1024 });
  /** Only connections of this port on either side; 0 for all. */
  @config static port: u16 = 0;

  @tracepoint("sock", "inet_sock_set_state")
  static onState(ctx: TracepointContext<"sock/inet_sock_set_state">): void {
    if (ctx.protocol !== IPPROTO_TCP) return;
    if (Tcpstates.port !== 0 && ctx.sport !== Tcpstates.port && ctx.dport !== Tcpstates.port) return;
    const socket = u64(ctx.skaddr);
    const now = ktimeGetNs();
    const since = Tcpstates.since.get(socket);
    const event = Tcpstates.events.reserve();
    if (event !== null) {
      event.before = ctx.oldstate;
      event.after = ctx.newstate;
      event.sport = ctx.sport;
      event.dport = ctx.dport;
      event.time = since === null ? 0n : now - since.value;
      event.saddr = ctx.saddr_v6;
      event.daddr = ctx.daddr_v6;
      Tcpstates.events.submit(event);
    }
    if (ctx.newstate === TCP_CLOSE) Tcpstates.since.delete(socket);
    else Tcpstates.since.set(socket, now);
  }
}
