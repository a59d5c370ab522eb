/** What contexts with a packet have. */
import type { ProgramContext } from "../boundary.js";
import type { u32 } from "../integers.js";
import type { Pointee } from "../pointers.js";

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
