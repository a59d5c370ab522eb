/** A program for each place at which a cgroup decides. Each counts its runs at an index of `hits` and leaves what it saw in `seen`. */
import type {
  CgroupAction as Action,
  CgroupSkbContext,
  CgroupSockContext,
  DeviceContext,
  FixedArray,
  GetsockoptContext,
  PostBind4Context,
  PostBind6Context,
  SendMsg4Context,
  SetsockoptContext,
  SockAddr4Context,
  SockAddr6Context,
  SockAddrAction,
  SockOpsContext,
  SysctlContext,
} from "@waggle/kernel";
import {
  ArrayMap,
  be16,
  be32,
  CgroupAction,
  cgroupDevice,
  cgroupSkb,
  cgroupSock,
  cgroupSockAddr,
  cgroupSockopt,
  cgroupSysctl,
  config,
  copyOf,
  DeviceAccess,
  HashMap,
  sockOps,
  u16,
  u32,
  u64,
} from "@waggle/kernel";
import type { IpHdr, UdpHdr } from "@waggle/kernel/net";

const AF_INET = 2;
const IPPROTO_UDP = 17;
const LOOPBACK = 0x7f00_0001;

/** The last word of an address. */
function lastOf(address: FixedArray<be32, 4>): u64 {
  let last: u64 = 0n;
  for (const word of address) last = u64(word);
  return last;
}

export class Cgroup {
  static readonly hits = new ArrayMap<u64>({ maxEntries: 32 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 32 });
  /** Events of sock_ops, by operation. */
  static readonly operations = new HashMap<u32, u64>({ maxEntries: 64 });
  /** The port that programs are about, and the one that they put in its place. */
  @config static port: u32 = 0;
  @config static other: u32 = 0;

  private static saw(index: u32, value: u64): void {
    const hits = Cgroup.hits.get(index);
    const seen = Cgroup.seen.get(index);
    if (hits !== null) hits.value += 1n;
    if (seen !== null) seen.value = value;
  }

  @cgroupSkb("ingress")
  static skbIngress(ctx: CgroupSkbContext): Action {
    Cgroup.saw(0, u64(ctx.length));
    return CgroupAction.Allow;
  }

  /** Drops datagrams to the port. */
  @cgroupSkb("egress")
  static skbEgress(ctx: CgroupSkbContext): Action {
    const ip = ctx.at<IpHdr>(0);
    if (ip === null || ip.protocol !== IPPROTO_UDP) return CgroupAction.Allow;
    const udp = ctx.load<UdpHdr>(20);
    if (udp === null || u32(udp.dest) !== Cgroup.port) return CgroupAction.Allow;
    ctx.mark = 7;
    Cgroup.saw(1, u64(ctx.mark));
    return CgroupAction.Deny;
  }

  /** Marks sockets for datagrams. */
  @cgroupSock("sock_create")
  static sockCreate(ctx: CgroupSockContext): Action {
    if (ctx.family !== AF_INET || ctx.protocol !== IPPROTO_UDP) return CgroupAction.Allow;
    ctx.mark = 42;
    ctx.priority = 5;
    Cgroup.saw(2, u64(ctx.type));
    return CgroupAction.Allow;
  }

  @cgroupSock("sock_release")
  static sockRelease(ctx: CgroupSockContext): Action {
    if (ctx.protocol === IPPROTO_UDP) Cgroup.saw(3, u64(ctx.mark));
    return CgroupAction.Allow;
  }

  /** Refuses the port. */
  @cgroupSock("post_bind4")
  static postBind4(ctx: PostBind4Context): Action {
    Cgroup.saw(4, u64(ctx.localIp4));
    return ctx.localPort === Cgroup.port ? CgroupAction.Deny : CgroupAction.Allow;
  }

  @cgroupSock("post_bind6")
  static postBind6(ctx: PostBind6Context): Action {
    Cgroup.saw(5, lastOf(copyOf(ctx.localIp6)));
    return ctx.localPort === Cgroup.port ? CgroupAction.Deny : CgroupAction.Allow;
  }

  /** Puts another port in place of the one that is asked for. */
  @cgroupSockAddr("bind4")
  static bind4(ctx: SockAddr4Context): Action {
    if (u32(ctx.userPort) !== Cgroup.port) return CgroupAction.Allow;
    ctx.userPort = be16(u16(Cgroup.other));
    Cgroup.saw(6, u64(ctx.userIp4));
    return CgroupAction.Allow;
  }

  @cgroupSockAddr("bind6")
  static bind6(ctx: SockAddr6Context): Action {
    if (u32(ctx.userPort) !== Cgroup.port) return CgroupAction.Allow;
    ctx.userPort = be16(u16(Cgroup.other));
    Cgroup.saw(7, lastOf(copyOf(ctx.userIp6)));
    return CgroupAction.Allow;
  }

