/** What contexts with a packet have. */
import type { ProgramContext } from "../boundary.js";
import type { u32 } from "../integers.js";
import type { KernelPtr, Pointee } from "../pointers.js";

/** A packet whose bytes the program reads and writes in place. */
export interface PacketAccess {
  /** The `T` at `offset` bytes into the packet, in place, or null when the packet ends before it does. */
  at<T>(offset: number): Pointee<T> | null;
}

/** A packet whose bytes the program reads in place. */
export interface PacketReads {
  /** The `T` at `offset` bytes into the packet, in place, or null when the packet ends before it does. It cannot be written. */
  at<T>(offset: number): Readonly<Pointee<T>> | null;
}

/** A packet before the network stack; `struct xdp_md`, kernel 4.8. */
export interface XdpContext extends ProgramContext<"xdp">, PacketAccess {
  /** The packet's bytes, from the link-layer header on. Of a packet in several buffers (`frags`), those of the first. */
  readonly length: u32;
  /** Index of the interface that received the packet; kernel 4.16. */
  readonly ingressIfindex: u32;
  /** The receive queue; kernel 4.16. */
  readonly rxQueueIndex: u32;
}

/** The packet of a program on a device map, which runs before it is sent; kernel 5.8. */
export interface XdpDevmapContext extends XdpContext {
  /** Index of the interface that will send the packet. */
  readonly egressIfindex: u32;
}

/** A packet at a hook of netfilter, beside rules of nftables; `struct bpf_nf_ctx`, kernel 6.4. `Arguments` declares what is read of them. */
export interface NetfilterContext<
  Arguments extends { readonly state: KernelPtr; readonly skb: KernelPtr } = {
    readonly state: KernelPtr;
    readonly skb: KernelPtr;
  },
> extends ProgramContext<"netfilter"> {
  readonly args: Arguments;
}

/** What a program of netfilter decides; `NF_DROP` and `NF_ACCEPT` of linux/netfilter.h. */
export const NetfilterAction = {
  /** Dropped. */
  Drop: 0,
  /** On to what comes next. */
  Accept: 1,
} as const;
/** What a program of netfilter decides. */
export type NetfilterAction = (typeof NetfilterAction)[keyof typeof NetfilterAction];

/** What an XDP program decides; `enum xdp_action`. */
export const XdpAction = {
  /** An error: dropped, and seen by the `xdp_exception` tracepoint. */
  Aborted: 0,
  /** Dropped. */
  Drop: 1,
  /** On to the network stack. */
  Pass: 2,
  /** Out of the interface that it came in by. */
  Tx: 3,
  /** To where `redirect` said. */
  Redirect: 4,
} as const;
/** What an XDP program decides; `enum xdp_action`. */
export type XdpAction = (typeof XdpAction)[keyof typeof XdpAction];
