/**
 * One 8-byte slot of BPF code (RFC 9669, section 3). A 64-bit immediate load takes two slots: the second has
 * opcode 0 and the upper 32 bits in `imm`, so that an index into `Instruction[]` is the kernel's instruction number.
 */
export interface Instruction {
  /** The opcode byte: class, operation or size, source or mode. */
  readonly opcode: number;
  /** Destination register, 0 to 10. */
  readonly dst: number;
  /** Source register, 0 to 10, or a pseudo value that gives `imm` its meaning (`BPF_PSEUDO_MAP_FD`, …). */
  readonly src: number;
  /** Signed 16-bit offset: of a jump in slots, of a memory access in bytes. */
  readonly offset: number;
  /** Signed 32-bit immediate. */
  readonly imm: number;
}