  /** Sends connections to a port of this machine to another, wherever they were meant to go. */
  @cgroupSockAddr("connect4")
  static connect4(ctx: SockAddr4Context): Action {
    if (u32(ctx.userPort) !== Cgroup.port) return CgroupAction.Allow;
    Cgroup.saw(8, u64(ctx.userIp4));
    ctx.userIp4 = be32(LOOPBACK);
    ctx.userPort = be16(u16(Cgroup.other));
    return CgroupAction.Allow;
  }

  @cgroupSockAddr("connect6")
  static connect6(ctx: SockAddr6Context): Action {
    if (u32(ctx.userPort) !== Cgroup.port) return CgroupAction.Allow;
    Cgroup.saw(9, u64(ctx.type));
    ctx.userIp6[3] = be32(1);
    ctx.userPort = be16(u16(Cgroup.other));
    return CgroupAction.Allow;
  }

  @cgroupSockAddr("sendmsg4")
  static sendmsg4(ctx: SendMsg4Context): Action {
    if (u32(ctx.userPort) !== Cgroup.port) return CgroupAction.Allow;
    ctx.userIp4 = be32(LOOPBACK);
    ctx.userPort = be16(u16(Cgroup.other));
    Cgroup.saw(10, u64(ctx.msgSrcIp4));
    return CgroupAction.Allow;
  }

  /** Lets datagrams seem to come from the port. */
  @cgroupSockAddr("recvmsg4")
  static recvmsg4(ctx: SockAddr4Context): SockAddrAction<"recvmsg4"> {
    Cgroup.saw(11, u64(ctx.userPort));
    ctx.userPort = be16(u16(Cgroup.port));
    return CgroupAction.Allow;
  }

  @cgroupSockAddr("getsockname4")
  static getsockname4(ctx: SockAddr4Context): SockAddrAction<"getsockname4"> {
    Cgroup.saw(12, u64(ctx.userPort));
    ctx.userPort = be16(u16(Cgroup.other));
    return CgroupAction.Allow;
  }

  @cgroupSockAddr("getpeername4")
  static getpeername4(ctx: SockAddr4Context): SockAddrAction<"getpeername4"> {
    Cgroup.saw(13, u64(ctx.userPort));
    ctx.userPort = be16(u16(Cgroup.port));
    return CgroupAction.Allow;
  }

  /** Refuses to set how far packets go. */
  @cgroupSockopt("setsockopt")
  static setsockopt(ctx: SetsockoptContext): Action {
    if (ctx.level !== 0 || ctx.optname !== 2) return CgroupAction.Allow;
    const value = ctx.at<Option>(0);
    Cgroup.saw(14, u64(value === null ? 999 : value.number));
    return CgroupAction.Deny;
  }

  /** Says another size of the buffer than there is. */
  @cgroupSockopt("getsockopt")
  static getsockopt(ctx: GetsockoptContext): Action {
    if (ctx.level !== 1 || ctx.optname !== 7) return CgroupAction.Allow;
    const value = ctx.at<Option>(0);
    if (value === null) return CgroupAction.Allow;
    Cgroup.saw(15, u64(ctx.retval === 0 ? 1 : 0));
    value.number = 4242;
    ctx.optlen = 4;
    ctx.retval = 0;
    return CgroupAction.Allow;
  }

  /** Refuses what is written. */
  @cgroupSysctl()
  static sysctl(ctx: SysctlContext): Action {
    Cgroup.saw(16, u64(ctx.write));
    return ctx.write === 1 ? CgroupAction.Deny : CgroupAction.Allow;
  }

  /** Refuses to write /dev/full (1, 7). */
  @cgroupDevice()
  static device(ctx: DeviceContext): Action {
    if (ctx.major !== 1 || ctx.minor !== 7) return CgroupAction.Allow;
    Cgroup.saw(17, u64(ctx.accessType));
    return ((ctx.accessType >> 16) & DeviceAccess.Write) !== 0 ? CgroupAction.Deny : CgroupAction.Allow;
  }

  @sockOps()
  static sockOps(ctx: SockOpsContext): void {
    if (u32(ctx.remotePort) !== Cgroup.port && ctx.localPort !== Cgroup.port) return;
    const known = Cgroup.operations.get(ctx.op);
    if (known !== null) known.value += 1n;
    else Cgroup.operations.set(ctx.op, 1n);
    Cgroup.saw(18, u64(ctx.family));
  }
}

interface Option {
  number: u32;
}
