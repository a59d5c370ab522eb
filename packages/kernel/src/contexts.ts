/** What programs receive. */
import type { ProgramContext } from "./boundary.js";
import type { u32 } from "./integers.js";
import type { Pointee } from "./pointers.js";
import type { TRACEPOINT } from "./symbols.js";
import type { Tracepoints } from "./tracepoints.js";

/** A packet before the network stack; `struct xdp_md`, kernel 4.8. */
export interface XdpContext extends ProgramContext<"xdp"> {
  /** The packet's bytes, from the link-layer header on. */
  readonly length: u32;
  /** Index of the interface that received the packet; kernel 4.16. */
  readonly ingressIfindex: u32;
  /** The receive queue; kernel 4.16. */
  readonly rxQueueIndex: u32;
  /** Index of the interface that will send the packet, in programs on a device map; kernel 5.8. */
  readonly egressIfindex: u32;
  /** The `T` at `offset` bytes into the packet, in place, or null when the packet ends before it does. */
  at<T>(offset: number): Pointee<T> | null;
}

/** The fields of one tracepoint, by its `category/name`; kernel 4.7. */
export type TracepointContext<Name extends keyof Tracepoints> = ProgramContext<"tracepoint"> &
  Tracepoints[Name] & { readonly [TRACEPOINT]?: Name };

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
