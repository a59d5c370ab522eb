/**
 * The state of selecting one function, and the emission of single machine instructions. Constants, map addresses and
 * slot addresses have no register of their own: they are made where they are read, so that nothing is kept that is
 * cheaper to repeat. The same holds for `pointer + constant` that only memory accesses read, which is folded into their
 * displacement, and for comparisons that only branches read.
 */
import { AluOp } from "@waggle/object";
import { operandsOf, resultType, targetsOf, terminatorOperands } from "../ir/operations.js";
import type { Instruction, IrFunction, IrType, SourceLocation, Terminator, ValueId } from "../ir/types.js";
import { firstSides } from "../verifier/loop-limits.js";
import type { Side } from "../verifier/loop-walk.js";
import type { Frame } from "./frame.js";
import type {
  MachineBlock,
  MachineBlockId,
  MachineInstruction,
  MachineOperation,
  MachineTerminator,
  Register,
} from "./machine.js";
import { firstVirtual, fitsImmediate, fitsOffset, frameRegister, physical } from "./machine.js";
import type { Step } from "./select-rows.js";
import type { TargetOptions } from "./target-error.js";

export interface Selection {
  readonly f: IrFunction;
  readonly options: TargetOptions;
  readonly frame: Frame;
  readonly types: ReadonlyMap<ValueId, IrType>;
  readonly definitions: ReadonlyMap<ValueId, Instruction>;
  /** The side of a branch that the verifier should follow first. */
  readonly firstSides: ReadonlyMap<Terminator, Side>;
  /** Values that are made where they are read. */
  readonly deferred: ReadonlySet<ValueId>;
  readonly registers: Map<ValueId, Register>;
  nextRegister: number;
  /** Finished blocks by id; a hole is a block that is reserved. */
  readonly blocks: (MachineBlock | null)[];
  block: MachineBlockId;
  instructions: MachineInstruction[];
  location: SourceLocation | null;
}

/** The values of `f` that need no register where they are defined. */
function findDeferred(f: IrFunction, definitions: ReadonlyMap<ValueId, Instruction>): Set<ValueId> {
  const kept = new Set<ValueId>();
  const keepAll = (values: readonly ValueId[]): void => {
    for (const value of values) kept.add(value);
  };
  for (const block of f.blocks) {
    for (const instruction of block.instructions) {
      const constantOffset = instruction.op === "offset" && isFoldable(definitions.get(instruction.bytes));
      for (const operand of operandsOf(instruction)) {
        const kind = definitions.get(operand)?.op;
        const address = kind === "offset" && isAddress(instruction, operand, constantOffset);
        if (!address) kept.add(operand);
      }
    }
    const { terminator } = block;
    if (terminator.op === "branch") {
      if (definitions.get(terminator.condition)?.op !== "compare") kept.add(terminator.condition);
      for (const target of targetsOf(terminator)) keepAll(target.args);
    } else keepAll(terminatorOperands(terminator));
  }
  const deferred = new Set<ValueId>();
  for (const [value, { op, ...rest }] of definitions) {
    if (op === "const" || op === "map" || op === "slot") deferred.add(value);
    else if (kept.has(value)) continue;
    else if (op === "compare") deferred.add(value);
    else if (op === "offset" && "bytes" in rest && isFoldable(definitions.get(rest.bytes)))
      deferred.add(value);
  }
  return deferred;
}

function isFoldable(bytes: Instruction | undefined): boolean {
  return bytes?.op === "const" && fitsImmediate(bytes.value);
}

/** Whether `instruction` reads `operand` as an address that it can add a displacement to. */
function isAddress(instruction: Instruction, operand: ValueId, constantOffset: boolean): boolean {
  switch (instruction.op) {
    case "load":
    case "zero":
      return true;
    case "store":
    case "atomic":
      return operand === instruction.pointer && operand !== instruction.value;
    case "compare-exchange":
      return (
        operand === instruction.pointer && operand !== instruction.value && operand !== instruction.expected
      );
    case "copy":
      return true;
    case "offset":
      return constantOffset && operand === instruction.pointer;
    default:
      return false;
  }
}

export function startSelection(f: IrFunction, options: TargetOptions, frame: Frame): Selection {
  const types = new Map<ValueId, IrType>();
  const definitions = new Map<ValueId, Instruction>();
  for (const block of f.blocks) {
    for (const param of block.params) types.set(param.id, param.type);
    for (const instruction of block.instructions) {
      const type = resultType(instruction);
      if (instruction.result === null || type === null) continue;
      types.set(instruction.result, type);
      definitions.set(instruction.result, instruction);
    }
  }
  return {
    f,
    options,
    frame,
    types,
    definitions,
    firstSides: firstSides(f),
    deferred: findDeferred(f, definitions),
    registers: new Map(),
    nextRegister: firstVirtual,
    blocks: [],
    block: 0 as MachineBlockId,
    instructions: [],
    location: f.location,
  };
}

