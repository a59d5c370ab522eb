export type {
  CompiledClass,
  CompiledProgram,
  CompileOptions,
  CompileResult,
  CompileTarget,
  IrResult,
} from "./compile.js";
export { compile, compileModule, compileToIr } from "./compile.js";
export type {
  Code,
  CodeRow,
  Diagnostic,
  Edit,
  Fix,
  FormatOptions,
  LocatedNote,
  Note,
} from "./diagnostics/index.js";
export { applyFix, codes, failureAt, failureCodes, formatDiagnostics, isBug } from "./diagnostics/index.js";
export type { FaultStage } from "./fault-injection.js";
export { faultPoint, injectFault } from "./fault-injection.js";
export { BugError } from "./ir/bug-error.js";
export { parseModule } from "./ir/parse.js";
export { printModule } from "./ir/print.js";
export type { Module } from "./ir/types.js";
export type { OptimizationLevel } from "./passes/pipeline.js";
export type { Cpu, TargetOptions } from "./target/target-error.js";
