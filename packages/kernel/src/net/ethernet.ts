/** Link-layer headers, as they are on the wire. */
import type { FixedArray } from "../arrays.js";
import type { be16 } from "../big-endian.js";
import type { u8 } from "../integers.js";

/** A hardware address. */
export type MacAddress = FixedArray<u8, 6>;

/** An Ethernet header, 14 bytes; `struct ethhdr`. */
export interface EthHdr {
  destination: MacAddress;
  source: MacAddress;
  /** What follows: an `EthProto`. */
  protocol: be16;
}

/** A VLAN tag, 4 bytes; what follows an `EthHdr` whose protocol is `Vlan` or `ServiceVlan`. IEEE 802.1Q. */
export interface VlanHdr {
  /** Priority (3 bits), drop eligibility (1 bit), VLAN id (12 bits). */
  tci: be16;
  /** What follows: an `EthProto`. */
  protocol: be16;
}

/** Ethernet protocols; `ETH_P_*` of linux/if_ether.h. Their values are the numbers, e.g. `0x0800`. */
export const EthProto = {
  Ipv4: 0x0800 as unknown as be16,
  Arp: 0x0806 as unknown as be16,
  /** IEEE 802.1Q. */
  Vlan: 0x8100 as unknown as be16,
  Ipv6: 0x86dd as unknown as be16,
  /** IEEE 802.1ad, the outer of two tags. */
  ServiceVlan: 0x88a8 as unknown as be16,
} as const;
