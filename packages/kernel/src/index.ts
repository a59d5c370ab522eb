/** What kernel programs import, and the types by which user space knows them. */
export * from "./arrays.js";
export * from "./big-endian.js";
export * from "./boundary.js";
export * from "./contexts.js";
export * from "./current.js";
export * from "./decorators.js";
export * from "./helpers.js";
export * from "./integers.js";
export * from "./kernel-functions.js";
export * from "./kernel-only.js";
export * from "./kernel-types.js";
export * from "./layouts.js";
export * from "./loops.js";
export * from "./maps.js";
export * from "./memory.js";
export * from "./pointers.js";
export * from "./tracepoints.js";
