import type { ByteOrder } from "../byte-order.js";
import { helperById } from "../interface/helpers.js";
import type { Instruction } from "./instruction.js";
import {
  AluOp,
  AtomicOp,
  InstructionClass,
  JumpOp,
  MemoryMode,
  MemorySize,
  OpcodeMask,
  Pseudo,
  Source,
  WIDE_LOAD_OPCODE,
} from "./opcodes.js";

/** What `disassemble` may know beyond the instructions. */
export interface DisassembleOptions {
  /** Byte order of the program; it decides nothing but whether `le16` or `be16` is a no-op, so the text is the same. */
  readonly byteOrder?: ByteOrder;
  /** Name of a helper; default the UAPI's. null falls back to `unknown#id`. */
  readonly helperName?: (id: number) => string | null;
  /** Functions by their first instruction: calls and function addresses then end in `#name`. */
  readonly functions?: readonly { readonly instruction: number; readonly name: string }[];
  /** Map addresses, as in `ProgramSpec.references`: loads then read `map[name]` or `map[name][0]+offset`. */
  readonly references?: readonly {
    readonly instruction: number;
    readonly map: string;
    readonly valueOffset: number | null;
  }[];
  /** Calls of kernel functions, as in `ProgramSpec.kernelCalls`: they then read `call bpf_iter_num_new#0`. */
  readonly kernelCalls?: readonly { readonly instruction: number; readonly name: string }[] | undefined;
}

interface Context {
  readonly index: number;
  readonly next: Instruction | undefined;
  readonly helperName: (id: number) => string | null;
  readonly functionAt: ReadonlyMap<number, string>;
  readonly referenceAt: ReadonlyMap<number, { readonly map: string; readonly valueOffset: number | null }>;
  readonly kernelCallAt: ReadonlyMap<number, string>;
}

/**
 * Prints instructions as the kernel's verifier does (kernel/bpf/disasm.c), one text for each slot; the second slot of a
 * 64-bit load has "". Jump targets are relative to the next slot: `goto pc+3`. It never throws: an opcode that no
 * kernel knows reads `unknown opcode 0x…`.
 */
export function disassemble(
  instructions: readonly Instruction[],
  options: DisassembleOptions = {},
): string[] {
  const functionAt = new Map((options.functions ?? []).map((each) => [each.instruction, each.name]));
  const referenceAt = new Map((options.references ?? []).map((each) => [each.instruction, each]));
  const kernelCallAt = new Map((options.kernelCalls ?? []).map((each) => [each.instruction, each.name]));
  const helperName = options.helperName ?? ((id: number) => helperById(id)?.name ?? null);
  const texts: string[] = [];
  for (let index = 0; index < instructions.length; index++) {
    const instruction = instructions[index];
    if (instruction === undefined) continue;
    const next = instructions[index + 1];
    const printer = printers[instruction.opcode & OpcodeMask.Class];
    const text =
      printer?.(instruction, { index, next, helperName, functionAt, referenceAt, kernelCallAt }) ?? null;
    texts.push(text ?? `unknown opcode 0x${instruction.opcode.toString(16).padStart(2, "0")}`);
    if (instruction.opcode === WIDE_LOAD_OPCODE && next !== undefined) {
      texts.push("");
      index++;
    }
  }
  return texts;
}

type Printer = (instruction: Instruction, context: Context) => string | null;

/** By instruction class. A printer gives null for what it does not know. */
const printers: Readonly<Record<number, Printer>> = {
  [InstructionClass.Ld]: printLoad,
  [InstructionClass.Ldx]: printRegisterLoad,
  [InstructionClass.St]: printImmediateStore,
  [InstructionClass.Stx]: printRegisterStore,
  [InstructionClass.Alu]: (instruction) => printArithmetic(instruction, "w"),
  [InstructionClass.Alu64]: (instruction) => printArithmetic(instruction, "r"),
  [InstructionClass.Jmp]: printJump,
  [InstructionClass.Jmp32]: printJump,
};

const unsignedTypes: Readonly<Record<number, string>> = {
  [MemorySize.B]: "u8",
  [MemorySize.H]: "u16",
  [MemorySize.W]: "u32",
  [MemorySize.DW]: "u64",
};

const signedTypes: Readonly<Record<number, string>> = {
  [MemorySize.B]: "s8",
  [MemorySize.H]: "s16",
  [MemorySize.W]: "s32",
};

