/** Programs that decide for sockets, and maps of sockets. */
import type {
  CgroupSkbContext,
  SkAction as Decision,
  SkLookupContext,
  SkMsgContext,
  SkReuseportContext,
  SkSkbContext,
  SockOpsContext,
  CgroupAction as Verdict,
} from "@waggle/kernel";
import {
  ArrayMap,
  CgroupAction,
  cgroupSkb,
  config,
  ReuseportArray,
  SkAction,
  SocketStorage,
  SockHash,
  SockMap,
  SockOp,
  skLookup,
  skMsg,
  skReuseport,
  sockOps,
  streamParser,
  streamVerdict,
  u32,
  u64,
} from "@waggle/kernel";

export class Sockets {
  static readonly hits = new ArrayMap<u64>({ maxEntries: 16 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 16 });
  /** Connections by their local port. */
  static readonly byPort = new SockHash<u32>({ maxEntries: 64 });
  static readonly targets = new SockMap({ maxEntries: 4 });
  static readonly group = new ReuseportArray({ maxEntries: 4 });
  static readonly bytes = new SocketStorage<u64>();
  @config static port: u32 = 0;
  @config static other: u32 = 0;

  private static saw(index: u32, value: u64): void {
    const hits = Sockets.hits.get(index);
    const seen = Sockets.seen.get(index);
    if (hits !== null) hits.value += 1n;
    if (seen !== null) seen.value = value;
  }

  /** Puts both ends of a connection into the map. */
  @sockOps()
  static remember(ctx: SockOpsContext): void {
    if (ctx.op !== SockOp.ActiveEstablished && ctx.op !== SockOp.PassiveEstablished) return;
    if (u32(ctx.remotePort) !== Sockets.port && ctx.localPort !== Sockets.port) return;
    Sockets.saw(0, u64(Sockets.byPort.add(ctx, ctx.localPort)));
  }

  /** Gives what is sent right to the other end, past the network. */
  @skMsg()
  static shortcut(ctx: SkMsgContext): Decision {
    Sockets.saw(1, u64(ctx.size));
    return Sockets.byPort.redirect(ctx, u32(ctx.remotePort), "ingress");
  }

  @streamParser()
  static parse(ctx: SkSkbContext): u32 {
    return ctx.length;
  }

  /** Drops what begins with an x. */
  @streamVerdict()
  static judge(ctx: SkSkbContext): 0 | 1 {
    Sockets.saw(2, u64(ctx.length));
    const first = ctx.load<u32>(0);
    return first !== null && (first.value & 0xff) === 0x78 ? 0 : 1;
  }

  /** Gives connections to the port to the socket that is in the map. */
  @skLookup()
  static steer(ctx: SkLookupContext): Decision {
    if (ctx.localPort !== Sockets.port) return SkAction.Pass;
    Sockets.saw(3, u64(ctx.protocol));
    return Sockets.targets.assign(ctx, 0) === 0n ? SkAction.Pass : SkAction.Drop;
  }

  /** Chooses the second socket of the group. */
  @skReuseport()
  static choose(ctx: SkReuseportContext): Decision {
    Sockets.saw(4, u64(ctx.ipProtocol));
    return Sockets.group.select(ctx, 1) === 0n ? SkAction.Pass : SkAction.Drop;
  }

  /** Counts what each socket sends. */
  @cgroupSkb("egress")
  static account(ctx: CgroupSkbContext): Verdict {
    const socket = ctx.sk;
    if (socket === null) return CgroupAction.Allow;
    const bytes = Sockets.bytes.get(socket, "create");
    if (bytes === null) return CgroupAction.Allow;
    bytes.value += u64(ctx.length);
    Sockets.saw(5, bytes.value);
    return CgroupAction.Allow;
  }
}
