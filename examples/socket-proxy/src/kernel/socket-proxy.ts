import type { be32, SkAction as Decision, SkSkbContext, SockOpsContext } from "@waggle/kernel";
import {
  config,
  HashMap,
  LruHashMap,
  SkAction,
  SockHash,
  SockOp,
  SockOpsFlag,
  skbVerdict,
  sockOps,
  sockOpsCbFlagsSet,
  u32,
  u64,
} from "@waggle/kernel";

/** A connection, from this machine's side. Ports are in host order. */
export interface Connection {
  localIp: be32;
  remoteIp: be32;
  localPort: u32;
  remotePort: u32;
}

/** What came over a connection. */
export interface Received {
  /** Bytes that were given to user space. */
  passed: u64;
  /** Bytes that went on from here. */
  redirected: u64;
}

/** What user space does with what comes over a connection. */
export interface Forwarding {
  /** Where it goes. */
  peer: Connection;
  /** How much of it user space has sent on. */
  forwarded: u64;
}

/** Sends on what comes over a connection, without a way through user space. */
export class SocketProxy {
  static readonly sockets = new SockHash<Connection>({ maxEntries: 4096 });
  static readonly received = new HashMap<Connection, Received>({ maxEntries: 4096 });
  /** User space's. */
  static readonly forwarding = new HashMap<Connection, Forwarding>({ maxEntries: 4096 });
  /** How many bytes the other side of a connection has confirmed; of one that was opened here, one more. */
  static readonly acknowledged = new LruHashMap<Connection, u64>({ maxEntries: 8192 });
  /** The port that clients connect to, and that of the service behind. */
  @config static port: u32 = 0;
  @config static target: u32 = 0;

  /** Takes a connection into the map before anything has come over it. */
  @sockOps()
  static establish(ctx: SockOpsContext): void {
    const connection: Connection = {
      localIp: ctx.localIp4,
      remoteIp: ctx.remoteIp4,
      localPort: ctx.localPort,
      remotePort: u32(ctx.remotePort),
    };
    if (ctx.op === SockOp.Rtt) SocketProxy.acknowledged.set(connection, ctx.bytesAcked);
    const isClient = ctx.op === SockOp.PassiveEstablished && ctx.localPort === SocketProxy.port;
    const isService = ctx.op === SockOp.ActiveEstablished && u32(ctx.remotePort) === SocketProxy.target;
    if (!isClient && !isService) return;
    SocketProxy.received.set(connection, { passed: 0n, redirected: 0n });
    SocketProxy.acknowledged.set(connection, 0n);
    SocketProxy.sockets.add(ctx, connection);
    sockOpsCbFlagsSet(ctx, SockOpsFlag.Rtt);
  }

  /** What comes goes on, once user space has sent on all that it was given before. */
  @skbVerdict()
  static forward(ctx: SkSkbContext): Decision {
    // The end of a connection comes as a packet of nothing: user space ends the other one, when all that was before is there.
    if (ctx.length === 0) return SkAction.Drop;
    const connection: Connection = {
      localIp: ctx.localIp4,
      remoteIp: ctx.remoteIp4,
      localPort: ctx.localPort,
      remotePort: u32(ctx.remotePort),
    };
    const received = SocketProxy.received.get(connection);
    if (received === null) return SkAction.Pass;
    const forwarding = SocketProxy.forwarding.get(connection);
    if (forwarding === null || forwarding.forwarded !== received.passed) {
      received.passed += u64(ctx.length);
      return SkAction.Pass;
    }
    received.redirected += u64(ctx.length);
    return SocketProxy.sockets.redirect(ctx, forwarding.peer);
  }
}
