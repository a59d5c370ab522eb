/**
 * Allocated machine form to slots of code. Blocks are laid out so that jumps become fallthroughs where they can; jumps
 * that are too far for 16 bits become `gotol` on cpu v4.
 */
import type { Instruction } from "@waggle/object";
import {
  AluOp,
  AtomicOp,
  CALL_OPCODE,
  EXIT_OPCODE,
  InstructionClass,
  JumpOp,
  MemoryMode,
  MemorySize,
  Pseudo,
  Source,
  WIDE_LOAD_OPCODE,
} from "@waggle/object";
import type { CoreRelocation, SourceLocation } from "../ir/types.js";
import type { AllocatedBlock, AllocatedFunction, NamedRegister } from "./allocate.js";
import { layoutBlocks } from "./layout.js";
import type {
  AccessWidth,
  MachineBlockId,
  MachineInstruction,
  MachineTerminator,
  Register,
  SymbolReference,
} from "./machine.js";
import { fitsImmediate, frameRegister } from "./machine.js";
import { jumpRows } from "./select-rows.js";
import type { TargetOptions } from "./target-error.js";
import { TargetError, targetErrorCodes } from "./target-error.js";

export interface EncodedFunction {
  readonly instructions: readonly Instruction[];
  readonly relocations: readonly { readonly instruction: number; readonly symbol: SymbolReference }[];
  readonly questions: readonly { readonly instruction: number; readonly relocation: CoreRelocation }[];
  /** Ascending; where the location changes only, and always at instruction 0 when anything is known. */
  readonly lines: readonly { readonly instruction: number; readonly location: SourceLocation }[];
  /** Source variables in the registers that an instruction reads; by instruction, ascending. */
  readonly names: readonly {
    readonly instruction: number;
    readonly register: number;
    readonly name: string;
  }[];
}

type Slot = Instruction & { readonly symbol?: SymbolReference; readonly relocation?: CoreRelocation };

const sizeCodes: Readonly<Record<AccessWidth, number>> = {
  1: MemorySize.B,
  2: MemorySize.H,
  4: MemorySize.W,
  8: MemorySize.DW,
};

function slot(opcode: number, fields: Partial<Instruction> = {}): Slot {
  return { opcode, dst: 0, src: 0, offset: 0, imm: 0, ...fields };
}

