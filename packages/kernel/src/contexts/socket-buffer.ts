/** Contexts of programs that work on a socket buffer: `struct __sk_buff` of linux/bpf.h. */
import type { FixedArray } from "../arrays.js";
import type { be16, be32 } from "../big-endian.js";
import type { ProgramContext } from "../boundary.js";
import type { u8, u32, u64 } from "../integers.js";
import type { Pointee } from "../pointers.js";
import type { PacketAccess, PacketReads } from "./packet.js";
import type { FlowKeys, SocketCommon } from "./socket.js";

/** What every program with a socket buffer reads; kernel 4.1. */
export interface SocketBuffer {
  /** The packet's bytes, those that lie elsewhere than its first included. */
  readonly length: u32;
  /** `PACKET_HOST` (0), `PACKET_BROADCAST`, … of linux/if_packet.h. */
  readonly packetType: u32;
  readonly queueMapping: u32;
  /** The link layer's protocol, `EthProto.Ipv4`, … */
  readonly protocol: be16;
  readonly vlanPresent: u32;
  readonly vlanTci: u32;
  readonly vlanProto: be16;
  readonly priority: u32;
  /** The interface that it came in by. */
  readonly ingressIfindex: u32;
  /** The interface that it is on. */
  readonly ifindex: u32;
  readonly tcIndex: u32;
  readonly hash: u32;
  readonly napiId: u32;
  /** Segments of a packet that the card or the kernel will split; kernel 5.1. */
  readonly gsoSegs: u32;
  /** Their size; kernel 5.7. */
  readonly gsoSize: u32;
  /** The socket that it belongs to; kernel 5.1. */
  readonly sk: SocketCommon | null;
  /**
   * A copy of the `T` at `offset` bytes into the packet, or null when the packet ends before it does. Unlike `at` it reaches all of the
   * packet. `bpf_skb_load_bytes`, kernel 4.5; a flow dissector has it from 5.0.
   */
  load<T>(offset: number): Pointee<T> | null;
}

/** 20 bytes that programs on the way of a packet may leave notes in. */
interface Scratch {
  readonly cb: FixedArray<u32, 5>;
}

/** Where a packet comes from and goes to, where its socket says so; kernel 4.13. */
interface SocketAddresses {
  readonly family: u32;
  readonly remoteIp4: be32;
  readonly localIp4: be32;
  readonly remoteIp6: FixedArray<be32, 4>;
  readonly localIp6: FixedArray<be32, 4>;
  /** As a 32-bit number in network order: `be32(80)` is port 80. */
  readonly remotePort: be32;
  /** In host order. */
  readonly localPort: u32;
}

/** A packet on its way through a socket, before the program's owner reads it; kernel 3.19. */
export interface SocketFilterContext
  extends ProgramContext<"socket-filter">,
    SocketBuffer,
    Scratch,
    SocketAddresses {
  readonly mark: u32;
}

/** What a classifier and an action change of a packet. */
interface TrafficControl extends Scratch {
  mark: u32;
  priority: u32;
  tcIndex: u32;
  /** The traffic class that it goes to. */
  tcClassid: u32;
  queueMapping: u32;
  /** When it is to be sent, or was received, in nanoseconds; kernel 5.0. */
  tstamp: u64;
  /** What `tstamp` means; kernel 5.18. */
  readonly tstampType: u8;
  /** Bytes on the wire; kernel 5.0. */
  readonly wireLength: u32;
}

/** A packet that enters or leaves an interface; kernel 4.1. */
export interface ClassifierContext
  extends ProgramContext<"classifier">,
    TrafficControl,
    Omit<SocketBuffer, keyof TrafficControl>,
    PacketAccess {}

/** A packet that a filter of traffic control gave to an action; kernel 4.1. */
export interface ActionContext
  extends ProgramContext<"action">,
    TrafficControl,
    Omit<SocketBuffer, keyof TrafficControl>,
    PacketAccess {}

