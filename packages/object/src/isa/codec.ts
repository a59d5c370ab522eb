import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import type { Instruction } from "./instruction.js";
import { WIDE_LOAD_OPCODE } from "./opcodes.js";

/** Bytes of one instruction slot. */
export const INSTRUCTION_SIZE = 8;

/** Whether an instruction is a 64-bit immediate load, which takes the slot after it too. */
export function isWide(instruction: Instruction): boolean {
  return instruction.opcode === WIDE_LOAD_OPCODE;
}

/**
 * Reads BPF code, one `Instruction` for each 8-byte slot. It does not judge opcodes: what a machine does not know is
 * for the verifier to say.
 * @throws ObjectError "bad-instruction" when the length is not a multiple of 8 or a 64-bit load lacks its second slot
 */
export function decodeInstructions(bytes: Uint8Array, byteOrder: ByteOrder): Instruction[] {
  if (bytes.length % INSTRUCTION_SIZE !== 0) {
    throw new ObjectError(
      "bad-instruction",
      `code is ${bytes.length} bytes long, which is not a multiple of ${INSTRUCTION_SIZE}: it is cut off or not BPF code`,
      { offset: bytes.length - (bytes.length % INSTRUCTION_SIZE) },
    );
  }
  const little = byteOrder === "little";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const instructions: Instruction[] = [];
  let wideAt = -1;
  for (let at = 0; at < bytes.length; at += INSTRUCTION_SIZE) {
    const opcode = view.getUint8(at);
    const registers = view.getUint8(at + 1);
    // The two register fields are C bit fields, so that their nibbles change places with the byte order.
    const low = registers & 0xf;
    const high = registers >> 4;
    instructions.push({
      opcode,
      dst: little ? low : high,
      src: little ? high : low,
      offset: view.getInt16(at + 2, little),
      imm: view.getInt32(at + 4, little),
    });
    if (wideAt >= 0) {
      if (opcode !== 0) {
        throw new ObjectError(
          "bad-instruction",
          `the 64-bit immediate load at byte ${wideAt} is followed by opcode 0x${opcode.toString(16)} instead of its second half`,
          { offset: wideAt },
        );
      }
      wideAt = -1;
    } else if (opcode === WIDE_LOAD_OPCODE) {
      wideAt = at;
    }
  }
  if (wideAt >= 0) {
    throw new ObjectError(
      "bad-instruction",
      `the 64-bit immediate load at byte ${wideAt} lacks its second half: the code is cut off`,
      { offset: wideAt },
    );
  }
  return instructions;
}

const fieldRanges = [
  { field: "opcode", min: 0, max: 0xff },
  { field: "dst", min: 0, max: 15 },
  { field: "src", min: 0, max: 15 },
  { field: "offset", min: -0x8000, max: 0x7fff },
  { field: "imm", min: -0x8000_0000, max: 0x7fff_ffff },
] as const;

/**
 * Writes instructions, 8 bytes each.
 * @throws ObjectError "bad-instruction" when a field is not an integer or does not fit
 */
export function encodeInstructions(instructions: readonly Instruction[], byteOrder: ByteOrder): Uint8Array {
  const little = byteOrder === "little";
  const bytes = new Uint8Array(instructions.length * INSTRUCTION_SIZE);
  const view = new DataView(bytes.buffer);
  instructions.forEach((instruction, index) => {
    for (const { field, min, max } of fieldRanges) {
      const value = instruction[field];
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new ObjectError(
          "bad-instruction",
          `instruction ${index}: ${field} is ${value}, but must be an integer from ${min} to ${max}`,
          { offset: index * INSTRUCTION_SIZE },
        );
      }
    }
    const { opcode, dst, src, offset, imm } = instruction;
    const at = index * INSTRUCTION_SIZE;
    view.setUint8(at, opcode);
    view.setUint8(at + 1, little ? (src << 4) | dst : (dst << 4) | src);
    view.setInt16(at + 2, offset, little);
    view.setInt32(at + 4, imm, little);
  });
  return bytes;
}
