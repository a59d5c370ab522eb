/**
 * The machine form: BPF instructions over registers that may be virtual, in basic blocks. Selection makes it, the
 * allocator replaces virtual registers by r0–r9 and stack, `encode.ts` turns it into slots of code.
 *
 * Registers below 11 are the machine's; r10 is the frame pointer and never allocated. Virtual registers count from 16.
 * A virtual register may be written more than once (two-address arithmetic, copies for block parameters).
 *
 * Every register of IR type i32 holds zeros in its upper half, on every cpu version. So `zext32` is a copy and unsigned
 * comparisons may be done on 64 bits; whatever could break it (wrapping arithmetic on v1 and v2, results of helpers,
 * parameters, signed loads) is followed by a zero extension.
 */
import type { ByteOrder } from "@waggle/object";
import type { CoreRelocation, SourceLocation } from "../ir/types.js";

declare const registerBrand: unique symbol;
declare const machineBlockBrand: unique symbol;
/** 0–10: the machine's. From 16: virtual. */
export type Register = number & { readonly [registerBrand]: true };
/** Index into `MachineFunction.blocks`. */
export type MachineBlockId = number & { readonly [machineBlockBrand]: true };

export const firstVirtual = 16;
/** Registers that values may be given. */
export const allocatable = 10;
/** A call leaves these undefined, r0 excepted, which holds its result. */
export const clobberedByCalls: readonly Register[] = [0, 1, 2, 3, 4, 5].map(physical);
export const resultRegister = physical(0);
export const frameRegister = physical(10);

/** The machine's register of that number. */
export function physical(number: number): Register {
  return number as Register;
}

/** Registers of a call's first `count` arguments. */
export function argumentRegisters(count: number): readonly Register[] {
  return [1, 2, 3, 4, 5].slice(0, count).map(physical);
}

export function isVirtual(register: Register): boolean {
  return register >= firstVirtual;
}

/** What a loaded address or a called function is called in the object. */
export interface SymbolReference {
  readonly kind: "map" | "global" | "function" | "extern";
  readonly name: string;
}

/** Bytes of a memory access. */
export type AccessWidth = 1 | 2 | 4 | 8;

export type MachineOperation =
  /** Copies all 64 bits; may vanish when both sides get one register. */
  | { readonly op: "move"; readonly dst: Register; readonly src: Register }
  /** `dst = dst operator src`; an `AluOp`. `wide` is the 64-bit class. `offset` 1 makes division signed (v4). */
  | {
      readonly op: "alu";
      readonly wide: boolean;
      readonly operator: number;
      readonly dst: Register;
      readonly src: Register | bigint;
      readonly offset: 0 | 1;
    }
  /** `dst = src` of the low 32 bits zero-extended (`bits` 0, not wide), or sign-extended from `bits` (v4). */
  | {
      readonly op: "convert";
      readonly wide: boolean;
      readonly bits: 0 | 8 | 16 | 32;
      readonly dst: Register;
      readonly src: Register;
    }
  /** Low `bits` of `dst` from the machine's byte order to `order`, zero-extended. */
  | {
      readonly op: "swap";
      readonly order: ByteOrder;
      readonly bits: 16 | 32 | 64;
      readonly dst: Register;
    }
  /** `value` is the register's content, wrapped to 64 bits unsigned. `narrow` lets it be made by a 32-bit move. */
  | { readonly op: "constant"; readonly dst: Register; readonly value: bigint; readonly narrow: boolean }
  | { readonly op: "address"; readonly dst: Register; readonly symbol: SymbolReference }
  /** `value` until the loader finds the number: in the low 32 bits (not `wide`), a sign-extended immediate, or (`long`) 64 bits. */
  | {
      readonly op: "relocated";
      readonly dst: Register;
      readonly wide: boolean;
      readonly long: boolean;
      readonly relocation: CoreRelocation;
    }
  /** `dst = r10 + offset`. */
  | { readonly op: "frame-address"; readonly dst: Register; readonly offset: number }
  | {
      readonly op: "load";
      readonly dst: Register;
      readonly base: Register;
      readonly offset: number;
      readonly width: AccessWidth;
      readonly signed: boolean;
    }
  | {
      readonly op: "store";
      readonly base: Register;
      readonly offset: number;
      readonly width: AccessWidth;
      readonly src: Register | bigint;
    }
  /** `operator` is an `AtomicOp`, with the fetch bit when `fetches`: then `src` receives the old value. */
  | {
      readonly op: "atomic";
      readonly base: Register;
      readonly offset: number;
      readonly width: 4 | 8;
      readonly operator: number;
      readonly src: Register;
      readonly fetches: boolean;
    }
  /** Writes `src` where r0 is found; r0 receives what was there. */
  | {
      readonly op: "compare-exchange";
      readonly base: Register;
      readonly offset: number;
      readonly width: 4 | 8;
      readonly src: Register;
    }
  | { readonly op: "call-helper"; readonly id: number; readonly args: number }
  | { readonly op: "call-function"; readonly name: string; readonly args: number }
  | { readonly op: "call-kernel"; readonly name: string; readonly args: number }
  /** Made by the allocator: 8 bytes of a register to the stack and back. */
  | { readonly op: "spill"; readonly src: Register; readonly offset: number }
  | { readonly op: "reload"; readonly dst: Register; readonly offset: number };

