import type { CgroupSkbContext, FixedArray, Prefix, u8, CgroupAction as Verdict } from "@waggle/kernel";
import { be32, CgroupAction, cgroupSkb, config, LpmTrie, RingBuffer, type u32 } from "@waggle/kernel";
import type { IpHdr, Ipv6Hdr } from "@waggle/kernel/net";
import { EthProto } from "@waggle/kernel/net";

/** Something was kept from leaving. */
export interface BlockEvent {
  /** Of IPv4 mapped into IPv6. */
  address: FixedArray<be32, 4>;
  /** What the packet is: an `IpProto`. */
  protocol: u8;
  length: u32;
}

/** Decides where the processes of a cgroup may send to: the longest prefix that an address lies in says. */
export class EgressFirewall {
  /** Whether addresses of a prefix may be sent to. IPv4 addresses are mapped into IPv6: `::ffff:a.b.c.d`. */
  static readonly rules = new LpmTrie<FixedArray<be32, 4>, boolean>({ maxEntries: 4096 });
  static readonly blocked = new RingBuffer<BlockEvent>({ bytes: 64 * 1024 });
  /** Whether what no rule speaks of may be sent to. */
  @config static otherwise: boolean = false;

  @cgroupSkb("egress")
  static egress(ctx: CgroupSkbContext): Verdict {
    if (ctx.protocol === EthProto.Ipv4) {
      const ip = ctx.at<IpHdr>(0);
      if (ip === null) return CgroupAction.Deny;
      const key: Prefix<FixedArray<be32, 4>> = {
        prefixLength: 128,
        data: [be32(0), be32(0), be32(0xffff), ip.daddr],
      };
      return EgressFirewall.decide(key, ip.protocol, ctx.length);
    }
    if (ctx.protocol === EthProto.Ipv6) {
      const ip = ctx.at<Ipv6Hdr>(0);
      if (ip === null) return CgroupAction.Deny;
      return EgressFirewall.decide({ prefixLength: 128, data: ip.daddr }, ip.nextHeader, ctx.length);
    }
    return CgroupAction.Allow;
  }

  private static decide(key: Prefix<FixedArray<be32, 4>>, protocol: u8, length: u32): Verdict {
    const rule = EgressFirewall.rules.get(key);
    if (rule === null ? EgressFirewall.otherwise : rule.value) return CgroupAction.Allow;
    EgressFirewall.blocked.output({ address: key.data, protocol, length });
    return CgroupAction.Deny;
  }
}
