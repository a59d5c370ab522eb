/** A program for each place on the way of packets. */
import type {
  ActionContext,
  ClassifierContext,
  FlowDissectorContext,
  SocketFilterContext,
  XdpContext,
} from "@waggle/kernel";
import {
  ArrayMap,
  action,
  classifier,
  config,
  FlowDissectorAction,
  flowDissector,
  socketFilter,
  TcAction,
  u32,
  u64,
  XdpAction,
  xdp,
} from "@waggle/kernel";
import { type EthHdr, EthProto, type IpHdr, type UdpHdr } from "@waggle/kernel/net";

const IPPROTO_UDP = 17;

export class Packets {
  static readonly hits = new ArrayMap<u64>({ maxEntries: 16 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 16 });
  @config static port: u32 = 0;

  private static saw(index: u32, value: u64): void {
    const hits = Packets.hits.get(index);
    const seen = Packets.seen.get(index);
    if (hits !== null) hits.value += 1n;
    if (seen !== null) seen.value = value;
  }

  /** Whether a frame is a datagram to the port. */
  private static isForPort(ctx: ClassifierContext): boolean {
    const ip = ctx.at<IpHdr>(14);
    const udp = ctx.at<UdpHdr>(34);
    return ip !== null && udp !== null && ip.protocol === IPPROTO_UDP && u32(udp.dest) === Packets.port;
  }

  @xdp()
  static drop(ctx: XdpContext): XdpAction {
    const eth = ctx.at<EthHdr>(0);
    const udp = ctx.at<UdpHdr>(34);
    if (eth === null || udp === null || eth.protocol !== EthProto.Ipv4) return XdpAction.Pass;
    if (u32(udp.dest) !== Packets.port) return XdpAction.Pass;
    Packets.saw(0, u64(ctx.ingressIfindex));
    return XdpAction.Drop;
  }

  /** Marks datagrams to the port. */
  @classifier()
  static mark(ctx: ClassifierContext): TcAction {
    if (ctx.protocol !== EthProto.Ipv4 || !Packets.isForPort(ctx)) return TcAction.Unspec;
    ctx.mark = 77;
    ctx.cb[1] = 5;
    ctx.priority = ctx.mark + 1;
    Packets.saw(1, u64(ctx.length));
    return TcAction.Unspec;
  }

  /** Drops what `mark` has marked. */
  @classifier()
  static shoot(ctx: ClassifierContext): TcAction {
    if (ctx.mark !== 77) return TcAction.Unspec;
    Packets.saw(2, u64(ctx.priority));
    return TcAction.Shot;
  }

  @action()
  static act(ctx: ActionContext): TcAction {
    Packets.saw(3, u64(ctx.length));
    return TcAction.Ok;
  }

  /** Keeps the first 10 bytes of datagrams: header and two letters. */
  @socketFilter()
  static filter(ctx: SocketFilterContext): u32 {
    const udp = ctx.load<UdpHdr>(0);
    if (udp === null) return 0;
    Packets.saw(4, u64(udp.dest));
    return ctx.length > 12 ? 10 : 0;
  }

  @flowDissector()
  static dissect(ctx: FlowDissectorContext): FlowDissectorAction {
    const keys = ctx.flowKeys;
    Packets.saw(5, u64(keys.nProto));
    return FlowDissectorAction.Ok;
  }
}
