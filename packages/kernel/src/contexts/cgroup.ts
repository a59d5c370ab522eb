/** Contexts of programs that a cgroup decides with. */
import type { FixedArray } from "../arrays.js";
import type { be16, be32 } from "../big-endian.js";
import type { ProgramContext } from "../boundary.js";
import type { i32, u32 } from "../integers.js";
import type { Pointee } from "../pointers.js";
import type { Socket } from "./socket.js";

/** What programs of a cgroup decide. */
export const CgroupAction = {
  /** Refused: the system call fails with EPERM, or what `setRetval` said; a packet is dropped. */
  Deny: 0,
  /** Allowed. */
  Allow: 1,
} as const;
/** What programs of a cgroup decide. */
export type CgroupAction = (typeof CgroupAction)[keyof typeof CgroupAction];

/** What every program for a socket of a cgroup reads; `struct bpf_sock`, kernel 4.10. */
interface CgroupSock extends ProgramContext<"cgroup-sock"> {
  /** `AF_INET` (2), `AF_INET6` (10), … */
  readonly family: u32;
  /** `SOCK_STREAM` (1), `SOCK_DGRAM` (2), … */
  readonly type: u32;
  /** `IPPROTO_*`. */
  readonly protocol: u32;
}

/** A socket that is made or closed; kernel 4.10. */
export interface CgroupSockContext extends CgroupSock {
  /** Index of the interface that it is bound to; 0 when to none. */
  boundDevIf: u32;
  /** Kernel 4.14. */
  mark: u32;
  /** Kernel 4.14. */
  priority: u32;
}

/** A socket that was bound to an IPv4 address; kernel 4.17. */
export interface PostBind4Context extends CgroupSock {
  readonly localIp4: be32;
  /** In host order. */
  readonly localPort: u32;
}

/** A socket that was bound to an IPv6 address; kernel 4.17. */
export interface PostBind6Context extends CgroupSock {
  readonly localIp6: FixedArray<be32, 4>;
  /** In host order. */
  readonly localPort: u32;
}

/** What `@cgroupSock` programs can run at. */
export type CgroupSockHook = "sock_create" | "sock_release" | "post_bind4" | "post_bind6";

/** The context of a `@cgroupSock` program. */
export type ContextOfCgroupSock<Hook extends CgroupSockHook> = Hook extends "post_bind4"
  ? PostBind4Context
  : Hook extends "post_bind6"
    ? PostBind6Context
    : CgroupSockContext;

/** What every program for an address that a system call was given reads; `struct bpf_sock_addr`, kernel 4.17. */
export interface SockAddrContext extends ProgramContext<"cgroup-sock-addr"> {
  /** Family of the address. */
  readonly userFamily: u32;
  /** Family of the socket. */
  readonly family: u32;
  /** `SOCK_STREAM` (1), `SOCK_DGRAM` (2), … */
  readonly type: u32;
  /** `IPPROTO_*`. */
  readonly protocol: u32;
  /** Kernel 5.8. */
  readonly sk: Socket | null;
}

/** An IPv4 address that the program may replace. */
export interface SockAddr4Context extends SockAddrContext {
  userIp4: be32;
  userPort: be16;
}

/** An IPv6 address that the program may replace, 4 bytes at a time. */
export interface SockAddr6Context extends SockAddrContext {
  readonly userIp6: WritableWords;
  userPort: be16;
}

/** Four words of an address, each written by a constant index. */
export interface WritableWords extends FixedArray<be32, 4> {}

/** Where a datagram goes, and where it says that it comes from; kernel 4.18. */
export interface SendMsg4Context extends SockAddr4Context {
  msgSrcIp4: be32;
}

/** Where a datagram goes, and where it says that it comes from; kernel 4.18. */
export interface SendMsg6Context extends SockAddr6Context {
  readonly msgSrcIp6: WritableWords;
}

/** What `@cgroupSockAddr` programs can run at; `_unix` ones from kernel 6.7. */
export type SockAddrHook =
  | "bind4"
  | "bind6"
  | "connect4"
  | "connect6"
  | "connect_unix"
  | "sendmsg4"
  | "sendmsg6"
  | "sendmsg_unix"
  | "recvmsg4"
  | "recvmsg6"
  | "recvmsg_unix"
  | "getpeername4"
  | "getpeername6"
  | "getpeername_unix"
  | "getsockname4"
  | "getsockname6"
  | "getsockname_unix";

/** The context of a `@cgroupSockAddr` program. */
export type ContextOfSockAddr<Hook extends SockAddrHook> = Hook extends "sendmsg4"
  ? SendMsg4Context
  : Hook extends "sendmsg6"
    ? SendMsg6Context
    : Hook extends `${string}4`
      ? SockAddr4Context
      : Hook extends `${string}6`
        ? SockAddr6Context
        : SockAddrContext;

/** What a `@cgroupSockAddr` program may decide: those that answer a question cannot refuse. */
export type SockAddrAction<Hook extends SockAddrHook> = Hook extends
  | `recvmsg${string}`
  | `getpeername${string}`
  | `getsockname${string}`
  ? (typeof CgroupAction)["Allow"]
  : CgroupAction;

/** A socket option that is read or set; `struct bpf_sockopt`, kernel 5.3. */
interface Sockopt extends ProgramContext<"cgroup-sockopt"> {
  readonly sk: Socket;
  /** The `T` at `offset` bytes into the option's value, in place, or null when the value ends before it does. */
  at<T>(offset: number): Pointee<T> | null;
}

/** A socket option that is set. */
export interface SetsockoptContext extends Sockopt {
  /** `SOL_SOCKET`, … */
  level: i32;
  /** `SO_*`, … */
  optname: i32;
  /** Bytes of the value; -1 when the kernel is not to set the option itself. */
  optlen: i32;
}

/** A socket option that is read. */
export interface GetsockoptContext extends Sockopt {
  readonly level: i32;
  readonly optname: i32;
  /** Bytes of the value. */
  optlen: i32;
  /** What the system call gives: 0 or a negative errno. */
  retval: i32;
}

/** The context of a `@cgroupSockopt` program. */
export type ContextOfSockopt<Hook extends "getsockopt" | "setsockopt"> = Hook extends "getsockopt"
  ? GetsockoptContext
  : SetsockoptContext;

/** A file of /proc/sys that is read or written; `struct bpf_sysctl`, kernel 5.2. */
export interface SysctlContext extends ProgramContext<"cgroup-sysctl"> {
  /** 1 when it is written, 0 when it is read. */
  readonly write: u32;
  /** Where in the file. */
  filePos: u32;
}

/** A device that is made, read or written; `struct bpf_cgroup_dev_ctx`, kernel 4.15. */
export interface DeviceContext extends ProgramContext<"cgroup-device"> {
  /** `DeviceAccess` in the high 16 bits, `DeviceType` in the low. */
  readonly accessType: u32;
  readonly major: u32;
  readonly minor: u32;
}

/** What is done to a device, as bits; `BPF_DEVCG_ACC_*` of linux/bpf.h. */
export const DeviceAccess = { Mknod: 1, Read: 2, Write: 4 } as const;
/** What a device is; `BPF_DEVCG_DEV_*` of linux/bpf.h. */
export const DeviceType = { Block: 1, Character: 2 } as const;
