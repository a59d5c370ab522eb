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
export type { Link } from "./attach/link.js";
export type { NetworkInterface } from "./attach/netlink.js";
export { interfaces } from "./attach/netlink.js";
export type { TracepointMechanism } from "./attach/tracepoint.js";
export type { XdpMechanism, XdpMode } from "./attach/xdp.js";
export type { BpfModule } from "./bpf-module.js";
export { bpfModule } from "./bpf-module.js";
export type { Loadability } from "./can-load.js";
export { canLoad } from "./can-load.js";
export type {
  AttachErrorCode,
  LoadErrorCode,
  MapErrorCode,
  SystemCallErrorCode,
} from "./errors/errors.js";
export {
  AttachError,
  BpfError,
  ClosedError,
  LoadError,
  MapError,
  NotSupportedError,
  PermissionError,
  PlatformError,
  SystemCallError,
} from "./errors/errors.js";
export { loadObject, loadSpec } from "./load/load.js";
export type { ProgramArray } from "./maps/program-array.js";
export type { ReadOptions, RingBuffer } from "./maps/ring-buffer.js";
export type { RawRecord } from "./maps/ring-record.js";
export type { ArrayMap, BpfMap, SetMode } from "./maps/types.js";
export type {
  AnyProgram,
  OtherProgram,
  Program,
  ProgramOf,
  TestRunOptions,
  TestRunResult,
  TracepointAttachOptions,
  TracepointProgram,
  XdpAttachOptions,
  XdpProgram,
} from "./program.js";
export type { Variable } from "./variables/variable.js";
export type { PathStep } from "./verifier/path.js";
export { VerifierError, type VerifierLog } from "./verifier/verifier-error.js";
