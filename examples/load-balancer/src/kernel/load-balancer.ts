import type { u8, XdpContext } from "@waggle/kernel";
import {
  ArrayMap,
  atomic,
  be16,
  be32,
  config,
  LruHashMap,
  sizeof,
  u16,
  u32,
  u64,
  XdpAction,
  xdp,
  xdpAdjustHead,
} from "@waggle/kernel";
import type { EthHdr, IpHdr, MacAddress, UdpHdr } from "@waggle/kernel/net";
import { EthProto, IpProto, ipHeaderLength, isLaterFragment } from "@waggle/kernel/net";

/** A machine that serves, and what it was sent. An address of 0 is none. */
export interface Backend {
  address: be32;
  /** Of the machine, or of the router on the way to it. */
  mac: MacAddress;
  packets: u64;
  bytes: u64;
}

/** A client's side of a conversation. */
export interface Flow {
  address: be32;
  port: be16;
  protocol: u8;
}

/** Places of the ring: a prime, far above the number of backends. */
const RING_SIZE = 1021;
const NO_BACKEND = 0;

/**
 * Hands packets to an address and port on to backends, wrapped into a packet to the backend (IP in IP, RFC 2003): it unwraps them, and
 * answers the client itself. Packets of a conversation go to one backend, also when others come or go.
 */
export class LoadBalancer {
  /** By number; 0 is none. */
  static readonly backends = new ArrayMap<Backend>({ maxEntries: 64 });
  /** Which backend new conversations go to, by their hash. */
  static readonly ring = new ArrayMap<u32>({ maxEntries: 1021 });
  /** Which backend a conversation goes to. */
  static readonly flows = new LruHashMap<Flow, u32>({ maxEntries: 65_536 });
  /** The address and port that clients know. */
  @config static address: be32 = be32(0);
  @config static port: be16 = be16(0);

  @xdp()
  static balance(ctx: XdpContext): XdpAction {
    const eth = ctx.at<EthHdr>(0);
    const ip = ctx.at<IpHdr>(sizeof<EthHdr>());
    if (eth === null || ip === null || eth.protocol !== EthProto.Ipv4) return XdpAction.Pass;
    if (ip.daddr !== LoadBalancer.address || isLaterFragment(ip)) return XdpAction.Pass;
    if (ip.protocol !== IpProto.Tcp && ip.protocol !== IpProto.Udp) return XdpAction.Pass;
    // TCP and UDP headers both begin with the two ports.
    const ports = ctx.at<UdpHdr>(sizeof<EthHdr>() + ipHeaderLength(ip));
    if (ports === null || ports.dest !== LoadBalancer.port) return XdpAction.Pass;
    const backend = LoadBalancer.backendOf({ address: ip.saddr, port: ports.source, protocol: ip.protocol });
    if (backend === null) return XdpAction.Drop;
    const length = u16(ip.totalLength);
    atomic.add(backend.packets, 1n);
    atomic.add(backend.bytes, u64(length));
    return LoadBalancer.send(ctx, backend, length);
  }

  private static backendOf(flow: Flow): Backend | null {
    const known = LoadBalancer.flows.get(flow);
    if (known !== null) {
      const backend = LoadBalancer.backends.get(known.value);
      if (backend !== null && backend.address !== be32(0)) return backend;
    }
    const hash: u32 = ((u32(flow.address) ^ (u32(flow.port) << 16) ^ u32(flow.protocol)) * 0x9e37_79b1) >>> 8;
    const chosen = LoadBalancer.ring.get(hash % RING_SIZE);
    if (chosen === null || chosen.value === NO_BACKEND) return null;
    LoadBalancer.flows.set(flow, chosen.value);
    return LoadBalancer.backends.get(chosen.value);
  }

  /** Puts a header for the backend in front, and sends the packet out where it came in. */
  private static send(ctx: XdpContext, backend: Backend, length: u16): XdpAction {
    if (xdpAdjustHead(ctx, -sizeof<IpHdr>()) !== 0n) return XdpAction.Drop;
    const eth = ctx.at<EthHdr>(0);
    const outer = ctx.at<IpHdr>(sizeof<EthHdr>());
    const before = ctx.at<EthHdr>(sizeof<IpHdr>());
    if (eth === null || outer === null || before === null) return XdpAction.Drop;
    eth.destination = backend.mac;
    // The old header begins where the last bytes of the new one end: what is needed of it is copied first.
    eth.source = before.destination;
    eth.protocol = EthProto.Ipv4;
    outer.versionIhl = 0x45;
    outer.tos = 0;
    outer.totalLength = be16(u16(length + sizeof<IpHdr>()));
    outer.id = be16(0);
    outer.fragmentOffset = be16(0);
    outer.ttl = 64;
    outer.protocol = IPIP;
    outer.saddr = LoadBalancer.address;
    outer.daddr = backend.address;
    outer.checksum = be16(LoadBalancer.checksum(u32(length) + sizeof<IpHdr>(), outer.saddr, outer.daddr));
    return XdpAction.Tx;
  }

  /** Of the header that `send` writes: the complement of the sum of its 16-bit words, RFC 1071. */
  private static checksum(length: u32, from: be32, to: be32): u16 {
    const [source, destination] = [u32(from), u32(to)];
    let sum: u32 = 0x4500 + length + ((64 << 8) | IPIP);
    sum += (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff);
    sum = (sum >>> 16) + (sum & 0xffff);
    sum = (sum >>> 16) + (sum & 0xffff);
    return u16(~sum & 0xffff);
  }
}

/** A packet within a packet, of linux/in.h. */
const IPIP = 4;
