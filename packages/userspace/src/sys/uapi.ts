/** A `bpf(2)` command: number in linux/bpf.h, oldest kernel, and the capability that it asks for. */
export interface BpfCommandRow {
  readonly name: string;
  readonly value: number;
  readonly since: string;
  readonly capability: string;
}

const row = (name: string, value: number, since: string, capability = "CAP_BPF"): BpfCommandRow => ({
  name,
  value,
  since,
  capability,
});

/** The commands that the loader uses. */
export const BpfCommand = {
  MapCreate: row("BPF_MAP_CREATE", 0, "3.18"),
  MapLookup: row("BPF_MAP_LOOKUP_ELEM", 1, "3.18"),
  MapUpdate: row("BPF_MAP_UPDATE_ELEM", 2, "3.18"),
  MapDelete: row("BPF_MAP_DELETE_ELEM", 3, "3.18"),
  MapNextKey: row("BPF_MAP_GET_NEXT_KEY", 4, "3.18"),
  ProgramLoad: row(
    "BPF_PROG_LOAD",
    5,
    "3.18",
    "CAP_BPF and CAP_PERFMON (tracing) or CAP_NET_ADMIN (networking)",
  ),
  ObjectPin: row("BPF_OBJ_PIN", 6, "4.4"),
  ObjectGet: row("BPF_OBJ_GET", 7, "4.4"),
  ProgramAttach: row("BPF_PROG_ATTACH", 8, "4.10", "CAP_NET_ADMIN"),
  ProgramDetach: row("BPF_PROG_DETACH", 9, "4.10", "CAP_NET_ADMIN"),
  ProgramTestRun: row("BPF_PROG_TEST_RUN", 10, "4.12"),
  ObjectInfo: row("BPF_OBJ_GET_INFO_BY_FD", 15, "4.13"),
  RawTracepointOpen: row("BPF_RAW_TRACEPOINT_OPEN", 17, "4.17", "CAP_PERFMON"),
  BtfLoad: row("BPF_BTF_LOAD", 18, "4.18"),
  BtfGetById: row("BPF_BTF_GET_FD_BY_ID", 19, "4.18", "CAP_SYS_ADMIN"),
  MapLookupAndDelete: row("BPF_MAP_LOOKUP_AND_DELETE_ELEM", 21, "4.20"),
  MapFreeze: row("BPF_MAP_FREEZE", 22, "5.2"),
  MapLookupBatch: row("BPF_MAP_LOOKUP_BATCH", 24, "5.6"),
  MapUpdateBatch: row("BPF_MAP_UPDATE_BATCH", 26, "5.6"),
  MapDeleteBatch: row("BPF_MAP_DELETE_BATCH", 27, "5.6"),
  LinkCreate: row("BPF_LINK_CREATE", 28, "5.7", "CAP_PERFMON (tracing) or CAP_NET_ADMIN (networking)"),
  LinkUpdate: row("BPF_LINK_UPDATE", 29, "5.7"),
  IteratorCreate: row("BPF_ITER_CREATE", 33, "5.8", "CAP_PERFMON"),
} as const;

/** `BPF_OBJ_NAME_LEN` of linux/bpf.h, with the closing NUL. */
export const OBJECT_NAME_LENGTH = 16;

/** `enum bpf_attach_type` of linux/bpf.h. */
export const AttachType = {
  FlowDissector: 17,
  Iterator: 28,
  Xdp: 37,
  PerfEvent: 41,
  KprobeMulti: 42,
  Netfilter: 45,
  TcxIngress: 46,
  TcxEgress: 47,
  UprobeMulti: 48,
  NetkitPrimary: 54,
  NetkitPeer: 55,
} as const;

/** `BPF_F_*` of BPF_PROG_ATTACH (linux/bpf.h). */
export const AttachFlag = { AllowOverride: 1, AllowMultiple: 2 } as const;

/** `BPF_PSEUDO_*` in the source register of a 64-bit immediate load (linux/bpf.h). */
export const PseudoSource = { MapFd: 1, MapValue: 2 } as const;

/** Flags of map elements (linux/bpf.h). */
export const ElementFlag = { Any: 0n, Create: 1n, Update: 2n } as const;

/** `BPF_F_*` of map creation (linux/bpf.h). */
export const MapFlag = { ReadOnlyProgram: 1 << 7, Mappable: 1 << 10 } as const;

/** `XDP_FLAGS_*` of linux/if_link.h. */
export const XdpFlag = { UpdateIfNoExist: 1, Generic: 2, Driver: 4, Offload: 8 } as const;

/** linux/perf_event.h: the little of it that programs need. */
export const Perf = {
  typeHardware: 0,
  typeSoftware: 1,
  typeRaw: 4,
  typeBreakpoint: 5,
  typeTracepoint: 2,
  attributeSize: 112,
  sampleRaw: 1n << 10n,
  /** `PERF_FORMAT_LOST` */
  formatLost: 1n << 4n,
  flagCloseOnExec: 8,
  /** `_IO('$', 0)` */
  ioctlEnable: 0x2400,
  /** `_IO('$', 1)` */
  ioctlDisable: 0x2401,
  /** `_IOW('$', 8, __u32)` */
  ioctlSetBpf: 0x40042408,
} as const;

/** linux/eventpoll.h. */
export const Epoll = { closeOnExec: 0o2000000, add: 1, modify: 3, readable: 1 } as const;

/** `AF_INET`, and `SOCK_DGRAM` with `SOCK_CLOEXEC`. */
export const InternetSocket = { family: 2, datagram: 2 | 0o2000000 } as const;

/** `PROT_*` and `MAP_*` of asm-generic/mman-common.h. */
export const Mmap = { Read: 1, Write: 2, Shared: 1 } as const;

/** Of asm-generic/socket.h: programs of sockets. */
export const SocketOption = {
  level: 1,
  detachFilter: 27,
  attachBpf: 50,
  attachReuseport: 52,
  detachReuseport: 68,
} as const;

/** linux/mount.h: flags of mounts, and file system contexts with the only command that is needed. */
export const Mount = {
  noSetUid: 2,
  noDevices: 4,
  noExec: 8,
  fsopenCloseOnExec: 1,
  fsmountCloseOnExec: 1,
  configCreate: 6,
} as const;

/** `LOCK_*` of asm-generic/fcntl.h. */
export const Flock = { Exclusive: 2 } as const;

/** linux/resource.h */
export const Resource = { MemLock: 8, infinity: 0xffff_ffff_ffff_ffffn } as const;