const arithmeticSigns: Readonly<Record<number, string>> = {
  [AluOp.Add]: "+=",
  [AluOp.Sub]: "-=",
  [AluOp.Mul]: "*=",
  [AluOp.Div]: "/=",
  [AluOp.Or]: "|=",
  [AluOp.And]: "&=",
  [AluOp.Lsh]: "<<=",
  [AluOp.Rsh]: ">>=",
  [AluOp.Mod]: "%=",
  [AluOp.Xor]: "^=",
  [AluOp.Mov]: "=",
  [AluOp.Arsh]: "s>>=",
};

/** Division and remainder with `offset` 1 (cpu v4). */
const signedArithmeticSigns: Readonly<Record<number, string>> = { [AluOp.Div]: "s/=", [AluOp.Mod]: "s%=" };

const jumpSigns: Readonly<Record<number, string>> = {
  [JumpOp.Jeq]: "==",
  [JumpOp.Jgt]: ">",
  [JumpOp.Jge]: ">=",
  [JumpOp.Jset]: "&",
  [JumpOp.Jne]: "!=",
  [JumpOp.Jsgt]: "s>",
  [JumpOp.Jsge]: "s>=",
  [JumpOp.Jlt]: "<",
  [JumpOp.Jle]: "<=",
  [JumpOp.Jslt]: "s<",
  [JumpOp.Jsle]: "s<=",
};

function printLoad(instruction: Instruction, context: Context): string | null {
  const { opcode, src, imm } = instruction;
  if (opcode === WIDE_LOAD_OPCODE) return `r${instruction.dst} = ${wideValue(instruction, context)}`;
  const type = unsignedTypes[opcode & OpcodeMask.Size];
  const mode = opcode & OpcodeMask.Mode;
  if (mode === MemoryMode.Abs) return `r0 = *(${type} *)skb[${imm}]`;
  if (mode === MemoryMode.Ind) return `r0 = *(${type} *)skb[r${src} + ${imm}]`;
  return null;
}

function wideValue(instruction: Instruction, context: Context): string {
  const { src, imm } = instruction;
  const upper = context.next?.imm ?? 0;
  const reference = context.referenceAt.get(context.index);
  if (reference !== undefined) {
    const place = reference.valueOffset === null ? "" : `[0]+${reference.valueOffset}`;
    return `map[${reference.map}]${place}`;
  }
  if (src === Pseudo.MapFd) return `map[fd:${imm}]`;
  if (src === Pseudo.MapValue) return `map[fd:${imm}][0]+${upper >>> 0}`;
  if (src === Pseudo.MapIndex) return `map[index:${imm}]`;
  if (src === Pseudo.MapIndexValue) return `map[index:${imm}][0]+${upper >>> 0}`;
  if (src === Pseudo.BtfId) return `btf_id[${imm}]`;
  if (src === Pseudo.Func) return `subprog[${signed(imm)}]${functionName(context, imm)}`;
  const value = (BigInt(upper >>> 0) << 32n) | BigInt(imm >>> 0);
  return `0x${value.toString(16)}`;
}

function printRegisterLoad({ opcode, dst, src, offset }: Instruction): string | null {
  const mode = opcode & OpcodeMask.Mode;
  const types = mode === MemoryMode.Mem ? unsignedTypes : mode === MemoryMode.MemSx ? signedTypes : {};
  const type = types[opcode & OpcodeMask.Size];
  return type === undefined ? null : `r${dst} = *(${type} *)${address(src, offset)}`;
}

function printImmediateStore({ opcode, dst, offset, imm }: Instruction): string | null {
  if ((opcode & OpcodeMask.Mode) !== MemoryMode.Mem) return null;
  return `*(${unsignedTypes[opcode & OpcodeMask.Size]} *)${address(dst, offset)} = ${imm}`;
}

function printRegisterStore(instruction: Instruction): string | null {
  const { opcode, dst, src, offset } = instruction;
  const mode = opcode & OpcodeMask.Mode;
  if (mode === MemoryMode.Atomic) return printAtomic(instruction);
  if (mode !== MemoryMode.Mem) return null;
  return `*(${unsignedTypes[opcode & OpcodeMask.Size]} *)${address(dst, offset)} = r${src}`;
}

const fetchNames: Readonly<Record<number, string>> = {
  [AtomicOp.Add]: "add",
  [AtomicOp.Or]: "or",
  [AtomicOp.And]: "and",
  [AtomicOp.Xor]: "xor",
};

