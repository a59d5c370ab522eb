/** Sockets as programs see them, and the contexts of programs that run for a socket. */
import type { FixedArray } from "../arrays.js";
import type { be16, be32 } from "../big-endian.js";
import type { ProgramContext } from "../boundary.js";
import type { i32, u8, u16, u32, u64 } from "../integers.js";
import type { CONTEXT_STRUCT } from "../symbols.js";
import type { PacketReads } from "./packet.js";

/** What any socket has, a request or one in TIME_WAIT too; `struct bpf_sock`, kernel 4.20. */
export interface SocketCommon {
  readonly [CONTEXT_STRUCT]?: "bpf_sock";
  /** Index of the interface that it is bound to; 0 when to none. */
  readonly boundDevIf: u32;
  /** `AF_INET` (2), `AF_INET6` (10), … */
  readonly family: u32;
  readonly localIp4: be32;
  readonly localIp6: FixedArray<be32, 4>;
  /** In host order. */
  readonly localPort: u32;
  readonly remotePort: be16;
  readonly remoteIp4: be32;
  readonly remoteIp6: FixedArray<be32, 4>;
  /** `BPF_TCP_*`; see `TcpState`. */
  readonly state: u32;
  /** The receive queue; -1 when there is none. Kernel 5.10. */
  readonly rxQueueMapping: i32;
}

/** A full socket; `struct bpf_sock`, kernel 5.1. */
export interface Socket extends SocketCommon {
  /** `SOCK_STREAM` (1), `SOCK_DGRAM` (2), … */
  readonly type: u32;
  /** `IPPROTO_*`. */
  readonly protocol: u32;
  readonly mark: u32;
  readonly priority: u32;
}

/** States of TCP; `BPF_TCP_*` of linux/bpf.h. */
export const TcpState = {
  Established: 1,
  SynSent: 2,
  SynRecv: 3,
  FinWait1: 4,
  FinWait2: 5,
  TimeWait: 6,
  Close: 7,
  CloseWait: 8,
  LastAck: 9,
  Listen: 10,
  Closing: 11,
  NewSynRecv: 12,
} as const;

/** What TCP measures of a connection. */
export interface TcpMeasures {
  readonly sndCwnd: u32;
  /** Smoothed round-trip time, in eighths of a microsecond. */
  readonly srttUs: u32;
  readonly rttMin: u32;
  readonly sndSsthresh: u32;
  readonly rcvNxt: u32;
  readonly sndNxt: u32;
  readonly sndUna: u32;
  readonly mssCache: u32;
  readonly ecnFlags: u32;
  readonly rateDelivered: u32;
  readonly rateIntervalUs: u32;
  readonly packetsOut: u32;
  readonly retransOut: u32;
  readonly totalRetrans: u32;
  readonly segsIn: u32;
  readonly dataSegsIn: u32;
  readonly segsOut: u32;
  readonly dataSegsOut: u32;
  readonly lostOut: u32;
  readonly sackedOut: u32;
  readonly bytesReceived: u64;
  readonly bytesAcked: u64;
}

/** What happened to a TCP connection; `struct bpf_sock_ops`, kernel 4.13. */
export interface SockOpsContext extends ProgramContext<"sock-ops">, TcpMeasures {
  /** What the program is called for: see `SockOp`. */
  readonly op: u32;
  /** Numbers that go with `op`. */
  readonly args: FixedArray<u32, 4>;
  /** What the program answers: a time-out, a window, … as `op` asks; -1 for the kernel's own choice. */
  reply: i32;
  readonly family: u32;
  readonly remoteIp4: be32;
  readonly localIp4: be32;
  readonly remoteIp6: FixedArray<be32, 4>;
  readonly localIp6: FixedArray<be32, 4>;
  /** As a 32-bit number in network order: `be32(80)` is port 80. */
  readonly remotePort: be32;
  /** In host order. */
  readonly localPort: u32;
  /** 0 where only part of the fields is there: those of a request. Kernel 4.16. */
  readonly isFullsock: u32;
  /** `BPF_SOCK_OPS_*_CB_FLAG`: which events this socket gives; set by `sockOpsCbFlagsSet`. */
  readonly callbackFlags: u32;
  /** `TcpState`. */
  readonly state: u32;
  skTxhash: u32;
  /** Kernel 5.3. */
  readonly sk: Socket | null;
  /** Bytes of the packet that caused the call; kernel 5.10. */
  readonly skbLen: u32;
  /** Its TCP flags; kernel 5.10. */
  readonly skbTcpFlags: u32;
}