export function reserveBlock(s: Selection): MachineBlockId {
  s.blocks.push(null);
  return (s.blocks.length - 1) as MachineBlockId;
}

export function startBlock(s: Selection, id: MachineBlockId): void {
  s.block = id;
  s.instructions = [];
}

export function finishBlock(s: Selection, terminator: MachineTerminator): void {
  s.blocks[s.block] = { instructions: s.instructions, terminator };
}

export function emit(s: Selection, operation: MachineOperation): void {
  s.instructions.push({ ...operation, location: s.location });
}

export function newRegister(s: Selection): Register {
  s.nextRegister += 1;
  return physical(s.nextRegister - 1);
}

/** The register that holds `value` from its definition on. */
export function homeOf(s: Selection, value: ValueId): Register {
  const known = s.registers.get(value);
  if (known !== undefined) return known;
  const register = newRegister(s);
  s.registers.set(value, register);
  return register;
}

/** The content of a constant's register, or null when `value` is no constant. */
export function constantOf(s: Selection, value: ValueId): bigint | null {
  const definition = s.definitions.get(value);
  if (definition?.op !== "const") return null;
  return BigInt.asUintN(definition.type === "i32" ? 32 : 64, definition.value);
}

export function emitConstant(s: Selection, dst: Register, value: bigint): void {
  emit(s, { op: "constant", dst, value: BigInt.asUintN(64, value), narrow: s.options.cpu >= 3 });
}

/** A register that holds `value`; deferred values are made here. Never to be written by the reader. */
export function readRegister(s: Selection, value: ValueId): Register {
  if (!s.deferred.has(value)) return homeOf(s, value);
  const register = newRegister(s);
  readInto(s, register, value);
  return register;
}

/** Puts `value` into a register that the reader owns. */
export function readInto(s: Selection, dst: Register, value: ValueId): void {
  const definition = s.definitions.get(value);
  if (definition === undefined || !s.deferred.has(value)) {
    emit(s, { op: "move", dst, src: homeOf(s, value) });
    return;
  }
  if (definition.op === "const") emitConstant(s, dst, constantOf(s, value) ?? 0n);
  else if (definition.op === "map")
    emit(s, { op: "address", dst, symbol: { kind: "map", name: definition.map } });
  else {
    const { base, displacement } = resolve(s, value, 0);
    emitOffset(s, dst, base, displacement);
  }
}

/** `dst = base + displacement`. */
export function emitOffset(s: Selection, dst: Register, base: Register, displacement: number): void {
  if (base === frameRegister) {
    emit(s, { op: "frame-address", dst, offset: displacement });
    return;
  }
  emit(s, { op: "move", dst, src: base });
  if (displacement !== 0)
    emit(s, { op: "alu", wide: true, operator: AluOp.Add, dst, src: BigInt(displacement), offset: 0 });
}

export interface Address {
  readonly base: Register;
  readonly displacement: number;
}

/** The register and displacement that `pointer + displacement` is, through folded offsets; any displacement. */
export function resolve(s: Selection, pointer: ValueId, displacement: number): Address {
  let current = pointer;
  let total = displacement;
  for (;;) {
    const definition = s.definitions.get(current);
    if (definition?.op === "slot") {
      return { base: frameRegister, displacement: total + (s.frame.offsets.get(definition.slot) ?? 0) };
    }
    if (definition?.op !== "offset" || !s.deferred.has(current)) break;
    total += Number(BigInt.asIntN(64, constantOf(s, definition.bytes) ?? 0n));
    current = definition.pointer;
  }
  return { base: readRegister(s, current), displacement: total };
}

/** An address whose displacement, and that of the last of `size` bytes, fit an instruction. */
export function addressOf(s: Selection, pointer: ValueId, displacement: number, size: number): Address {
  const address = resolve(s, pointer, displacement);
  if (fitsOffset(address.displacement) && fitsOffset(address.displacement + size)) return address;
  const base = newRegister(s);
  emitOffset(s, base, address.base, address.displacement);
  return { base, displacement: 0 };
}

/** Runs steps in place. */
export function emitSteps(s: Selection, dst: Register, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.op === "alu")
      emit(s, { op: "alu", wide: step.wide, operator: step.operator, dst, src: step.amount, offset: 0 });
    else if (step.op === "swap") emit(s, { ...step, dst });
    else emit(s, { op: "convert", wide: step.wide, bits: step.bits, dst, src: dst });
  }
}

/** `dst = steps(src)`; the first step does the copy when it can. */
export function emitConverted(s: Selection, dst: Register, src: Register, steps: readonly Step[]): void {
  const [first, ...rest] = steps;
  if (first?.op === "convert") {
    emit(s, { op: "convert", wide: first.wide, bits: first.bits, dst, src });
    emitSteps(s, dst, rest);
    return;
  }
  emit(s, { op: "move", dst, src });
  emitSteps(s, dst, steps);
}
