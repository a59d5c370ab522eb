/** Transport-layer headers, as they are on the wire. */
import type { be16, be32 } from "../big-endian.js";
import { type u8, u32 } from "../integers.js";

/** A TCP header without options, 20 bytes; `struct tcphdr`, RFC 9293. */
export interface TcpHdr {
  source: be16;
  dest: be16;
  sequence: be32;
  acknowledgment: be32;
  /** The header's length in words of 4 bytes in the high 4 bits. */
  dataOffset: u8;
  /** Bits of `TcpFlag`. */
  flags: u8;
  window: be16;
  checksum: be16;
  urgent: be16;
}

/** The bytes of a TCP header with its options: 20 to 60, less than 20 only in a broken packet. */
export function tcpHeaderLength(tcp: TcpHdr): u32 {
  return u32((tcp.dataOffset >> 4) * 4);
}

/** Bits of `TcpHdr.flags`. */
export const TcpFlag = {
  Fin: 0x01,
  Syn: 0x02,
  Rst: 0x04,
  Psh: 0x08,
  Ack: 0x10,
  Urg: 0x20,
  Ece: 0x40,
  Cwr: 0x80,
} as const;

/** A UDP header, 8 bytes; `struct udphdr`, RFC 768. */
export interface UdpHdr {
  source: be16;
  dest: be16;
  /** Bytes of header and payload. */
  length: be16;
  checksum: be16;
}

/** The first 8 bytes of an ICMP message; `struct icmphdr`, RFC 792. ICMPv6 has the same shape. */
export interface IcmpHdr {
  type: u8;
  code: u8;
  checksum: be16;
  /** What it means depends on the type; for an echo, the identifier and the sequence number. */
  rest: be32;
}