export type MachineInstruction = MachineOperation & { readonly location: SourceLocation | null };

export type MachineTerminator = { readonly location: SourceLocation | null } & (
  | { readonly op: "jump"; readonly target: MachineBlockId }
  /** `operator` is a `JumpOp` of two operands; not `wide` compares the low 32 bits (v3). */
  | {
      readonly op: "branch";
      readonly wide: boolean;
      readonly operator: number;
      readonly left: Register;
      readonly right: Register | bigint;
      readonly taken: MachineBlockId;
      readonly other: MachineBlockId;
      /** The side that the next instruction leads to, which the verifier follows first; either one when absent. */
      readonly first?: "taken" | "other";
    }
  /** Returns r0. */
  | { readonly op: "exit" }
);

export interface MachineBlock {
  readonly instructions: readonly MachineInstruction[];
  readonly terminator: MachineTerminator;
}

export interface MachineFunction {
  readonly name: string;
  /** The entry is block 0. */
  readonly blocks: readonly MachineBlock[];
  /** Virtual registers are below this. */
  readonly registers: number;
  /** Bytes below r10 in use, a multiple of 8. */
  readonly frameBytes: number;
  /** Source variables of virtual registers, as `IrFunction.names`. */
  readonly names?: ReadonlyMap<Register, string>;
}

function registerOnly(operand: Register | bigint): readonly Register[] {
  return typeof operand === "bigint" ? [] : [operand];
}

/** Registers that an instruction reads. The frame pointer is left out: it is always there. */
export function usesOf(instruction: MachineOperation): readonly Register[] {
  return rawUses(instruction).filter((register) => register !== frameRegister);
}

function rawUses(instruction: MachineOperation): readonly Register[] {
  switch (instruction.op) {
    case "move":
    case "convert":
    case "spill":
      return [instruction.src];
    case "alu":
      return [instruction.dst, ...registerOnly(instruction.src)];
    case "swap":
      return [instruction.dst];
    case "constant":
    case "address":
    case "frame-address":
    case "relocated":
    case "reload":
      return [];
    case "load":
      return [instruction.base];
    case "store":
      return [instruction.base, ...registerOnly(instruction.src)];
    case "atomic":
      return [instruction.base, instruction.src];
    case "compare-exchange":
      return [instruction.base, instruction.src, resultRegister];
    case "call-helper":
    case "call-kernel":
    case "call-function":
      return argumentRegisters(instruction.args);
  }
}

/** Registers that an instruction writes or leaves undefined. */
export function definitionsOf(instruction: MachineOperation): readonly Register[] {
  switch (instruction.op) {
    case "store":
    case "spill":
      return [];
    case "atomic":
      return instruction.fetches ? [instruction.src] : [];
    case "compare-exchange":
      return [resultRegister];
    case "call-helper":
    case "call-kernel":
    case "call-function":
      return clobberedByCalls;
    default:
      return [instruction.dst];
  }
}

/** The same instruction with each register replaced. Registers fixed by convention (calls) stay. */
export function mapRegisters<I extends MachineOperation>(
  instruction: I,
  rename: (register: Register) => Register,
): I {
  const changed: Record<string, Register> = {};
  for (const field of ["dst", "src", "base"] as const) {
    const register: unknown = Reflect.get(instruction, field);
    if (typeof register === "number") changed[field] = rename(physical(register));
  }
  return { ...instruction, ...changed };
}

/** Registers that a terminator reads. */
export function terminatorUses(terminator: MachineTerminator): readonly Register[] {
  if (terminator.op === "exit") return [resultRegister];
  if (terminator.op === "jump") return [];
  return [terminator.left, ...registerOnly(terminator.right)].filter(
    (register) => register !== frameRegister,
  );
}

/** The same terminator with each register that it compares replaced. */
export function mapTerminatorRegisters(
  terminator: MachineTerminator,
  rename: (register: Register) => Register,
): MachineTerminator {
  if (terminator.op !== "branch") return terminator;
  const { left, right } = terminator;
  return { ...terminator, left: rename(left), right: typeof right === "bigint" ? right : rename(right) };
}

/** Where control may go after a block. */
export function successorsOf(terminator: MachineTerminator): readonly MachineBlockId[] {
  if (terminator.op === "exit") return [];
  return terminator.op === "jump" ? [terminator.target] : [terminator.taken, terminator.other];
}

/** Instructions that make their value from nothing, anywhere: cheaper to repeat than to keep. */
export function isRematerialisable(
  instruction: MachineOperation,
): instruction is MachineOperation & { readonly op: "constant" | "address" | "frame-address" } {
  return instruction.op === "constant" || instruction.op === "address" || instruction.op === "frame-address";
}

/** Whether a value can be a signed 32-bit immediate operand of a 64-bit operation. */
export function fitsImmediate(value: bigint): boolean {
  return BigInt.asIntN(32, value) === BigInt.asIntN(64, value);
}

/** Whether a displacement fits the 16-bit offset field. */
export function fitsOffset(offset: number): boolean {
  return offset >= -0x8000 && offset <= 0x7fff;
}
