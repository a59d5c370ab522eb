import {
  AluOp,
  InstructionClass as Class,
  isWide,
  JumpOp,
  MemorySize,
  OpcodeMask,
  type ProgramSpec,
} from "@waggle/object";
import type { Handler, Machine } from "./machine.js";
import { loadHandler } from "./memory-access.js";
import { toBigInt } from "./word.js";

/**
 * Loads through pointers to the kernel's types, by instruction: those whose displacement, or the number that was last
 * added to their base, is relocated. The verifier knows them by type (PTR_TO_BTF_ID); as the kernel makes loads of them
 * that survive a bad address (BPF_PROBE_MEM), a null pointer is no fault there.
 */
export function kernelLoads(program: ProgramSpec): ReadonlySet<number> {
  const found = new Set<number>();
  if (program.coreRelocations.length === 0) return found;
  const relocated = new Set(program.coreRelocations.map((one) => one.instruction));
  const targets = jumpTargets(program);
  let numbers = 0;
  let places = 0;
  for (const [index, instruction] of program.instructions.entries()) {
    const { opcode, dst, src } = instruction;
    const kind = opcode & OpcodeMask.Class;
    const operation = opcode & OpcodeMask.Operation;
    const register = (opcode & OpcodeMask.Source) !== 0;
    if (targets.has(index)) numbers = places = 0;
    const bit = 1 << dst;
    if (kind === Class.Ldx) {
      if (relocated.has(index) || (places & (1 << src)) !== 0) found.add(index);
      numbers &= ~bit;
      places &= ~bit;
    } else if (kind === Class.Alu64 && operation === AluOp.Add) {
      const adds = register ? (numbers & (1 << src)) !== 0 : relocated.has(index);
      places = adds ? places | bit : places & ~bit;
      numbers &= ~bit;
    } else if (kind === Class.Alu64 && operation === AluOp.Mov && register) {
      numbers = (numbers & (1 << src)) !== 0 ? numbers | bit : numbers & ~bit;
      places = (places & (1 << src)) !== 0 ? places | bit : places & ~bit;
    } else if (kind === Class.Alu64 || kind === Class.Alu || kind === Class.Ld) {
      numbers = relocated.has(index) ? numbers | bit : numbers & ~bit;
      places &= ~bit;
    } else if (kind === Class.Jmp && operation === JumpOp.Call) {
      numbers &= ~0b111111;
      places &= ~0b111111;
    }
  }
  return found;
}

function jumpTargets({ instructions, functions }: ProgramSpec): ReadonlySet<number> {
  const targets = new Set(functions.map((one) => one.instruction));
  for (const [index, instruction] of instructions.entries()) {
    const { opcode, offset, imm } = instruction;
    const kind = opcode & OpcodeMask.Class;
    const operation = opcode & OpcodeMask.Operation;
    if (isWide(instruction) || (kind !== Class.Jmp && kind !== Class.Jmp32)) continue;
    targets.add(index + 1 + (kind === Class.Jmp32 && operation === JumpOp.Ja ? imm : offset));
  }
  return targets;
}

const widths: Readonly<Record<number, number>> = {
  [MemorySize.B]: 1,
  [MemorySize.H]: 2,
  [MemorySize.W]: 4,
  [MemorySize.DW]: 8,
};

/** The handler of a load by its size bits, where the base may be memory of the kernel: zero where nothing is. */
export function kernelLoadHandler(size: number, signed: boolean): Handler | undefined {
  const ordinary = loadHandler(size, signed);
  const width = widths[size];
  if (ordinary === undefined || width === undefined) return undefined;
  return (machine, op) => {
    const hi = machine.hi[op.src] ?? 0;
    if (machine.space.find(hi) !== undefined) return ordinary(machine, op);
    const address = toBigInt(hi, machine.lo[op.src] ?? 0) + BigInt(op.offset);
    machine.setBig(op.dst, BigInt.asUintN(64, read(machine, BigInt.asUintN(64, address), width, signed)));
    return op.next;
  };
}

function read(machine: Machine, address: bigint, width: number, signed: boolean): bigint {
  const bytes = machine.kernelMemory(address);
  if (bytes === null || bytes.length < width) return 0n;
  const cell = bytes.subarray(0, width);
  const value = [...cell].reduce(
    (all, byte, index) =>
      all | (BigInt(byte) << BigInt(8 * (machine.littleEndian ? index : width - 1 - index))),
    0n,
  );
  return signed ? BigInt.asIntN(width * 8, value) : value;
}
