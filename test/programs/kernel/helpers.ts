/** Helpers that are called as they are. */
import type { CgroupSkbContext, ClassifierContext, SysctlContext, XdpContext } from "@waggle/kernel";
import {
  ArrayMap,
  be16,
  be32,
  CgroupAction,
  type CString,
  cgroupSkb,
  cgroupSysctl,
  classifier,
  config,
  csumDiff,
  type FibLookup,
  fibLookup,
  getSocketCookie,
  getSocketUid,
  redirect,
  type SocketTuple4,
  skbPullData,
  skbStoreBytes,
  skFullsock,
  skLookupUdp,
  skRelease,
  sysctlGetName,
  TcAction,
  tcpSock,
  u16,
  type u32,
  u64,
  XdpAction,
  xdp,
  xdpAdjustHead,
  zeroed,
} from "@waggle/kernel";
import type { EthHdr } from "@waggle/kernel/net";

interface Words {
  first: u32;
  second: u32;
}

export class Helpers {
  static readonly seen = new ArrayMap<u64>({ maxEntries: 16 });
  static readonly names = new ArrayMap<CString<64>>({ maxEntries: 1 });
  @config static port: u32 = 0;

  private static tell(index: u32, value: u64): void {
    const place = Helpers.seen.get(index);
    if (place !== null) place.value = value;
  }

  /** Takes the first 4 bytes off, and writes the rest anew. */
  @xdp()
  static cut(ctx: XdpContext): XdpAction {
    const before = ctx.length;
    if (xdpAdjustHead(ctx, 4) !== 0n) return XdpAction.Aborted;
    Helpers.tell(0, u64(before - ctx.length));
    const from: Words = { first: 0x10, second: 0 };
    const to: Words = { first: 0x30, second: 0 };
    Helpers.tell(1, u64(csumDiff(from, to, 0)));
    Helpers.tell(2, u64(csumDiff(null, to, 5)));
    const eth = ctx.at<EthHdr>(0);
    if (eth !== null) eth.protocol = be16(0x1234);
    return XdpAction.Pass;
  }

  @xdp()
  static away(_ctx: XdpContext): XdpAction {
    return redirect(1);
  }

  /** Looks for the socket of a port, and writes into the packet. */
  @classifier()
  static find(ctx: ClassifierContext): TcAction {
    const tuple: SocketTuple4 = {
      saddr: be32(0x7f00_0001),
      daddr: be32(0x7f00_0001),
      sport: be16(9),
      dport: be16(u16(Helpers.port)),
    };
    const socket = skLookupUdp(ctx, tuple, 0xffff_ffff_ffff_ffffn);
    if (socket !== null) {
      Helpers.tell(3, u64(socket.localPort));
      skRelease(socket);
    }
    const words: Words = { first: 1, second: 2 };
    Helpers.tell(4, u64(skbStoreBytes(ctx, 20, words)));
    Helpers.tell(5, u64(skbPullData(ctx, 0)));
    const question = zeroed<FibLookup>();
    question.family = 2;
    question.ipv4Dst = be32(0x7f00_0001);
    question.ifindex = 1;
    Helpers.tell(6, u64(fibLookup(ctx, question, 0)));
    return TcAction.Ok;
  }

  @cgroupSkb("egress")
  static who(ctx: CgroupSkbContext): CgroupAction {
    const common = ctx.sk;
    if (common === null) return CgroupAction.Allow;
    Helpers.tell(7, getSocketCookie(ctx));
    Helpers.tell(8, u64(getSocketUid(ctx)));
    const full = skFullsock(common);
    if (full === null) return CgroupAction.Allow;
    Helpers.tell(9, u64(full.type));
    const tcp = tcpSock(full);
    if (tcp !== null) Helpers.tell(10, u64(tcp.mssCache));
    return CgroupAction.Allow;
  }

  @cgroupSysctl()
  static name(ctx: SysctlContext): CgroupAction {
    const name = zeroed<CString<64>>();
    const size = sysctlGetName(ctx, name);
    if (size > 0n) Helpers.names.set(0, name);
    return CgroupAction.Allow;
  }
}
