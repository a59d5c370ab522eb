import type { u8, u32, XdpContext } from "@waggle/kernel";
import { HashMap, sizeof, u64, XdpAction, xdp } from "@waggle/kernel";
import type { EthHdr, IpHdr, Ipv6Hdr } from "@waggle/kernel/net";
import { EthProto } from "@waggle/kernel/net";

/** What was seen of one protocol. */
export interface Traffic {
  packets: u64;
  bytes: u64;
}

/** Counts the packets that an interface receives, by the protocol above IP. */
export class PacketCounter {
  static readonly protocols = new HashMap<u8, Traffic>({ maxEntries: 256 });

  @xdp()
  static count(ctx: XdpContext): XdpAction {
    const eth = ctx.at<EthHdr>(0);
    if (eth === null) return XdpAction.Pass;
    if (eth.protocol === EthProto.Ipv4) {
      const ip = ctx.at<IpHdr>(sizeof<EthHdr>());
      if (ip !== null) add(ip.protocol, ctx.length);
    } else if (eth.protocol === EthProto.Ipv6) {
      const ip = ctx.at<Ipv6Hdr>(sizeof<EthHdr>());
      if (ip !== null) add(ip.nextHeader, ctx.length);
    }
    return XdpAction.Pass;
  }
}

function add(protocol: u8, bytes: u32): void {
  const seen = PacketCounter.protocols.get(protocol);
  if (seen === null) {
    PacketCounter.protocols.set(protocol, { packets: 1n, bytes: u64(bytes) });
  } else {
    seen.packets += 1n;
    seen.bytes += u64(bytes);
  }
}
