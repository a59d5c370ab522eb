import {
  AluOp,
  AtomicOp,
  type ByteOrder,
  helperById,
  type Instruction,
  InstructionClass,
  isWide,
  JumpOp,
  MemoryMode,
  OpcodeMask,
  Pseudo,
  Source,
} from "@waggle/object";
import { VmError } from "../errors.js";
import { aluHandler, endHandler, move64 } from "./alu.js";
import { atomicHandler } from "./atomic.js";
import { goTo, jumpHandler } from "./jump.js";
import { kernelLoadHandler } from "./kernel-loads.js";
import {
  type Code,
  firstConstant,
  framePointer,
  functionAddress,
  type Handler,
  type Operation,
} from "./machine.js";
import { loadHandler, storeHandler } from "./memory-access.js";
import { toBigInt } from "./word.js";

/** What a program's wide loads of map and data addresses give, by instruction. */
export type Addresses = ReadonlyMap<number, bigint>;

/** Which kernel functions a program calls, by instruction, and how many arguments each takes. */
export type KernelCalls = ReadonlyMap<number, { readonly name: string; readonly args: number }>;

/** Turns instructions into operations. What cannot run becomes an operation that says so when it is reached. */
export function prepare(
  instructions: readonly Instruction[],
  byteOrder: ByteOrder,
  addresses: Addresses = new Map(),
  kernelLoads: ReadonlySet<number> = new Set(),
  kernelCalls: KernelCalls = new Map(),
): Code {
  const pool = new ConstantPool();
  const operations: (Operation | undefined)[] = [];
  for (let index = 0; index < instructions.length; index++) {
    const instruction = instructions[index];
    if (instruction === undefined) break;
    operations.push(
      operationOf({ instruction, index, instructions, byteOrder, addresses, kernelLoads, kernelCalls, pool }),
    );
    if (isWide(instruction)) {
      operations.push(undefined);
      index++;
    }
  }
  return { operations, constants: pool.values };
}

class ConstantPool {
  readonly values: bigint[] = [];
  readonly #slots = new Map<bigint, number>();

  slot(value: bigint): number {
    const known = this.#slots.get(value);
    if (known !== undefined) return known;
    const slot = firstConstant + this.values.push(value) - 1;
    this.#slots.set(value, slot);
    return slot;
  }
}

interface Site {
  readonly instruction: Instruction;
  readonly index: number;
  readonly instructions: readonly Instruction[];
  readonly byteOrder: ByteOrder;
  readonly addresses: Addresses;
  readonly kernelLoads: ReadonlySet<number>;
  readonly kernelCalls: KernelCalls;
  readonly pool: ConstantPool;
}

type Decode = (site: Site) => Operation;

const decoders: Readonly<Record<number, Decode>> = {
  [InstructionClass.Ld]: wideLoad,
  [InstructionClass.Ldx]: load,
  [InstructionClass.St]: storeConstant,
  [InstructionClass.Stx]: storeRegister,
  [InstructionClass.Alu]: arithmetic,
  [InstructionClass.Alu64]: arithmetic,
  [InstructionClass.Jmp]: jump,
  [InstructionClass.Jmp32]: jump,
};

function operationOf(site: Site): Operation {
  const { dst, src, opcode } = site.instruction;
  if (dst > framePointer) return broken(site, `r${dst} does not exist`);
  const usesSource =
    (opcode & OpcodeMask.Class) !== InstructionClass.Ld &&
    (opcode & OpcodeMask.Class) !== InstructionClass.Jmp;
  if (usesSource && src > framePointer) return broken(site, `r${src} does not exist`);
  const operation = decoders[opcode & OpcodeMask.Class]?.(site) ?? broken(site);
  if ((operation.writes & (1 << framePointer)) !== 0) {
    return broken(site, "r10, the frame pointer, cannot be written");
  }
  return operation;
}

function make(site: Site, execute: Handler, parts: Partial<Operation> = {}): Operation {
  return {
    execute,
    reads: 0,
    writes: 0,
    dst: site.instruction.dst,
    src: site.instruction.src,
    offset: site.instruction.offset,
    next: site.index + 1,
    target: 0,
    ...parts,
  };
}

function broken(site: Site, why?: string): Operation {
  const reason =
    why ??
    `opcode 0x${site.instruction.opcode.toString(16).padStart(2, "0")} with these operands is not a BPF instruction`;
  return make(site, () => {
    throw new VmError(
      "bad-instruction",
      reason,
      "the object is damaged, or made for a newer machine than this one",
    );
  });
}

/** The second operand: a register, or an immediate with its sign extended to 64 bits. */
function operandOf(site: Site): { readonly slot: number; readonly reads: number } {
  const { opcode, src, imm } = site.instruction;
  if ((opcode & OpcodeMask.Source) === Source.Reg) return { slot: src, reads: 1 << src };
  return { slot: site.pool.slot(BigInt(imm)), reads: 0 };
}

function arithmetic(site: Site): Operation {
  const { opcode, dst, offset, imm } = site.instruction;
  const wide = (opcode & OpcodeMask.Class) === InstructionClass.Alu64;
  const operation = opcode & OpcodeMask.Operation;
  const bit = 1 << dst;
  if (operation === AluOp.End) {
    const toBig = (opcode & OpcodeMask.Source) === Source.Reg;
    const handler =
      wide && toBig ? undefined : endHandler(imm, wide || toBig === (site.byteOrder === "little"));
    return handler === undefined ? broken(site) : make(site, handler, { reads: bit, writes: bit });
  }
  if (offset > 1 && (opcode & OpcodeMask.Source) !== Source.Reg) return broken(site);
  const handler = aluHandler(wide, operation, offset);
  if (handler === undefined) return broken(site);
  if (operation === AluOp.Neg) return make(site, handler, { reads: bit, writes: bit });
  const { slot, reads } = operandOf(site);
  return make(site, handler, {
    src: slot,
    reads: operation === AluOp.Mov ? reads : reads | bit,
    writes: bit,
  });
}

