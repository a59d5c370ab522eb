/** Maps that XDP programs send packets by. */
import type { KernelMap } from "../boundary.js";
import type { XdpAction } from "../contexts/packet.js";
import type { u32 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { MAP } from "../symbols.js";
import type { MapOptions } from "./options.js";

abstract class RedirectMap<Kind extends string, Value> implements KernelMap<Kind, u32, Value> {
  declare readonly [MAP]?: { kind: Kind; key: u32; value: Value };

  constructor(_options: MapOptions) {
    kernelOnly("a map");
  }

  /**
   * Sends the packet to where the entry says once the program returns the result: `XdpAction.Redirect`, or `otherwise` (Aborted when it is
   * not given) where there is no entry. `bpf_redirect_map`, kernel 4.14; `otherwise` from 5.2.
   */
  redirect(_key: u32, _otherwise?: XdpAction): XdpAction {
    return kernelOnly("redirect()");
  }
}

/** An interface, and a program that runs before a packet goes there; `struct bpf_devmap_val`. */
export interface DeviceEntry {
  ifindex: u32;
  /** A descriptor when it is set, an id when it is read; 0 for none. */
  program: u32;
}

/** A CPU's queue, and a program that runs there; `struct bpf_cpumap_val`. */
export interface CpuEntry {
  /** Packets that wait at most. */
  queueSize: u32;
  /** A descriptor when it is set, an id when it is read; 0 for none. */
  program: u32;
}

/** Interfaces by index; `BPF_MAP_TYPE_DEVMAP`, kernel 4.14, with programs 5.8. */
export class DevMap extends RedirectMap<"devmap", DeviceEntry> {
  /** Sends the packet to every interface but, with `exceptIngress`, the one that it came in by. `BPF_F_BROADCAST`, kernel 5.13. */
  broadcast(_exceptIngress: boolean): XdpAction {
    return kernelOnly("broadcast()");
  }
}

/** Interfaces by any number; `BPF_MAP_TYPE_DEVMAP_HASH`, kernel 5.4, with programs 5.8. */
export class DevMapHash extends RedirectMap<"devmap-hash", DeviceEntry> {
  /** Sends the packet to every interface but, with `exceptIngress`, the one that it came in by. `BPF_F_BROADCAST`, kernel 5.13. */
  broadcast(_exceptIngress: boolean): XdpAction {
    return kernelOnly("broadcast()");
  }
}

/** CPUs that go on with packets; `BPF_MAP_TYPE_CPUMAP`, kernel 4.15, with programs 5.9. */
export class CpuMap extends RedirectMap<"cpumap", CpuEntry> {}

/** AF_XDP sockets, by receive queue as a rule; `BPF_MAP_TYPE_XSKMAP`, kernel 4.18. */
export class XskMap extends RedirectMap<"xskmap", u32> {}
