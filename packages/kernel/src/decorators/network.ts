/** Programs on the way of packets. */

import type { CgroupAction } from "../contexts/cgroup.js";
import type {
  NetfilterAction,
  NetfilterContext,
  XdpAction,
  XdpContext,
  XdpDevmapContext,
} from "../contexts/packet.js";
import type {
  ActionContext,
  CgroupSkbContext,
  ClassifierContext,
  FlowDissectorAction,
  FlowDissectorContext,
  LwtAction,
  LwtInContext,
  LwtOutContext,
  LwtSeg6LocalContext,
  LwtXmitContext,
  SkSkbContext,
  SocketFilterContext,
  TcAction,
} from "../contexts/socket-buffer.js";
import type { u32 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { ProgramDecorator } from "./program.js";

/** How an XDP program takes packets. */
export interface XdpOptions {
  /** Packets in several buffers too: large frames, and those that the card put together. Kernel 5.18. */
  readonly frags?: boolean;
  /** Where it runs when it is not on an interface: on entries of a CPU map (kernel 5.9) or of a device map (kernel 5.8). */
  readonly map?: "cpumap" | "devmap";
}

/** An XDP program: runs for each packet that an interface receives. Kernel 4.8. */
export function xdp<const Options extends XdpOptions = Record<never, never>>(
  _options?: Options,
): ProgramDecorator<Options extends { map: "devmap" } ? XdpDevmapContext : XdpContext, XdpAction> {
  return kernelOnly("@xdp()");
}

/** A program of traffic control: runs for each packet that enters or leaves an interface, on tc, tcx or netkit as `attach` says. Kernel 4.1. */
export function classifier(): ProgramDecorator<ClassifierContext, TcAction> {
  return kernelOnly("@classifier()");
}

/** An action of traffic control, which filters give packets to. Kernel 4.1. */
export function action(): ProgramDecorator<ActionContext, TcAction> {
  return kernelOnly("@action()");
}

/** Runs for each packet that a socket receives: the result is how many bytes of it are kept, 0 for none. Kernel 3.19. */
export function socketFilter(): ProgramDecorator<SocketFilterContext, u32> {
  return kernelOnly("@socketFilter()");
}

/** Runs for each packet that the processes of a cgroup receive or send. Kernel 4.10. */
export function cgroupSkb(
  _direction: "ingress" | "egress",
): ProgramDecorator<CgroupSkbContext, CgroupAction> {
  return kernelOnly("@cgroupSkb()");
}

/** Says how long the next message of a stream in a socket map is: 0 when more of it is needed. Kernel 4.14. */
export function streamParser(): ProgramDecorator<SkSkbContext, number> {
  return kernelOnly("@streamParser()");
}

/** Decides about each message of a stream in a socket map that has a parser. Kernel 4.14. */
export function streamVerdict(): ProgramDecorator<SkSkbContext, 0 | 1> {
  return kernelOnly("@streamVerdict()");
}

/** Decides about each packet of a socket in a socket map, without a parser. Kernel 5.13. */
export function skbVerdict(): ProgramDecorator<SkSkbContext, 0 | 1> {
  return kernelOnly("@skbVerdict()");
}

/** Finds out what flow a packet is of, for a network namespace. Kernel 4.20. */
export function flowDissector(): ProgramDecorator<FlowDissectorContext, FlowDissectorAction> {
  return kernelOnly("@flowDissector()");
}

/** Runs for each packet at a hook of netfilter, which `attach` names. Kernel 6.4. */
export function netfilter(): // biome-ignore lint/suspicious/noExplicitAny: the context says what is read of its arguments
ProgramDecorator<NetfilterContext<any>, NetfilterAction> {
  return kernelOnly("@netfilter()");
}

/** A lightweight tunnel's program for packets that are received; attached to a route, by `ip route … encap bpf in`. Kernel 4.10. */
export function lwtIn(): ProgramDecorator<LwtInContext, LwtAction> {
  return kernelOnly("@lwtIn()");
}
/** A lightweight tunnel's program for packets of this machine. Kernel 4.10. */
export function lwtOut(): ProgramDecorator<LwtOutContext, LwtAction> {
  return kernelOnly("@lwtOut()");
}
/** A lightweight tunnel's program for packets that are about to be sent, which may change them. Kernel 4.10. */
export function lwtXmit(): ProgramDecorator<LwtXmitContext, LwtAction> {
  return kernelOnly("@lwtXmit()");
}
/** An action of IPv6 segment routing, `End.BPF`. Kernel 4.18. */
export function lwtSeg6Local(): ProgramDecorator<LwtSeg6LocalContext, LwtAction> {
  return kernelOnly("@lwtSeg6Local()");
}
