export { buildEbpf } from "./build/build.js";
export type {
  BuildEvent,
  BuildOptions,
  BuildResult,
  BuiltClass,
  BuiltProgram,
  Diagnostic,
} from "./build/result.js";
export type { WatchEvents } from "./build/watch.js";
export { watchEbpf } from "./build/watch.js";
export type { CheckedClass, CheckOptions, CheckResult } from "./check/check.js";
export { checkEbpf } from "./check/check.js";
export type { CodegenConfig, CpuName, TargetConfig, XtaskConfig } from "./config/config.js";
export { defineConfig } from "./config/config.js";
export type { ListedInstruction, Listing, ListingPaint } from "./disasm/listing.js";
export { formatListing, listPrograms } from "./disasm/listing.js";
