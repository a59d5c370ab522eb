/** Maps of sockets and of cgroups. */
import type { KernelMap, ProgramContext } from "../boundary.js";
import type {
  SkAction,
  SkLookupContext,
  SkMsgContext,
  SkReuseportContext,
  SockOpsContext,
} from "../contexts/socket.js";
import type { ClassifierContext, SkSkbContext } from "../contexts/socket-buffer.js";
import type { i64, u32, u64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { MAP } from "../symbols.js";
import type { MapOptions, SetMode } from "./options.js";

/** To the socket's receiving side instead of out of it; `BPF_F_INGRESS`. */
export type RedirectSide = "egress" | "ingress";

abstract class Sockets<Kind extends string, K> implements KernelMap<Kind, K, u64> {
  declare readonly [MAP]?: { kind: Kind; key: K; value: u64 };

  constructor(_options: MapOptions) {
    kernelOnly("a map");
  }

  /** Puts the connection that the program runs for into the map; 0 or a negative errno. `bpf_sock_map_update`, kernel 4.14; `bpf_sock_hash_update`, 4.18. */
  add(_ctx: SockOpsContext, _key: K, _mode?: SetMode): i64 {
    return kernelOnly("add()");
  }

  /** Sends what the program runs for to the socket of the key: `SkAction.Pass`, or `Drop` when there is none. Kernel 4.14; messages 4.17. */
  redirect(_ctx: SkMsgContext | SkSkbContext, _key: K, _side?: RedirectSide): SkAction {
    return kernelOnly("redirect()");
  }

  /**
   * Gives the connection or packet to the socket of the key, or to none; 0, or a negative errno: -ENOENT when there is none.
   * `bpf_sk_assign`, kernel 5.9 for socket lookup.
   */
  assign(_ctx: SkLookupContext, _key: K): i64 {
    return kernelOnly("assign()");
  }
}

/** Sockets by index; `BPF_MAP_TYPE_SOCKMAP`, kernel 4.14. */
export class SockMap extends Sockets<"sockmap", u32> {}

/** Sockets by key; `BPF_MAP_TYPE_SOCKHASH`, kernel 4.18. */
export class SockHash<K> extends Sockets<"sockhash", K> {}

/** Sockets that share a port, by index; `BPF_MAP_TYPE_REUSEPORT_SOCKARRAY`, kernel 4.19. */
export class ReuseportArray implements KernelMap<"reuseport-sockarray", u32, u64> {
  declare readonly [MAP]?: { kind: "reuseport-sockarray"; key: u32; value: u64 };

  constructor(_options: MapOptions) {
    kernelOnly("a map");
  }

  /** Chooses the socket at the index; 0 or a negative errno. `bpf_sk_select_reuseport`, kernel 4.19. */
  select(_ctx: SkReuseportContext, _index: u32): i64 {
    return kernelOnly("select()");
  }
}

/** Cgroups by index; `BPF_MAP_TYPE_CGROUP_ARRAY`, kernel 4.8. */
export class CgroupArray implements KernelMap<"cgroup-array", u32, u32> {
  declare readonly [MAP]?: { kind: "cgroup-array"; key: u32; value: u32 };

  constructor(_options: MapOptions) {
    kernelOnly("a map");
  }

  /** Whether the current task is in the cgroup at the index, or below it; `bpf_current_task_under_cgroup`, kernel 4.9. */
  hasCurrentTask(_index: u32): boolean {
    return kernelOnly("hasCurrentTask()");
  }

  /** Whether the packet's socket is in the cgroup at the index, or below it; `bpf_skb_under_cgroup`, kernel 4.8. */
  hasSocketOf(_ctx: ClassifierContext | ProgramContext<"lwt-xmit">, _index: u32): boolean {
    return kernelOnly("hasSocketOf()");
  }
}
