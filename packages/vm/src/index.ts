export { VmError, type VmErrorCode, type VmLocation } from "./errors.js";
export type { Task } from "./helpers/call.js";
export { simulatedHelpers } from "./helpers/helper-table.js";
export type { MemoryBlock, MemoryImage } from "./memory/test-memory.js";
export type * from "./simulate/map-types.js";
export type { SimulatedProgramArray } from "./simulate/program-array.js";
export { simulate, simulateObject, simulateSpec } from "./simulate/simulate.js";
export type * from "./simulate/types.js";
export type { SimulatedVariable } from "./simulate/variables.js";
