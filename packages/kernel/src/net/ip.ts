/** Network-layer headers, as they are on the wire. */
import type { FixedArray } from "../arrays.js";
import type { be16, be32 } from "../big-endian.js";
import { type u8, u16, u32 } from "../integers.js";

/** An IPv4 header without options, 20 bytes; `struct iphdr`, RFC 791. */
export interface IpHdr {
  /** The version (4) in the high 4 bits, the header's length in words of 4 bytes in the low. */
  versionIhl: u8;
  tos: u8;
  /** Bytes of header and payload. */
  totalLength: be16;
  id: be16;
  /** Flags (3 bits) and the fragment's offset in units of 8 bytes (13 bits). */
  fragmentOffset: be16;
  ttl: u8;
  /** What follows: an `IpProto`. */
  protocol: u8;
  checksum: be16;
  saddr: be32;
  daddr: be32;
}

/** The bytes of an IPv4 header with its options: 20 to 60, less than 20 only in a broken packet. */
export function ipHeaderLength(ip: IpHdr): u32 {
  return u32((ip.versionIhl & 0xf) * 4);
}

/** Whether a packet is a fragment other than the first, so that no transport header follows. */
export function isLaterFragment(ip: IpHdr): boolean {
  return (u16(ip.fragmentOffset) & 0x1fff) !== 0;
}

/** An IPv6 address, 16 bytes, as four words. An IPv4 address maps to `[be32(0), be32(0), be32(0xffff), saddr]`. */
export type Ipv6Address = FixedArray<be32, 4>;

/** An IPv6 header without extensions, 40 bytes; `struct ipv6hdr`, RFC 8200. */
export interface Ipv6Hdr {
  /** The version (6, 4 bits), the traffic class (8 bits), the flow label (20 bits). */
  versionClassFlow: be32;
  /** Bytes after this header. */
  payloadLength: be16;
  /** What follows: an `IpProto`. */
  nextHeader: u8;
  hopLimit: u8;
  saddr: Ipv6Address;
  daddr: Ipv6Address;
}

/** Protocols above IP; `IPPROTO_*` of linux/in.h. */
export const IpProto = {
  HopOptions: 0,
  Icmp: 1,
  Igmp: 2,
  Tcp: 6,
  Udp: 17,
  Routing: 43,
  Fragment: 44,
  Gre: 47,
  Esp: 50,
  Ah: 51,
  Icmpv6: 58,
  NoNext: 59,
  DestinationOptions: 60,
  Sctp: 132,
} as const;
/** A protocol above IP. */
export type IpProto = (typeof IpProto)[keyof typeof IpProto];
