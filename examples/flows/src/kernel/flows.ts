import type { u8, u32, XdpContext } from "@waggle/kernel";
import { be16, be32, config, LruHashMap, sizeof, u64, XdpAction, xdp } from "@waggle/kernel";
import type { EthHdr, IpHdr, Ipv6Address, Ipv6Hdr, UdpHdr, VlanHdr } from "@waggle/kernel/net";
import { EthProto, IpProto, ipHeaderLength, isLaterFragment } from "@waggle/kernel/net";

/** One direction of a conversation. IPv4 addresses are mapped into IPv6: `::ffff:a.b.c.d`. Ports are 0 where there are none. */
export interface FlowKey {
  source: Ipv6Address;
  destination: Ipv6Address;
  sourcePort: be16;
  destinationPort: be16;
  protocol: u8;
}

export interface FlowStats {
  packets: u64;
  bytes: u64;
}

/** Counts packets and bytes by flow. */
export class Flows {
  static readonly stats = new LruHashMap<FlowKey, FlowStats>({ maxEntries: 65_536 });

  /** Count every packet of this protocol only (`IpProto`); 0 counts all. */
  @config static protocol: u8 = 0;

  @xdp()
  static count(ctx: XdpContext): XdpAction {
    const eth = ctx.at<EthHdr>(0);
    if (eth === null) return XdpAction.Pass;
    let protocol = eth.protocol;
    let offset: u32 = sizeof<EthHdr>();
    if (protocol === EthProto.Vlan || protocol === EthProto.ServiceVlan) {
      const vlan = ctx.at<VlanHdr>(offset);
      if (vlan === null) return XdpAction.Pass;
      protocol = vlan.protocol;
      offset += sizeof<VlanHdr>();
    }
    if (protocol === EthProto.Ipv4) Flows.countIpv4(ctx, offset);
    else if (protocol === EthProto.Ipv6) Flows.countIpv6(ctx, offset);
    return XdpAction.Pass;
  }

  private static countIpv4(ctx: XdpContext, offset: u32): void {
    const ip = ctx.at<IpHdr>(offset);
    if (ip === null) return;
    const key: FlowKey = {
      source: [be32(0), be32(0), be32(0xffff), ip.saddr],
      destination: [be32(0), be32(0), be32(0xffff), ip.daddr],
      sourcePort: be16(0),
      destinationPort: be16(0),
      protocol: ip.protocol,
    };
    if (!isLaterFragment(ip)) Flows.readPorts(ctx, offset + ipHeaderLength(ip), key);
    Flows.add(key, ctx.length);
  }

  private static countIpv6(ctx: XdpContext, offset: u32): void {
    const ip = ctx.at<Ipv6Hdr>(offset);
    if (ip === null) return;
    const key: FlowKey = {
      source: ip.saddr,
      destination: ip.daddr,
      sourcePort: be16(0),
      destinationPort: be16(0),
      protocol: ip.nextHeader,
    };
    Flows.readPorts(ctx, offset + sizeof<Ipv6Hdr>(), key);
    Flows.add(key, ctx.length);
  }

  /** TCP and UDP headers both begin with the two ports. */
  private static readPorts(ctx: XdpContext, offset: u32, key: FlowKey): void {
    if (key.protocol !== IpProto.Tcp && key.protocol !== IpProto.Udp) return;
    const ports = ctx.at<UdpHdr>(offset);
    if (ports === null) return;
    key.sourcePort = ports.source;
    key.destinationPort = ports.dest;
  }

  private static add(key: FlowKey, length: u32): void {
    if (Flows.protocol !== 0 && Flows.protocol !== key.protocol) return;
    const seen = Flows.stats.get(key);
    if (seen !== null) {
      seen.packets += 1n;
      seen.bytes += u64(length);
    } else {
      Flows.stats.set(key, { packets: 1n, bytes: u64(length) });
    }
  }
}