/** What classifiers and actions decide; `TC_ACT_*` of linux/pkt_cls.h, and `enum tcx_action_base`. */
export const TcAction = {
  /** What the filter's configuration says; on a tcx link, the next program. */
  Unspec: -1,
  /** On its way; no other program is asked. */
  Ok: 0,
  Reclassify: 1,
  /** Dropped. */
  Shot: 2,
  /** To the next action, or the next filter. */
  Pipe: 3,
  /** Taken by the program: dropped without being counted as such. */
  Stolen: 4,
  /** To where `redirect` said. */
  Redirect: 7,
} as const;
/** What classifiers and actions decide; `TC_ACT_*` of linux/pkt_cls.h. */
export type TcAction = (typeof TcAction)[keyof typeof TcAction];

/** A packet that a process of a cgroup sends or receives; kernel 4.10. Its first byte is that of the IP header. */
export interface CgroupSkbContext
  extends ProgramContext<"cgroup-skb">,
    Omit<SocketBuffer, "priority">,
    Scratch,
    SocketAddresses,
    PacketReads {
  mark: u32;
  priority: u32;
}

/** A packet of a stream that goes through a socket map; kernel 4.14. */
export interface SkSkbContext
  extends ProgramContext<"sk-skb">,
    Omit<SocketBuffer, "priority" | "tcIndex">,
    SocketAddresses,
    PacketAccess {
  priority: u32;
  tcIndex: u32;
}

/** What lightweight tunnels change of a packet. */
interface Tunnel extends Scratch {
  mark: u32;
  priority: u32;
}

/** A packet that a route with a tunnel received; kernel 4.10. Its first byte is that of the IP header. */
export interface LwtInContext
  extends ProgramContext<"lwt-in">,
    Tunnel,
    Omit<SocketBuffer, keyof Tunnel>,
    PacketReads {}

/** A packet of this machine that goes to a route with a tunnel; kernel 4.10. */
export interface LwtOutContext
  extends ProgramContext<"lwt-out">,
    Tunnel,
    Omit<SocketBuffer, keyof Tunnel>,
    PacketReads {}

/** A packet that a route with a tunnel is about to send; kernel 4.10. */
export interface LwtXmitContext
  extends ProgramContext<"lwt-xmit">,
    Tunnel,
    Omit<SocketBuffer, keyof Tunnel>,
    PacketAccess {}

/** A packet for an action of IPv6 segment routing; kernel 4.18. */
export interface LwtSeg6LocalContext
  extends ProgramContext<"lwt-seg6local">,
    Tunnel,
    Omit<SocketBuffer, keyof Tunnel>,
    PacketReads {}

/** What programs of lightweight tunnels decide; `enum bpf_ret_code`. */
export const LwtAction = {
  /** On its way. */
  Ok: 0,
  /** Dropped. */
  Drop: 2,
  /** To where `redirect` said; `LwtXmitContext` only. */
  Redirect: 7,
  /** The packet's headers have changed: it looks for its route anew. Kernel 5.1. */
  Reroute: 128,
} as const;
/** What programs of lightweight tunnels decide; `enum bpf_ret_code`. */
export type LwtAction = (typeof LwtAction)[keyof typeof LwtAction];

/** A packet whose flow is to be found; kernel 4.20. */
export interface FlowDissectorContext extends ProgramContext<"flow-dissector">, PacketReads {
  /** What the program fills. */
  readonly flowKeys: FlowKeys;
  /** A copy of the `T` at `offset`, or null when the packet ends before it does; `bpf_skb_load_bytes`, kernel 5.0. */
  load<T>(offset: number): Pointee<T> | null;
}

/** What a flow dissector says of a packet; `enum bpf_ret_code`. */
export const FlowDissectorAction = {
  Ok: 0,
  Drop: 2,
  /** The kernel's own dissector is asked; kernel 6.2. */
  Continue: 129,
} as const;
/** What a flow dissector says of a packet; `enum bpf_ret_code`. */
export type FlowDissectorAction = (typeof FlowDissectorAction)[keyof typeof FlowDissectorAction];