function imm32(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

function encodeAlu(wide: boolean, operator: number, dst: Register, src: Register | bigint, offset = 0): Slot {
  const group = wide ? InstructionClass.Alu64 : InstructionClass.Alu;
  return typeof src === "bigint"
    ? slot(group | operator | Source.Imm, { dst, imm: imm32(src), offset })
    : slot(group | operator | Source.Reg, { dst, src, offset });
}

function wideLoad(dst: Register, value: bigint): Slot {
  return slot(WIDE_LOAD_OPCODE, { dst, imm: imm32(value) });
}

function encodeConstant(dst: Register, value: bigint, narrow: boolean): readonly Slot[] {
  if (fitsImmediate(value)) return [encodeAlu(true, AluOp.Mov, dst, value)];
  if (narrow && value >> 32n === 0n) return [encodeAlu(false, AluOp.Mov, dst, value)];
  return [wideLoad(dst, value), slot(0, { imm: imm32(value >> 32n) })];
}

function encodeOne(instruction: MachineInstruction): readonly Slot[] {
  switch (instruction.op) {
    case "move":
      return [encodeAlu(true, AluOp.Mov, instruction.dst, instruction.src)];
    case "alu": {
      if (instruction.operator === AluOp.Neg) {
        return [
          slot((instruction.wide ? InstructionClass.Alu64 : InstructionClass.Alu) | AluOp.Neg, {
            dst: instruction.dst,
          }),
        ];
      }
      return [
        encodeAlu(
          instruction.wide,
          instruction.operator,
          instruction.dst,
          instruction.src,
          instruction.offset,
        ),
      ];
    }
    case "convert":
      return [encodeAlu(instruction.wide, AluOp.Mov, instruction.dst, instruction.src, instruction.bits)];
    case "swap":
      return [
        slot(InstructionClass.Alu | AluOp.End | (instruction.order === "big" ? Source.Reg : Source.Imm), {
          dst: instruction.dst,
          imm: instruction.bits,
        }),
      ];
    case "constant":
      return encodeConstant(instruction.dst, instruction.value, instruction.narrow);
    case "address":
      return [{ ...wideLoad(instruction.dst, 0n), symbol: instruction.symbol }, slot(0)];
    case "relocated": {
      const { dst, wide, long, relocation } = instruction;
      const value = relocation.fallback;
      return long
        ? [{ ...wideLoad(dst, value), relocation }, slot(0, { imm: imm32(value >> 32n) })]
        : [{ ...encodeAlu(wide, AluOp.Mov, dst, value), relocation }];
    }
    case "frame-address":
      return [
        encodeAlu(true, AluOp.Mov, instruction.dst, frameRegister),
        ...(instruction.offset === 0
          ? []
          : [encodeAlu(true, AluOp.Add, instruction.dst, BigInt(instruction.offset))]),
      ];
    case "load": {
      const mode = instruction.signed ? MemoryMode.MemSx : MemoryMode.Mem;
      const { dst, base: src, offset } = instruction;
      return [slot(InstructionClass.Ldx | mode | sizeCodes[instruction.width], { dst, src, offset })];
    }
    case "store": {
      const { base: dst, src, offset } = instruction;
      const size = MemoryMode.Mem | sizeCodes[instruction.width];
      return typeof src === "bigint"
        ? [slot(InstructionClass.St | size, { dst, offset, imm: imm32(src) })]
        : [slot(InstructionClass.Stx | size, { dst, src, offset })];
    }
    case "atomic": {
      const { base: dst, src, offset, operator: imm } = instruction;
      return [
        slot(InstructionClass.Stx | MemoryMode.Atomic | sizeCodes[instruction.width], {
          dst,
          src,
          offset,
          imm,
        }),
      ];
    }
    case "compare-exchange": {
      const { base: dst, src, offset } = instruction;
      const opcode = InstructionClass.Stx | MemoryMode.Atomic | sizeCodes[instruction.width];
      return [slot(opcode, { dst, src, offset, imm: AtomicOp.CmpXchg })];
    }
    // As clang does: the loader, which finds the symbol undefined, makes it a call of the kernel's function.
    case "call-kernel":
      return [
        {
          ...slot(CALL_OPCODE, { src: Pseudo.Call, imm: -1 }),
          symbol: { kind: "extern", name: instruction.name },
        },
      ];
    case "call-helper":
      return [slot(CALL_OPCODE, { imm: instruction.id })];
    case "call-function":
      return [
        {
          ...slot(CALL_OPCODE, { src: Pseudo.Call, imm: -1 }),
          symbol: { kind: "function", name: instruction.name },
        },
      ];
    case "spill":
      return [
        slot(InstructionClass.Stx | MemoryMode.Mem | MemorySize.DW, {
          dst: frameRegister,
          src: instruction.src,
          offset: instruction.offset,
        }),
      ];
    case "reload":
      return [
        slot(InstructionClass.Ldx | MemoryMode.Mem | MemorySize.DW, {
          dst: instruction.dst,
          src: frameRegister,
          offset: instruction.offset,
        }),
      ];
  }
}

/** A jump still without its distance. `long` is `gotol`. */
interface Jump {
  readonly opcode: number;
  readonly dst: number;
  readonly src: number;
  readonly imm: number;
  readonly target: MachineBlockId;
  readonly location: SourceLocation | null;
}

type Branch = Extract<MachineTerminator, { readonly op: "branch" }>;

function conditional(branch: Branch, operator: number, target: MachineBlockId, swap = false): Jump {
  const group = branch.wide ? InstructionClass.Jmp : InstructionClass.Jmp32;
  const { left, right, location } = branch;
  if (typeof right === "bigint") {
    return { opcode: group | operator | Source.Imm, dst: left, src: 0, imm: imm32(right), target, location };
  }
  const [dst, src] = swap ? [right, left] : [left, right];
  return { opcode: group | operator | Source.Reg, dst, src, imm: 0, target, location };
}

const always = (target: MachineBlockId, location: SourceLocation | null): Jump => ({
  opcode: InstructionClass.Jmp | JumpOp.Ja,
  dst: 0,
  src: 0,
  imm: 0,
  target,
  location,
});

/** The jump for `operator` in a form that the cpu has; null when there is none (v1, against an immediate). */
function available(branch: Branch, operator: number, target: MachineBlockId, cpu: number): Jump | null {
  const row = jumpRows.get(operator);
  if (row === undefined) return null;
  if (row.cpu <= cpu) return conditional(branch, operator, target);
  return typeof branch.right === "bigint" ? null : conditional(branch, row.swapped, target, true);
}

function encodeBranch(branch: Branch, next: MachineBlockId | undefined, cpu: number): readonly Jump[] {
  const { taken, other, operator, location, first: follows } = branch;
  if (taken === other) return taken === next ? [] : [always(taken, location)];
  const straight = available(branch, operator, taken, cpu);
  const inverted = available(branch, jumpRows.get(operator)?.inverse ?? -1, other, cpu);
  const prefersTaken = follows === undefined ? taken === next : follows === "taken";
  const [first, rest] =
    inverted !== null && (prefersTaken || straight === null) ? [inverted, taken] : [straight, other];
  if (first === null) return [];
  return rest === next ? [first] : [first, always(rest, location)];
}

function jumpsOf(
  terminator: MachineTerminator,
  next: MachineBlockId | undefined,
  cpu: number,
): readonly Jump[] {
  if (terminator.op === "branch") return encodeBranch(terminator, next, cpu);
  if (terminator.op === "exit" || terminator.target === next) return [];
  return [always(terminator.target, terminator.location)];
}

interface Placed {
  readonly id: MachineBlockId;
  readonly block: AllocatedBlock;
  readonly body: readonly {
    readonly slots: readonly Slot[];
    readonly location: SourceLocation | null;
    readonly names?: readonly NamedRegister[] | undefined;
  }[];
  readonly jumps: readonly Jump[];
}

/** @throws TargetError WG3005 when a jump is too far and the cpu has no long one */
export function encodeFunction(
  f: AllocatedFunction,
  options: TargetOptions,
  location: SourceLocation | null,
): EncodedFunction {
  const { blocks, order } = layoutBlocks(f);
  const placed: Placed[] = order.flatMap((id, index) => {
    const block = blocks[id];
    if (block === undefined) return [];
    const body: Placed["body"][number][] = block.instructions.map(({ instruction, names }) => ({
      slots: encodeOne(instruction),
      location: instruction.location,
      names,
    }));
    const { terminator } = block;
    if (terminator.op === "exit") body.push({ slots: [slot(EXIT_OPCODE)], location: terminator.location });
    return [{ id, block, body, jumps: jumpsOf(terminator, order[index + 1], options.cpu) }];
  });
  const long = new Set<Jump>();
  for (;;) {
    const starts = positions(placed, long);
    const before = long.size;
    for (const { jump, at } of jumpPositions(placed, long)) {
      const distance = (starts.get(jump.target) ?? 0) - at - 1;
      if (!long.has(jump) && (distance < -0x8000 || distance > 0x7fff)) long.add(jump);
    }
    if (long.size === before) return assemble(placed, long, starts, options, location, f.name);
  }
}

/** A far conditional jump is the jump to a `gotol`, over a jump past it. */
const jumpSize = (jump: Jump, long: ReadonlySet<Jump>): number => (long.has(jump) && !isAlways(jump) ? 3 : 1);
const isAlways = (jump: Jump): boolean => jump.opcode === (InstructionClass.Jmp | JumpOp.Ja);

function positions(placed: readonly Placed[], long: ReadonlySet<Jump>): ReadonlyMap<MachineBlockId, number> {
  const starts = new Map<MachineBlockId, number>();
  let at = 0;
  for (const { id, body, jumps } of placed) {
    starts.set(id, at);
    for (const { slots } of body) at += slots.length;
    for (const jump of jumps) at += jumpSize(jump, long);
  }
  return starts;
}

function* jumpPositions(
  placed: readonly Placed[],
  long: ReadonlySet<Jump>,
): Generator<{ jump: Jump; at: number }> {
  let at = 0;
  for (const { body, jumps } of placed) {
    for (const { slots } of body) at += slots.length;
    for (const jump of jumps) {
      yield { jump, at };
      at += jumpSize(jump, long);
    }
  }
}

function assemble(
  placed: readonly Placed[],
  long: ReadonlySet<Jump>,
  starts: ReadonlyMap<MachineBlockId, number>,
  { cpu }: TargetOptions,
  location: SourceLocation | null,
  name: string,
): EncodedFunction {
  const instructions: Instruction[] = [];
  const relocations: { instruction: number; symbol: SymbolReference }[] = [];
  const questions: { instruction: number; relocation: CoreRelocation }[] = [];
  const lines: { instruction: number; location: SourceLocation }[] = [];
  const names: { instruction: number; register: number; name: string }[] = [];
  const call = (held: readonly NamedRegister[] | undefined): void => {
    for (const one of held ?? []) names.push({ instruction: instructions.length, ...one });
  };
  const mark = (at: SourceLocation | null): void => {
    const known = at ?? (instructions.length === 0 ? location : null);
    const last = lines.at(-1)?.location;
    if (known === null) return;
    if (last?.file === known.file && last.line === known.line && last.column === known.column) return;
    lines.push({ instruction: instructions.length, location: known });
  };
  for (const { body, jumps, block } of placed) {
    for (const { slots, location: at, names: held } of body) {
      mark(at);
      call(held);
      for (const { symbol, relocation, ...plain } of slots) {
        if (relocation !== undefined) questions.push({ instruction: instructions.length, relocation });
        if (symbol !== undefined) relocations.push({ instruction: instructions.length, symbol });
        instructions.push(plain);
      }
    }
    for (const jump of jumps) {
      mark(jump.location);
      call(block.names);
      const { opcode, dst, src, imm } = jump;
      const distanceFrom = (at: number): number => (starts.get(jump.target) ?? 0) - at - 1;
      if (!long.has(jump)) {
        instructions.push({ opcode, dst, src, imm, offset: distanceFrom(instructions.length) });
        continue;
      }
      if (cpu < 4) {
        throw new TargetError(
          targetErrorCodes.functionTooLarge,
          `\`${name}\` is too large: a jump in it crosses more than 32767 instructions`,
          jump.location ?? location,
          [],
          "target cpu v4 (Linux 6.6), or move a part into a function of its own",
        );
      }
      if (!isAlways(jump))
        instructions.push(
          { opcode, dst, src, imm, offset: 1 },
          slot(InstructionClass.Jmp | JumpOp.Ja, { offset: 1 }),
        );
      instructions.push(slot(InstructionClass.Jmp32 | JumpOp.Ja, { imm: distanceFrom(instructions.length) }));
    }
  }
  return { instructions, relocations, questions, lines, names };
}
