export { BtfBuilder } from "./btf/builder.js";
export type { ValueCodec } from "./btf/codec.js";
export { valueCodec } from "./btf/codec.js";
export type { RecordBatch, RecordCodec } from "./btf/codec-records.js";
export { recordCodec } from "./btf/codec-records.js";
export type { MemoryViews } from "./btf/codec-source.js";
export { memoryViews } from "./btf/codec-source.js";
export { type TypeDifference, type TypeIn, typeDifference } from "./btf/differences.js";
export { encodeBtf } from "./btf/encode.js";
export { parseBtfExt } from "./btf/ext.js";
export { formatBtf } from "./btf/format.js";
export { describeType, sizeOfType, skipModifiers, typeAt } from "./btf/layout.js";
export { openBtf } from "./btf/lazy.js";
export type { MergedBtf } from "./btf/merge.js";
export { mergeBtf } from "./btf/merge.js";
export { essentialName, findType, typesNamed } from "./btf/names.js";
export type { ParsedBtf } from "./btf/parse.js";
export { parseBtf } from "./btf/parse.js";
export { pruneBtf } from "./btf/prune.js";
export { parseSplitBtf } from "./btf/split.js";
export * from "./btf/types.js";
export type { ByteOrder } from "./byte-order.js";
export { hostByteOrder } from "./byte-order.js";
export { type CorePlace, CoreRelocationError } from "./core/core-error.js";
export { CoreKind } from "./core/kinds.js";
export { POISON_HELPER } from "./core/patch.js";
export { describeRelocation, relocateProgram } from "./core/relocate.js";
export { readElf } from "./elf/read.js";
export * from "./elf/types.js";
export { writeElf } from "./elf/write.js";
export type { ObjectErrorCode } from "./errors.js";
export { ObjectError } from "./errors.js";
export type { AttachTypeRow } from "./interface/attach-types.js";
export { attachTypeByName, attachTypes } from "./interface/attach-types.js";
export type {
  ContextField,
  ContextNumber,
  ContextPointer,
  ContextStruct,
} from "./interface/context-structs.js";
export { contextStructByName, contextStructs } from "./interface/context-structs.js";
export { helperKindOf, helperProgramKinds, helperSince, needsGpl } from "./interface/helper-programs.js";
export type { HelperArg, HelperReturn, HelperRow } from "./interface/helpers.js";
export { helperById, helperByName, helpers } from "./interface/helpers.js";
export type { KernelVersion } from "./interface/kernel-version.js";
export {
  defaultKernelVersion,
  formatKernelVersion,
  kernelHas,
  parseKernelVersion,
} from "./interface/kernel-version.js";
export type { MapTypeRow } from "./interface/map-types.js";
export { mapTypeByName, mapTypeByValue, mapTypes } from "./interface/map-types.js";
export type { ContextForm, ProgramKindRow } from "./interface/program-kinds.js";
export { programKindByName, programKinds } from "./interface/program-kinds.js";
export type { ProgramTypeRow } from "./interface/program-types.js";
export { programTypeByName, programTypeByValue, programTypes } from "./interface/program-types.js";
export type { RegisterLayout } from "./interface/registers.js";
export { registerLayouts, X64_REGISTER } from "./interface/registers.js";
export type { SectionDefinition, SectionMatch } from "./interface/sections.js";
export {
  PROGRAM_FLAG_SLEEPABLE,
  PROGRAM_FLAG_XDP_HAS_FRAGS,
  sectionByName,
  sectionDefinitions,
} from "./interface/sections.js";
export { decodeInstructions, encodeInstructions, INSTRUCTION_SIZE, isWide } from "./isa/codec.js";
export type { DisassembleOptions } from "./isa/disassemble.js";
export { disassemble } from "./isa/disassemble.js";
export type { Instruction } from "./isa/instruction.js";
export {
  AluOp,
  AtomicOp,
  CALL_OPCODE,
  EXIT_OPCODE,
  InstructionClass,
  JumpOp,
  MemoryMode,
  MemorySize,
  OpcodeMask,
  Pseudo,
  Source,
  WIDE_LOAD_OPCODE,
} from "./isa/opcodes.js";
export type { LogRecord, LogWorld } from "./log/record.js";
export { decodeLogRecord } from "./log/record.js";
export type { LogHint, LogLevel, LogSite, LogType, LogValue } from "./log/site.js";
export {
  encodeLogSite,
  LOG_HEADER,
  LOG_LEVEL,
  LOG_MAP,
  logLevels,
  parseLogSites,
} from "./log/site.js";
export { nearest } from "./nearest.js";
export type { KernelFactKind, KernelFactType } from "./spec/config.js";
export {
  isUserVariable,
  kernelFactName,
  kernelFactOf,
  lostSuffix,
  withConfig,
  withKernelFacts,
} from "./spec/config.js";
export { MAP_FLAG_READ_ONLY_PROGRAM } from "./spec/data-maps.js";
export { MAX_PROGRAM_INSTRUCTIONS } from "./spec/link-program.js";
export { MAPS_SECTION, RECORD_TAG } from "./spec/map-definitions.js";
export { readObject } from "./spec/read-object.js";
export * from "./spec/types.js";

export type { FunctionNames } from "./spec/variable-names.js";
export { encodeNames, joinReads, NAMES_SECTION, parseNames } from "./spec/variable-names.js";