function printAtomic({ opcode, dst, src, offset, imm }: Instruction): string | null {
  const size = opcode & OpcodeMask.Size;
  const type = unsignedTypes[size];
  const place = `(${type} *)${address(dst, offset)}`;
  // Acquire and release know every width, the operations just 32 and 64 bits.
  if (imm === AtomicOp.LoadAcquire) return `r${dst} = load_acquire((${type} *)${address(src, offset)})`;
  if (imm === AtomicOp.StoreRelease) return `store_release(${place}, r${src})`;
  if (size !== MemorySize.W && size !== MemorySize.DW) return null;
  const atomic = size === MemorySize.DW ? "atomic64" : "atomic";
  if (imm === AtomicOp.CmpXchg) return `r0 = ${atomic}_cmpxchg(${place}, r0, r${src})`;
  if (imm === AtomicOp.Xchg) return `r${src} = ${atomic}_xchg(${place}, r${src})`;
  const operation = imm & ~AtomicOp.Fetch;
  const name = fetchNames[operation];
  if (name === undefined) return null;
  return operation === imm
    ? `lock *${place} ${arithmeticSigns[operation]} r${src}`
    : `r${src} = ${atomic}_fetch_${name}(${place}, r${src})`;
}

function printArithmetic(instruction: Instruction, register: "r" | "w"): string | null {
  const { opcode, dst, src, offset, imm } = instruction;
  const operation = opcode & OpcodeMask.Operation;
  const fromRegister = (opcode & OpcodeMask.Source) === Source.Reg;
  if (operation === AluOp.End) {
    if (register === "r") return `r${dst} = bswap${imm} r${dst}`;
    return `r${dst} = ${fromRegister ? "be" : "le"}${imm} r${dst}`;
  }
  if (operation === AluOp.Neg) return `${register}${dst} = -${register}${dst}`;
  const signs = offset === 1 ? { ...arithmeticSigns, ...signedArithmeticSigns } : arithmeticSigns;
  const sign = signs[operation];
  if (sign === undefined) return null;
  if (!fromRegister) return `${register}${dst} ${sign} ${imm}`;
  const moves = operation === AluOp.Mov;
  // An address space cast is a 64-bit move with offset 1; imm holds the two spaces (kernel/bpf/disasm.c).
  if (moves && register === "r" && offset === 1) {
    return `r${dst} = addr_space_cast(r${src}, ${imm >>> 16}, ${imm & 0xffff})`;
  }
  const cast = moves && (offset === 8 || offset === 16 || offset === 32) ? `(s${offset})` : "";
  return `${register}${dst} ${sign} ${cast}${register}${src}`;
}

function printJump(instruction: Instruction, context: Context): string | null {
  const { opcode, dst, src, offset, imm } = instruction;
  const short = (opcode & OpcodeMask.Class) === InstructionClass.Jmp32;
  const operation = opcode & OpcodeMask.Operation;
  const fromRegister = (opcode & OpcodeMask.Source) === Source.Reg;
  if (operation === JumpOp.Ja) {
    if (fromRegister) return short ? null : `gotox r${dst}`;
    return short ? `gotol pc${signed(imm)}` : `goto pc${signed(offset)}`;
  }
  const sign = jumpSigns[operation];
  if (sign !== undefined) {
    const register = short ? "w" : "r";
    const operand = fromRegister ? `${register}${src}` : `0x${(imm >>> 0).toString(16)}`;
    return `if ${register}${dst} ${sign} ${operand} goto pc${signed(offset)}`;
  }
  if (short) return null;
  if (operation === JumpOp.Call) return fromRegister ? `callx r${dst}` : printCall(instruction, context);
  if (operation === JumpOp.Exit) return "exit";
  if (operation === JumpOp.Jcond && src === 0) return `may_goto pc${signed(offset)}`;
  return null;
}

function printCall({ src, imm }: Instruction, context: Context): string {
  if (src === Pseudo.Call) return `call pc${signed(imm)}${functionName(context, imm)}`;
  if (src === Pseudo.KfuncCall)
    return `call ${context.kernelCallAt.get(context.index) ?? "kernel-function"}#${imm}`;
  return `call ${context.helperName(imm) ?? "unknown"}#${imm}`;
}

function functionName(context: Context, imm: number): string {
  const name = context.functionAt.get(context.index + 1 + imm);
  return name === undefined ? "" : `#${name}`;
}

function address(register: number, offset: number): string {
  return `(r${register} ${signed(offset)})`;
}

function signed(value: number): string {
  return value < 0 ? `${value}` : `+${value}`;
}
