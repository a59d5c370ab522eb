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
export type { ListedInstruction, Listing, ListingPaint } from "./disasm/listing.js";
export { formatListing, listPrograms } from "./disasm/listing.js";
