import type { Instruction } from "../isa/instruction.js";
import {
  CALL_OPCODE,
  InstructionClass,
  MemorySize,
  OpcodeMask,
  Source,
  WIDE_LOAD_OPCODE,
} from "../isa/opcodes.js";

/**
 * The helper number that libbpf gives to an instruction whose field the kernel does not have: the verifier refuses the
 * call when it is reached, and drops it where an `exists` check keeps it from being reached.
 */
export const POISON_HELPER = 0x0bad2310;

const sizes = new Map<number, number>([
  [1, MemorySize.B],
  [2, MemorySize.H],
  [4, MemorySize.W],
  [8, MemorySize.DW],
]);

/** What an instruction is patched with. Null for `value` poisons it. */
export interface CorePatch {
  readonly before: bigint;
  readonly value: bigint | null;
  /** Whether the instruction must hold `before`. */
  readonly checked: boolean;
  /**
   * New width of a memory access in bytes, where it changes. Not `adjustable`: a load of the new width would not give the
   * same number (a signed integer, a struct), which poisons loads and stores but not the computing of an address.
   */
  readonly width: { readonly from: number; readonly to: number; readonly adjustable: boolean } | null;
}

function poison(code: Instruction[], at: number): void {
  const isWide = code[at]?.opcode === WIDE_LOAD_OPCODE && at + 1 < code.length;
  const call = { opcode: CALL_OPCODE, dst: 0, src: 0, offset: 0, imm: POISON_HELPER };
  code[at] = call;
  if (isWide) code[at + 1] = call;
}

/** Patches `code` at `at`; gives what is wrong with the instruction, or null when it is done. */
export function patchInstruction(code: Instruction[], at: number, patch: CorePatch): string | null {
  const one = code[at];
  if (one === undefined) return "is past the end of the program";
  const wide = one.opcode === WIDE_LOAD_OPCODE;
  const second = code[at + 1];
  const before = code[at - 1];
  // The first half's opcode is never 0, so that a second half is none of a load before it.
  if (one.opcode === 0 && before?.opcode === WIDE_LOAD_OPCODE) return "is the second half of a 64-bit load";
  if (patch.value === null) {
    poison(code, at);
    return null;
  }
  const holds = (found: bigint): string | null =>
    patch.checked && found !== patch.before ? `holds ${found} where its record says ${patch.before}` : null;
  if (wide) {
    if (second === undefined) return "is cut short";
    const found = (BigInt(second.imm >>> 0) << 32n) | BigInt(one.imm >>> 0);
    // A number of 32 bits may stand there with its sign or with zeros.
    const same = found === BigInt.asUintN(64, patch.before) || found === BigInt.asUintN(32, patch.before);
    const wrong = one.src !== 0 ? "is not a plain number" : same ? null : holds(found);
    if (wrong !== null) return wrong;
    code[at] = { ...one, imm: Number(BigInt.asIntN(32, patch.value)) };
    code[at + 1] = { ...second, imm: Number(BigInt.asIntN(32, patch.value >> 32n)) };
    return null;
  }
  const kind = one.opcode & OpcodeMask.Class;
  if (kind === InstructionClass.Alu || kind === InstructionClass.Alu64) {
    if ((one.opcode & OpcodeMask.Source) !== Source.Imm) return "takes a register instead of a number";
    const wrong = BigInt.asUintN(32, patch.before) === BigInt(one.imm >>> 0) ? null : holds(BigInt(one.imm));
    if (wrong !== null) return wrong;
    code[at] = { ...one, imm: Number(BigInt.asIntN(32, patch.value)) };
    return null;
  }
  if (kind !== InstructionClass.Ldx && kind !== InstructionClass.St && kind !== InstructionClass.Stx) {
    return `has the opcode 0x${one.opcode.toString(16)}, which takes no relocation`;
  }
  const wrong = holds(BigInt(one.offset));
  if (wrong !== null) return wrong;
  if (patch.value > 0x7fffn || patch.value < -0x8000n)
    return `cannot hold the offset ${patch.value}: it ends at 32767`;
  if (patch.width?.adjustable === false) {
    poison(code, at);
    return null;
  }
  let opcode = one.opcode;
  if (patch.width !== null) {
    const from = sizes.get(patch.width.from);
    const to = sizes.get(patch.width.to);
    if (to === undefined || from !== (opcode & OpcodeMask.Size)) {
      return `accesses another width than its field's ${patch.width.from} bytes, which are ${patch.width.to} here`;
    }
    opcode = (opcode & ~OpcodeMask.Size) | to;
  }
  code[at] = { ...one, opcode, offset: Number(patch.value) };
  return null;
}