/** What a sock_ops program is called for; `BPF_SOCK_OPS_*` of linux/bpf.h. */
export const SockOp = {
  Void: 0,
  /** `reply` is the SYN's retransmission time-out. */
  TimeoutInit: 1,
  /** `reply` is the initial advertised window, in packets. */
  RwndInit: 2,
  TcpConnect: 3,
  ActiveEstablished: 4,
  PassiveEstablished: 5,
  /** `reply` is 1 when the connection is to use ECN. */
  NeedsEcn: 6,
  /** `reply` is the base round-trip time. */
  BaseRtt: 7,
  /** `args`: number of retransmissions, the time-out, whether it has expired. */
  Rto: 8,
  Retrans: 9,
  /** `args`: the old state and the new. */
  State: 10,
  TcpListen: 11,
  /** A round-trip time was measured; kernel 5.3. */
  Rtt: 12,
  ParseHeaderOption: 13,
  HeaderOptionLength: 14,
  WriteHeaderOption: 15,
} as const;

/** `BPF_SOCK_OPS_*_CB_FLAG` of linux/bpf.h: events that a socket gives only when asked. */
export const SockOpsFlag = {
  Rto: 1,
  Retrans: 2,
  State: 4,
  Rtt: 8,
  ParseAllHeaderOptions: 16,
  ParseUnknownHeaderOptions: 32,
  WriteHeaderOptions: 64,
} as const;

/** A message that is being sent through a socket map; `struct sk_msg_md`, kernel 4.17. */
export interface SkMsgContext extends ProgramContext<"sk-msg"> {
  /** The `T` at `offset` bytes into the message, in place, or null when what is at hand ends before it does; see `msgPullData`. */
  at<T>(offset: number): T | null;
  readonly family: u32;
  readonly remoteIp4: be32;
  readonly localIp4: be32;
  readonly remoteIp6: FixedArray<be32, 4>;
  readonly localIp6: FixedArray<be32, 4>;
  /** As a 32-bit number in network order. */
  readonly remotePort: be32;
  /** In host order. */
  readonly localPort: u32;
  /** The message's bytes; kernel 5.0. */
  readonly size: u32;
  /** Kernel 5.10. */
  readonly sk: Socket | null;
}

/** What programs on socket maps decide; `enum sk_action`. */
export const SkAction = {
  /** Dropped. */
  Drop: 0,
  /** On its way. */
  Pass: 1,
} as const;
/** What programs on socket maps decide; `enum sk_action`. */
export type SkAction = (typeof SkAction)[keyof typeof SkAction];

/** A packet or connection that looks for its socket; `struct bpf_sk_lookup`, kernel 5.9. */
export interface SkLookupContext extends ProgramContext<"sk-lookup"> {
  /** The socket that a program before this one chose. */
  readonly sk: Socket | null;
  readonly family: u32;
  /** `IPPROTO_TCP` or `IPPROTO_UDP`. */
  readonly protocol: u32;
  readonly remoteIp4: be32;
  readonly remoteIp6: FixedArray<be32, 4>;
  readonly remotePort: be16;
  readonly localIp4: be32;
  readonly localIp6: FixedArray<be32, 4>;
  /** In host order. */
  readonly localPort: u32;
  /** The interface that it came in by; kernel 5.17. */
  readonly ingressIfindex: u32;
}

/** A connection or datagram for a group of sockets that share a port; `struct sk_reuseport_md`, kernel 4.19. */
export interface SkReuseportContext extends ProgramContext<"sk-reuseport">, PacketReads {
  /** Bytes of the packet from its transport header on. */
  readonly length: u32;
  /** The link layer's protocol, `EthProto.Ipv4`, … */
  readonly ethProtocol: be16;
  /** `IPPROTO_TCP` or `IPPROTO_UDP`. */
  readonly ipProtocol: u32;
  /** 1 when the sockets are bound to any address. */
  readonly bindInany: u32;
  /** Hash of addresses and ports. */
  readonly hash: u32;
}

/** One that may have to move to another socket of its group, which is being closed; kernel 5.14. */
export interface SkReuseportMigrateContext extends SkReuseportContext {
  readonly sk: Socket;
  /** The socket that is to be replaced; null when one is chosen for the first time. */
  readonly migratingSk: SocketCommon | null;
}

/** What a flow dissector found; `struct bpf_flow_keys`, kernel 4.20. */
export interface FlowKeys {
  readonly [CONTEXT_STRUCT]?: "bpf_flow_keys";
  /** Where the network header begins. */
  nhoff: u16;
  /** Where the transport header begins. */
  thoff: u16;
  /** `ETH_P_IP` or `ETH_P_IPV6`, in host order. */
  addrProto: u16;
  isFrag: u8;
  isFirstFrag: u8;
  isEncap: u8;
  ipProto: u8;
  nProto: be16;
  sport: be16;
  dport: be16;
  ipv4Src: be32;
  ipv4Dst: be32;
  readonly ipv6Src: FixedArray<be32, 4>;
  readonly ipv6Dst: FixedArray<be32, 4>;
  readonly flags: u32;
  flowLabel: be32;
}