function load(site: Site): Operation {
  const { opcode, dst, src } = site.instruction;
  const mode = opcode & OpcodeMask.Mode;
  const handlerOf = site.kernelLoads.has(site.index) ? kernelLoadHandler : loadHandler;
  const handler =
    mode === MemoryMode.Mem || mode === MemoryMode.MemSx
      ? handlerOf(opcode & OpcodeMask.Size, mode === MemoryMode.MemSx)
      : undefined;
  return handler === undefined ? broken(site) : make(site, handler, { reads: 1 << src, writes: 1 << dst });
}

function storeConstant(site: Site): Operation {
  const { opcode, dst, imm } = site.instruction;
  const handler =
    (opcode & OpcodeMask.Mode) === MemoryMode.Mem ? storeHandler(opcode & OpcodeMask.Size) : undefined;
  if (handler === undefined) return broken(site);
  return make(site, handler, { src: site.pool.slot(BigInt(imm)), reads: 1 << dst });
}

function storeRegister(site: Site): Operation {
  const { opcode, dst, src, imm } = site.instruction;
  const reads = (1 << dst) | (1 << src);
  const mode = opcode & OpcodeMask.Mode;
  const size = opcode & OpcodeMask.Size;
  if (mode === MemoryMode.Mem) {
    const handler = storeHandler(size);
    return handler === undefined ? broken(site) : make(site, handler, { reads });
  }
  const atomic = mode === MemoryMode.Atomic ? atomicHandler(size, imm) : undefined;
  if (atomic === undefined) return broken(site);
  const written = { none: 0, source: 1 << src, r0: 1, destination: 1 << dst }[atomic.sets];
  return make(site, atomic.execute, {
    reads: imm === AtomicOp.LoadAcquire ? 1 << src : atomic.reads0 ? reads | 1 : reads,
    writes: written,
  });
}

function wideLoad(site: Site): Operation {
  const { instruction, index, addresses, pool, instructions } = site;
  const { src, imm, dst } = instruction;
  if (!isWide(instruction)) {
    return broken(site, "packet access of classic BPF (LD_ABS, LD_IND) is not simulated");
  }
  const second = instructions[index + 1];
  if (second === undefined || second.opcode !== 0)
    return broken(site, "the second half of a 64-bit load is missing");
  const address = addresses.get(index);
  const target = index + 1 + imm;
  const value =
    address ??
    (src === 0
      ? toBigInt(second.imm, imm)
      : src === Pseudo.Func
        ? toBigInt(functionAddress, target)
        : undefined);
  if (value === undefined) {
    return broken(site, `a 64-bit load of kind ${src} refers to something that is not in the object`);
  }
  return make(site, move64, { src: pool.slot(value), writes: 1 << dst, next: index + 2 });
}

const argumentCountBits = [0b0, 0b10, 0b110, 0b1110, 0b11110, 0b111110] as const;
/** `bpf_trace_printk` looks at as many arguments as its text names (bpf_trace_printk_proto, kernel/trace/bpf_trace.c). */
const declaredArguments: Readonly<Record<string, number>> = { bpf_trace_printk: 2 };
/** A call takes r1 to r5 away from the caller. */
const clobbered = ~0b111110;

function jump(site: Site): Operation {
  const { instruction, index } = site;
  const { opcode, dst, src, imm, offset } = instruction;
  const wide = (opcode & OpcodeMask.Class) === InstructionClass.Jmp;
  const operation = opcode & OpcodeMask.Operation;
  if (operation === JumpOp.Ja) {
    return make(site, goTo, { target: index + 1 + (wide ? offset : imm) });
  }
  if (wide && operation === JumpOp.Exit) {
    return make(site, (machine) => machine.exit());
  }
  if (wide && opcode === (InstructionClass.Jmp | JumpOp.Call)) return call(site);
  const handler = jumpHandler(wide, operation);
  if (handler === undefined) return broken(site);
  if ((opcode & OpcodeMask.Source) === Source.Reg && src > framePointer)
    return broken(site, `r${src} does not exist`);
  const { slot, reads } = operandOf(site);
  return make(site, handler, { src: slot, reads: reads | (1 << dst), target: index + 1 + offset });
}

function call(site: Site): Operation {
  const { src, imm } = site.instruction;
  if (src === Pseudo.Call) {
    return make(site, (machine, op) => machine.call(op.target, op.next), { target: site.index + 1 + imm });
  }
  if (src === Pseudo.KfuncCall) {
    const called = site.kernelCalls.get(site.index);
    return called === undefined
      ? broken(site, `kernel function ${imm} is called, and the object does not tell its name`)
      : outsideCall(site, called.name, called.args);
  }
  if (src !== 0) return broken(site);
  const row = helperById(imm);
  const count = row === null ? 0 : (declaredArguments[row.name] ?? row.args.length);
  return outsideCall(site, imm, count);
}

function outsideCall(site: Site, called: number | string, args: number): Operation {
  return make(
    site,
    (machine, op) => {
      machine.callHelper(machine, called);
      machine.live = (machine.live & clobbered) | 1;
      return op.next;
    },
    { reads: argumentCountBits[args] ?? 0 },
  );
}
