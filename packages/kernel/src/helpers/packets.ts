/** Packets: reading, changing and sending them. Pointers into the packet that were taken before are void after a call that changes it. */

import type { FixedArray } from "../arrays.js";
import type { be16, be32 } from "../big-endian.js";
import type { ProgramContext } from "../boundary.js";
import type { XdpAction } from "../contexts/packet.js";
import type { LwtAction, TcAction } from "../contexts/socket-buffer.js";
import type { i32, i64, u8, u16, u32, u64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { Ref } from "../pointers.js";

/** A tunnel's metadata; `struct bpf_tunnel_key` without IPv6. */
export interface TunnelKey {
  tunnelId: u32;
  remoteIp4: u32;
  readonly unused: FixedArray<u32, 3>;
  tos: u8;
  ttl: u8;
  /** `BPF_TUNINFO_*`; kernel 6.1, padding before. */
  flags: be16;
  label: u32;
  localIp4: u32;
  readonly unusedToo: FixedArray<u32, 3>;
}

/** A question to the routing tables and its answer, for IPv4; `struct bpf_fib_lookup`, 64 bytes. */
export interface FibLookup {
  /** `AF_INET` (2). */
  family: u8;
  l4Protocol: u8;
  sport: be16;
  dport: be16;
  /** 0, or the packet's length, which is compared with the MTU; on return the MTU. */
  totLen: u16;
  /** The interface that it came in by; on return the one that it goes out by. */
  ifindex: u32;
  tos: u32;
  ipv4Src: be32;
  readonly unused: FixedArray<u32, 3>;
  /** On return the next hop. */
  ipv4Dst: be32;
  readonly unusedToo: FixedArray<u32, 3>;
  vlanProto: be16;
  vlanTci: be16;
  readonly smac: FixedArray<u8, 6>;
  readonly dmac: FixedArray<u8, 6>;
}

/** What `fibLookup` gives; `BPF_FIB_LKUP_RET_*`. */
export const FibResult = {
  Success: 0,
  Blackhole: 1,
  Unreachable: 2,
  Prohibit: 3,
  NotForwarded: 4,
  ForwardingDisabled: 5,
  UnsupportedTunnel: 6,
  NoNeighbour: 7,
  FragmentationNeeded: 8,
  NoSourceAddress: 9,
} as const;

/** Where a packet goes next; `struct bpf_redir_neigh` for IPv4. */
export interface NextHop {
  /** `AF_INET` (2). */
  family: u32;
  ip4: be32;
  readonly unused: FixedArray<u32, 3>;
}

/** Sends the packet to another interface once the program returns the result: the action for it, or one that drops where `flags` is wrong. With the flag 1 (`BPF_F_INGRESS`) a classifier gives it to the interface's receiving side. `bpf_redirect`, kernel 4.4; 4.14 in XDP. */
export function redirect<Action extends XdpAction | TcAction | LwtAction = XdpAction>(
  _ifindex: u32,
  _flags?: u64,
): Action {
  return kernelOnly("redirect()");
}
/** Sends a copy of the packet to an interface; 0 or a negative errno. `bpf_clone_redirect`, kernel 4.2. */
export function cloneRedirect(_ctx: ProgramContext<string>, _ifindex: u32, _flags?: u64): i64 {
  return kernelOnly("cloneRedirect()");
}
/** Sends the packet to the other end of a pair of virtual interfaces, past the queues. `bpf_redirect_peer`, kernel 5.10. */
export function redirectPeer(_ifindex: u32, _flags?: u64): TcAction {
  return kernelOnly("redirectPeer()");
}
/** Sends the packet to an interface with the address of the next hop, which the kernel looks up. `bpf_redirect_neigh`, kernel 5.10. */
export function redirectNeigh(_ifindex: u32, _hop: NextHop | null, _flags?: u64): TcAction {
  return kernelOnly("redirectNeigh()");
}
/** Copies a part of the packet; 0 or -EFAULT. `ctx.load` is this in short. `bpf_skb_load_bytes`, kernel 4.5. */
export function skbLoadBytes<T extends object>(_ctx: ProgramContext<string>, _offset: u32, _target: T): i64 {
  return kernelOnly("skbLoadBytes()");
}
/** The same, from the link layer's header (0) or the network's (1) on; 0 or -EFAULT. `bpf_skb_load_bytes_relative`, kernel 4.18. */
export function skbLoadBytesRelative<T extends object>(
  _ctx: ProgramContext<string>,
  _offset: u32,
  _target: T,
  _startHeader: u32,
): i64 {
  return kernelOnly("skbLoadBytesRelative()");
}
/** Overwrites a part of the packet: with the flag 1 (`BPF_F_RECOMPUTE_CSUM`) its checksum follows; 0 or a negative errno. `bpf_skb_store_bytes`, kernel 4.1. */
export function skbStoreBytes<T extends object>(
  _ctx: ProgramContext<string>,
  _offset: u32,
  _source: T,
  _flags?: u64,
): i64 {
  return kernelOnly("skbStoreBytes()");
}
/** Brings so many bytes of the packet to where `ctx.at` reads them, all for 0; 0 or a negative errno. `bpf_skb_pull_data`, kernel 4.9. */
export function skbPullData(_ctx: ProgramContext<string>, _length: u32): i64 {
  return kernelOnly("skbPullData()");
}
/** Corrects an IP checksum at `offset` for a change of `from` to `to`; the size of what changed (2 or 4) is in the low 4 bits of `flags`. `bpf_l3_csum_replace`, kernel 4.1. */
export function l3CsumReplace(
  _ctx: ProgramContext<string>,
  _offset: u32,
  _from: u64,
  _to: u64,
  _flags: u64,
): i64 {
  return kernelOnly("l3CsumReplace()");
}
/** Corrects a TCP or UDP checksum, as `l3CsumReplace`; 0x10 (`BPF_F_PSEUDO_HDR`) where a pseudo header changed. `bpf_l4_csum_replace`, kernel 4.1. */
export function l4CsumReplace(
  _ctx: ProgramContext<string>,
  _offset: u32,
  _from: u64,
  _to: u64,
  _flags: u64,
): i64 {
  return kernelOnly("l4CsumReplace()");
}
/** The difference of checksums of two pieces of memory, whose sizes are multiples of 4. `bpf_csum_diff`, kernel 4.6. */
export function csumDiff<A extends object, B extends object>(
  _from: A | null,
  _to: B | null,
  _seed: u32,
): i64 {
  return kernelOnly("csumDiff()");
}
/** Adds to the checksum that the packet carries; the sum or -ENOTSUPP. `bpf_csum_update`, kernel 4.9. */
export function csumUpdate(_ctx: ProgramContext<string>, _sum: u32): i64 {
  return kernelOnly("csumUpdate()");
}
/** Changes how many checksums of the packet are known to be right; `BPF_CSUM_LEVEL_*`. `bpf_csum_level`, kernel 5.8. */
export function csumLevel(_ctx: ProgramContext<string>, _level: u64): i64 {
  return kernelOnly("csumLevel()");
}
/** Puts a VLAN tag in; 0 or a negative errno. `bpf_skb_vlan_push`, kernel 4.3. */
export function skbVlanPush(_ctx: ProgramContext<string>, _protocol: be16, _tci: u16): i64 {
  return kernelOnly("skbVlanPush()");
}
/** Takes the VLAN tag out; 0 or a negative errno. `bpf_skb_vlan_pop`, kernel 4.3. */
export function skbVlanPop(_ctx: ProgramContext<string>): i64 {
  return kernelOnly("skbVlanPop()");
}
/** Where the packet's tunnel comes from; 0 or a negative errno. `bpf_skb_get_tunnel_key`, kernel 4.3. */
export function skbGetTunnelKey(_ctx: ProgramContext<string>, _key: TunnelKey, _flags?: u64): i64 {
  return kernelOnly("skbGetTunnelKey()");
}
/** Where the packet's tunnel goes to; 0 or a negative errno. `bpf_skb_set_tunnel_key`, kernel 4.3. */
export function skbSetTunnelKey(_ctx: ProgramContext<string>, _key: TunnelKey, _flags?: u64): i64 {
  return kernelOnly("skbSetTunnelKey()");
}
/** The options of the packet's tunnel: their size or a negative errno. `bpf_skb_get_tunnel_opt`, kernel 4.6. */
export function skbGetTunnelOpt<T extends object>(_ctx: ProgramContext<string>, _target: T): i64 {
  return kernelOnly("skbGetTunnelOpt()");
}
/** Sets the options of the packet's tunnel; 0 or a negative errno. `bpf_skb_set_tunnel_opt`, kernel 4.6. */
export function skbSetTunnelOpt<T extends object>(_ctx: ProgramContext<string>, _source: T): i64 {
  return kernelOnly("skbSetTunnelOpt()");
}
/** Makes room for IPv6 in place of IPv4 or the other way; 0 or a negative errno. `bpf_skb_change_proto`, kernel 4.8. */
export function skbChangeProto(_ctx: ProgramContext<string>, _protocol: be16, _flags?: u64): i64 {
  return kernelOnly("skbChangeProto()");
}
/** Changes `ctx.packetType`; 0 or a negative errno. `bpf_skb_change_type`, kernel 4.8. */
export function skbChangeType(_ctx: ProgramContext<string>, _type: u32): i64 {
  return kernelOnly("skbChangeType()");
}
/** Cuts the packet or makes it longer, with zeroes; 0 or a negative errno. `bpf_skb_change_tail`, kernel 4.9. */
export function skbChangeTail(_ctx: ProgramContext<string>, _length: u32, _flags?: u64): i64 {
  return kernelOnly("skbChangeTail()");
}
/** Makes room before the packet; 0 or a negative errno. `bpf_skb_change_head`, kernel 4.10. */
export function skbChangeHead(_ctx: ProgramContext<string>, _bytes: u32, _flags?: u64): i64 {
  return kernelOnly("skbChangeHead()");
}
/** Makes room behind the link layer's header (mode 1) or the network's (0), or takes it; 0 or a negative errno. `bpf_skb_adjust_room`, kernel 4.13. */
export function skbAdjustRoom(_ctx: ProgramContext<string>, _difference: i32, _mode: u32, _flags: u64): i64 {
  return kernelOnly("skbAdjustRoom()");
}
/** Marks the packet as one that met congestion: 1 when it is, 0 when it cannot be. `bpf_skb_ecn_set_ce`, kernel 5.1. */
export function skbEcnSetCe(_ctx: ProgramContext<string>): i64 {
  return kernelOnly("skbEcnSetCe()");
}
/** Sets when the packet is to be sent, and what that means; 0 or a negative errno. `bpf_skb_set_tstamp`, kernel 5.18. */
export function skbSetTstamp(_ctx: ProgramContext<string>, _tstamp: u64, _type: u32): i64 {
  return kernelOnly("skbSetTstamp()");
}
/** The state of IPsec of the packet, `struct bpf_xfrm_state`; 0 or a negative errno. `bpf_skb_get_xfrm_state`, kernel 4.18. */
export function skbGetXfrmState<T extends object>(
  _ctx: ProgramContext<string>,
  _index: u32,
  _target: T,
  _flags?: u64,
): i64 {
  return kernelOnly("skbGetXfrmState()");
}
/** The id of the cgroup of the packet's socket; 0 for none. `bpf_skb_cgroup_id`, kernel 4.18. */
export function skbCgroupId(_ctx: ProgramContext<string>): u64 {
  return kernelOnly("skbCgroupId()");
}
/** The same of the cgroup above it at a level, the root's being 0. `bpf_skb_ancestor_cgroup_id`, kernel 4.19. */
export function skbAncestorCgroupId(_ctx: ProgramContext<string>, _level: i32): u64 {
  return kernelOnly("skbAncestorCgroupId()");
}
/** The class of net_cls of the packet's socket. `bpf_skb_cgroup_classid`, kernel 5.10. */
export function skbCgroupClassid(_ctx: ProgramContext<string>): u64 {
  return kernelOnly("skbCgroupClassid()");
}
/** The class of net_cls of the current task. `bpf_get_cgroup_classid`, kernel 4.3. */
export function getCgroupClassid(_ctx: ProgramContext<string>): u32 {
  return kernelOnly("getCgroupClassid()");
}
/** The realm of the packet's route. `bpf_get_route_realm`, kernel 4.4. */
export function getRouteRealm(_ctx: ProgramContext<string>): u32 {
  return kernelOnly("getRouteRealm()");
}
/** The packet's hash, computed where it is not known. `bpf_get_hash_recalc`, kernel 4.8. */
export function getHashRecalc(_ctx: ProgramContext<string>): u32 {
  return kernelOnly("getHashRecalc()");
}
/** Sets the packet's hash; 0. `bpf_set_hash`, kernel 4.13. */
export function setHash(_ctx: ProgramContext<string>, _hash: u32): i64 {
  return kernelOnly("setHash()");
}
/** The packet's hash is computed anew. `bpf_set_hash_invalid`, kernel 4.9. */
export function setHashInvalid(_ctx: ProgramContext<string>): void {
  kernelOnly("setHashInvalid()");
}
/** Asks the routing tables: one of `FibResult`, or a negative errno. `bpf_fib_lookup`, kernel 4.18. */
export function fibLookup(_ctx: ProgramContext<string>, _parameters: FibLookup, _flags: u32): i64 {
  return kernelOnly("fibLookup()");
}
/** Whether the packet, with the difference, fits an interface: 0, `BPF_MTU_CHK_RET_*`, or a negative errno. `bpf_check_mtu`, kernel 5.12. */
export function checkMtu(
  _ctx: ProgramContext<string>,
  _ifindex: u32,
  _length: Ref<u32>,
  _difference: i32,
  _flags: u64,
): i64 {
  return kernelOnly("checkMtu()");
}
/** Puts a header before the packet; 0 or a negative errno. `bpf_lwt_push_encap`, kernel 4.18. */
export function lwtPushEncap<T extends object>(_ctx: ProgramContext<string>, _type: u32, _header: T): i64 {
  return kernelOnly("lwtPushEncap()");
}
/** Changes the segment routing header; 0 or a negative errno. `bpf_lwt_seg6_store_bytes`, kernel 4.18. */
export function lwtSeg6StoreBytes<T extends object>(
  _ctx: ProgramContext<string>,
  _offset: u32,
  _source: T,
): i64 {
  return kernelOnly("lwtSeg6StoreBytes()");
}
/** Makes the segment routing header longer or shorter; 0 or a negative errno. `bpf_lwt_seg6_adjust_srh`, kernel 4.18. */
export function lwtSeg6AdjustSrh(_ctx: ProgramContext<string>, _offset: u32, _difference: i32): i64 {
  return kernelOnly("lwtSeg6AdjustSrh()");
}
/** Applies an action of segment routing; 0 or a negative errno. `bpf_lwt_seg6_action`, kernel 4.18. */
export function lwtSeg6Action<T extends object>(
  _ctx: ProgramContext<string>,
  _action: u32,
  _parameter: T,
): i64 {
  return kernelOnly("lwtSeg6Action()");
}
/** Moves the start of the packet: negative makes it longer; 0 or a negative errno. `bpf_xdp_adjust_head`, kernel 4.10. */
export function xdpAdjustHead(_ctx: ProgramContext<string>, _difference: i32): i64 {
  return kernelOnly("xdpAdjustHead()");
}
/** Moves the end of the packet; 0 or a negative errno. `bpf_xdp_adjust_tail`, kernel 4.18. */
export function xdpAdjustTail(_ctx: ProgramContext<string>, _difference: i32): i64 {
  return kernelOnly("xdpAdjustTail()");
}
/** Moves the start of the metadata before the packet; 0 or a negative errno. `bpf_xdp_adjust_meta`, kernel 4.15. */
export function xdpAdjustMeta(_ctx: ProgramContext<string>, _difference: i32): i64 {
  return kernelOnly("xdpAdjustMeta()");
}
/** The packet's bytes in all its buffers. `bpf_xdp_get_buff_len`, kernel 5.18. */
export function xdpGetBuffLen(_ctx: ProgramContext<string>): u64 {
  return kernelOnly("xdpGetBuffLen()");
}
/** Copies a part of the packet, in whichever buffers it lies; 0 or a negative errno. `bpf_xdp_load_bytes`, kernel 5.18. */
export function xdpLoadBytes<T extends object>(_ctx: ProgramContext<string>, _offset: u32, _target: T): i64 {
  return kernelOnly("xdpLoadBytes()");
}
/** Overwrites a part of the packet; 0 or a negative errno. `bpf_xdp_store_bytes`, kernel 5.18. */
export function xdpStoreBytes<T extends object>(_ctx: ProgramContext<string>, _offset: u32, _source: T): i64 {
  return kernelOnly("xdpStoreBytes()");
}
