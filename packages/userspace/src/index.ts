export type { LogLevel, LogRecord } from "@waggle/object";
export type {
  AnyMap,
  App,
  AppBase,
  CommonLoadOptions,
  LoadOptions,
  MapOf,
  UntypedApp,
  UntypedLoadOptions,
} from "./app.js";
export { isRingBuffer } from "./app.js";
export type { CgroupAttachOptions } from "./attach/cgroup.js";
export type { CounterName, PerfEventAttachOptions } from "./attach/counter.js";
export type { LircAttachOptions } from "./attach/device.js";
export type { IteratorAttachOptions, IteratorLink } from "./attach/iterator.js";
export type { AttachableKind, AttachByKind } from "./attach/kinds.js";
export type { Link, LinkMechanism } from "./attach/link.js";
export type { SocketMapAttachOptions } from "./attach/map.js";
export type { KprobeMultiAttachOptions, MultiLink, UprobeMultiAttachOptions } from "./attach/multi.js";
export type { NamespaceAttachOptions } from "./attach/namespace.js";
export type { NetfilterAttachOptions } from "./attach/netfilter.js";
export type { NetworkInterface } from "./attach/netlink.js";
export { interfaces } from "./attach/netlink.js";
export type { PerfEventMechanism } from "./attach/perf-event.js";
export type { KprobeAttachOptions, UprobeAttachOptions } from "./attach/probe.js";
export type { RawTracepointAttachOptions } from "./attach/raw-tracepoint.js";
export type { SocketAttachOptions } from "./attach/socket.js";
export type { ActionAttachOptions, ClassifierAttachOptions, Order } from "./attach/tc.js";
export { withTracefs } from "./attach/tracefs.js";
export type { TracepointAttachOptions, TracepointMechanism } from "./attach/tracepoint.js";
export type { XdpAttachOptions, XdpMechanism, XdpMode } from "./attach/xdp.js";
export type { BpfModule } from "./bpf-module.js";
export { bpfModule } from "./bpf-module.js";
export type { Loadability } from "./can-load.js";
export { canLoad } from "./can-load.js";
export type {
  AttachErrorCode,
  LoadErrorCode,
  MapErrorCode,
  PinErrorCode,
  SystemCallErrorCode,
} from "./errors/errors.js";
export {
  AttachError,
  BatchError,
  BpfError,
  ClosedError,
  LoadError,
  MapError,
  NotSupportedError,
  PermissionError,
  PinError,
  PlatformError,
  SystemCallError,
} from "./errors/errors.js";
export { btfFeatures, btfSupport } from "./features/btf.js";
export { linkKinds, linkSupport } from "./features/links.js";
export { mapSupport } from "./features/maps.js";
export { helperSupport, programSupport } from "./features/programs.js";
export type { Support } from "./features/support.js";
export { loadObject, loadSpec } from "./load/load.js";
export { kernelSymbol, type Logger, type LogOptions, type Logs } from "./logs/logs.js";
export type { CpuItem, DeviceItem, ItemMap, NestedMap } from "./maps/descriptor-map.js";
export type { PerfEventArray } from "./maps/perf-buffer.js";
export type { ProgramArray } from "./maps/program-array.js";
export type { ReadOptions } from "./maps/record-stream.js";
export type { RingBuffer } from "./maps/ring-buffer.js";
export type { RawRecord } from "./maps/ring-record.js";
export type { BloomFilter, Sequence } from "./maps/sequence.js";
export type { ArrayMap, BpfMap, SetMode, ValuesInPlace } from "./maps/types.js";
export type { UserRingBuffer } from "./maps/user-ring-buffer.js";
export { BPF_FILE_SYSTEM, type PinOptions } from "./pin/bpf-file-system.js";
export type {
  AnyProgram,
  AttachableProgram,
  OtherProgram,
  Program,
  ProgramOf,
  TestRunOptions,
  TestRunResult,
  TracepointProgram,
  XdpProgram,
} from "./program.js";
export type { Variable } from "./variables/variable.js";
export type { PathStep } from "./verifier/path.js";
export { VerifierError, type VerifierLog } from "./verifier/verifier-error.js";
