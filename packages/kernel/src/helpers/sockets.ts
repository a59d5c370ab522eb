/** Sockets and connections. */

import type { FixedArray } from "../arrays.js";
import type { be16, be32 } from "../big-endian.js";
import type { ProgramContext } from "../boundary.js";
import type { Socket, SocketCommon, TcpMeasures } from "../contexts/socket.js";
import type { i32, i64, u32, u64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { CONTEXT_STRUCT } from "../symbols.js";

/** The two ends of an IPv4 connection; `struct bpf_sock_tuple`. */
export interface SocketTuple4 {
  saddr: be32;
  daddr: be32;
  sport: be16;
  dport: be16;
}

/** The two ends of an IPv6 connection; `struct bpf_sock_tuple`. */
export interface SocketTuple6 {
  readonly saddr: FixedArray<be32, 4>;
  readonly daddr: FixedArray<be32, 4>;
  sport: be16;
  dport: be16;
}

/** What TCP knows of a connection; `struct bpf_tcp_sock`, kernel 5.1. */
export interface TcpSocket extends TcpMeasures {
  readonly [CONTEXT_STRUCT]?: "bpf_tcp_sock";
  readonly dsackDups: u32;
  readonly delivered: u32;
  readonly deliveredCe: u32;
  readonly icskRetransmits: u32;
}

/** A number that the socket has to itself for as long as the machine runs; 0 for none. `bpf_get_socket_cookie`, kernel 4.12. */
export function getSocketCookie(_ctx: ProgramContext<string>): u64 {
  return kernelOnly("getSocketCookie()");
}
/** The user that the packet's socket belongs to. `bpf_get_socket_uid`, kernel 4.12. */
export function getSocketUid(_ctx: ProgramContext<string>): u32 {
  return kernelOnly("getSocketUid()");
}
/** A number that the network namespace has to itself. `bpf_get_netns_cookie`, kernel 5.7. */
export function getNetnsCookie(_ctx: ProgramContext<string>): u64 {
  return kernelOnly("getNetnsCookie()");
}
/** Sets an option of the socket; 0 or a negative errno. `bpf_setsockopt`, kernel 4.13. */
export function setsockopt<T extends object>(
  _ctx: ProgramContext<string>,
  _level: i32,
  _name: i32,
  _value: T,
): i64 {
  return kernelOnly("setsockopt()");
}
/** Reads an option of the socket; 0 or a negative errno. `bpf_getsockopt`, kernel 4.15. */
export function getsockopt<T extends object>(
  _ctx: ProgramContext<string>,
  _level: i32,
  _name: i32,
  _target: T,
): i64 {
  return kernelOnly("getsockopt()");
}
/** Which events this connection gives from now on, bits of `SockOpsFlag`; 0, or those that are not known. `bpf_sock_ops_cb_flags_set`, kernel 4.16. */
export function sockOpsCbFlagsSet(_ctx: ProgramContext<string>, _flags: i32): i64 {
  return kernelOnly("sockOpsCbFlagsSet()");
}
/** Binds the socket to an address, `struct sockaddr`, before it connects; 0 or a negative errno. `bpf_bind`, kernel 4.17. */
export function bind<T extends object>(_ctx: ProgramContext<string>, _address: T): i64 {
  return kernelOnly("bind()");
}
/** Looks for a TCP option whose kind is the first byte of the memory; its size or a negative errno. `bpf_load_hdr_opt`, kernel 5.10. */
export function loadHdrOpt<T extends object>(_ctx: ProgramContext<string>, _option: T, _flags?: u64): i64 {
  return kernelOnly("loadHdrOpt()");
}
/** Writes a TCP option into the packet; 0 or a negative errno. `bpf_store_hdr_opt`, kernel 5.10. */
export function storeHdrOpt<T extends object>(_ctx: ProgramContext<string>, _option: T, _flags?: u64): i64 {
  return kernelOnly("storeHdrOpt()");
}
/** Makes room for TCP options; 0 or a negative errno. `bpf_reserve_hdr_opt`, kernel 5.10. */
export function reserveHdrOpt(_ctx: ProgramContext<string>, _bytes: u32, _flags?: u64): i64 {
  return kernelOnly("reserveHdrOpt()");
}
/** The verdict is for so many bytes, across messages; 0. `bpf_msg_apply_bytes`, kernel 4.17. */
export function msgApplyBytes(_ctx: ProgramContext<string>, _bytes: u32): i64 {
  return kernelOnly("msgApplyBytes()");
}
/** The program is asked again once so many bytes are there; 0. `bpf_msg_cork_bytes`, kernel 4.17. */
export function msgCorkBytes(_ctx: ProgramContext<string>, _bytes: u32): i64 {
  return kernelOnly("msgCorkBytes()");
}
/** Brings a part of the message to where `ctx.at` reads it; 0 or a negative errno. `bpf_msg_pull_data`, kernel 4.17. */
export function msgPullData(_ctx: ProgramContext<string>, _start: u32, _end: u32, _flags?: u64): i64 {
  return kernelOnly("msgPullData()");
}
/** Makes room in the message; 0 or a negative errno. `bpf_msg_push_data`, kernel 4.20. */
export function msgPushData(_ctx: ProgramContext<string>, _start: u32, _bytes: u32, _flags?: u64): i64 {
  return kernelOnly("msgPushData()");
}
/** Takes bytes out of the message; 0 or a negative errno. `bpf_msg_pop_data`, kernel 5.0. */
export function msgPopData(_ctx: ProgramContext<string>, _start: u32, _bytes: u32, _flags?: u64): i64 {
  return kernelOnly("msgPopData()");
}
/** The TCP socket of the two ends, in the namespace with the id, or the packet's own for -1. Every path must `skRelease` it. `bpf_sk_lookup_tcp`, kernel 4.20. */
export function skLookupTcp<T extends SocketTuple4 | SocketTuple6>(
  _ctx: ProgramContext<string>,
  _tuple: T,
  _netns: u64,
  _flags?: u64,
): Socket | null {
  return kernelOnly("skLookupTcp()");
}
/** The UDP socket of the two ends. Every path must `skRelease` it. `bpf_sk_lookup_udp`, kernel 4.20. */
export function skLookupUdp<T extends SocketTuple4 | SocketTuple6>(
  _ctx: ProgramContext<string>,
  _tuple: T,
  _netns: u64,
  _flags?: u64,
): Socket | null {
  return kernelOnly("skLookupUdp()");
}
/** As `skLookupTcp`, with sockets that listen or are in TIME_WAIT. Every path must `skRelease` it. `bpf_skc_lookup_tcp`, kernel 5.2. */
export function skcLookupTcp<T extends SocketTuple4 | SocketTuple6>(
  _ctx: ProgramContext<string>,
  _tuple: T,
  _netns: u64,
  _flags?: u64,
): SocketCommon | null {
  return kernelOnly("skcLookupTcp()");
}
/** Gives back a socket that was looked up; 0. `bpf_sk_release`, kernel 4.20. */
export function skRelease(_socket: SocketCommon): i64 {
  return kernelOnly("skRelease()");
}
/** The same socket, when it is a full one. `bpf_sk_fullsock`, kernel 5.1. */
export function skFullsock(_socket: SocketCommon): Socket | null {
  return kernelOnly("skFullsock()");
}
/** What TCP knows of it, when it is a TCP socket. `bpf_tcp_sock`, kernel 5.1. */
export function tcpSock(_socket: SocketCommon): TcpSocket | null {
  return kernelOnly("tcpSock()");
}
/** The socket that listens for it. `bpf_get_listener_sock`, kernel 5.1. */
export function getListenerSock(_socket: SocketCommon): Socket | null {
  return kernelOnly("getListenerSock()");
}
/** The id of the socket's cgroup. `bpf_sk_cgroup_id`, kernel 5.8. */
export function skCgroupId(_socket: Socket): u64 {
  return kernelOnly("skCgroupId()");
}
/** The same of the cgroup above it at a level. `bpf_sk_ancestor_cgroup_id`, kernel 5.8. */
export function skAncestorCgroupId(_socket: Socket, _level: i32): u64 {
  return kernelOnly("skAncestorCgroupId()");
}
/** Whether the packet acknowledges a SYN cookie: 0 when it does. `bpf_tcp_check_syncookie`, kernel 5.2. */
export function tcpCheckSyncookie<A extends object, B extends object>(
  _socket: SocketCommon,
  _ip: A,
  _tcp: B,
): i64 {
  return kernelOnly("tcpCheckSyncookie()");
}
/** A SYN cookie in the low 32 bits and the segment size above, or a negative errno. `bpf_tcp_gen_syncookie`, kernel 5.3. */
export function tcpGenSyncookie<A extends object, B extends object>(
  _socket: SocketCommon,
  _ip: A,
  _tcp: B,
): i64 {
  return kernelOnly("tcpGenSyncookie()");
}
