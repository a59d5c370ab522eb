/**
 * The parts that an opcode byte is put together from (RFC 9669, sections 4 and 5). `Source`, `AluOp` and `JumpOp` go with
 * the arithmetic and jump classes, `MemorySize` and `MemoryMode` with the load and store classes:
 * `InstructionClass.Ldx | MemoryMode.Mem | MemorySize.DW`.
 */
export const InstructionClass = {
  Ld: 0,
  Ldx: 1,
  St: 2,
  Stx: 3,
  Alu: 4,
  Jmp: 5,
  Jmp32: 6,
  Alu64: 7,
} as const;

/** Where the second operand of arithmetic and jumps comes from: `imm` or the register `src`. */
export const Source = { Imm: 0, Reg: 8 } as const;

/**
 * Arithmetic operations (RFC 9669, section 4.1). `Div` and `Mod` with `offset` 1 are signed, `Mov` with `offset` 8, 16
 * or 32 extends the sign; those are cpu v4 (Linux 6.6).
 */
export const AluOp = {
  Add: 0x00,
  Sub: 0x10,
  Mul: 0x20,
  Div: 0x30,
  Or: 0x40,
  And: 0x50,
  Lsh: 0x60,
  Rsh: 0x70,
  Neg: 0x80,
  Mod: 0x90,
  Xor: 0xa0,
  Mov: 0xb0,
  Arsh: 0xc0,
  /** Byte order: `Source.Imm` to little endian, `Source.Reg` to big endian; in class `Alu64` an unconditional swap. */
  End: 0xd0,
} as const;

/** Jump operations (RFC 9669, section 4.3). */
export const JumpOp = {
  /** In class `Jmp` by `offset` slots, in class `Jmp32` by `imm` slots (`gotol`, cpu v4). */
  Ja: 0x00,
  Jeq: 0x10,
  Jgt: 0x20,
  Jge: 0x30,
  Jset: 0x40,
  Jne: 0x50,
  Jsgt: 0x60,
  Jsge: 0x70,
  Call: 0x80,
  Exit: 0x90,
  Jlt: 0xa0,
  Jle: 0xb0,
  Jslt: 0xc0,
  Jsle: 0xd0,
  /** `may_goto` (Linux 6.9); not in the RFC. */
  Jcond: 0xe0,
} as const;

/** Width of a memory access (RFC 9669, section 5). */
export const MemorySize = { W: 0x00, H: 0x08, B: 0x10, DW: 0x18 } as const;

/** Kind of a memory access (RFC 9669, section 5). `MemSx` extends the sign and is cpu v4 (Linux 6.6). */
export const MemoryMode = {
  Imm: 0x00,
  Abs: 0x20,
  Ind: 0x40,
  Mem: 0x60,
  MemSx: 0x80,
  Atomic: 0xc0,
} as const;

/**
 * What `src` says about `imm`: of a 64-bit immediate load (`MapFd` to `MapIndexValue`, RFC 9669, section 5.4), and of a
 * call (`Call` a function of the program, `KfuncCall` one of the kernel; 0 a helper).
 */
export const Pseudo = {
  MapFd: 1,
  MapValue: 2,
  BtfId: 3,
  Func: 4,
  MapIndex: 5,
  MapIndexValue: 6,
  Call: 1,
  KfuncCall: 2,
} as const;

/**
 * What `imm` of an atomic store selects (RFC 9669, section 5.3): an operation, with `Fetch` when the old value is wanted.
 * `LoadAcquire` and `StoreRelease` are Linux 6.15.
 */
export const AtomicOp = {
  Add: 0x00,
  Or: 0x40,
  And: 0x50,
  Xor: 0xa0,
  Fetch: 0x01,
  Xchg: 0xe1,
  CmpXchg: 0xf1,
  LoadAcquire: 0x100,
  StoreRelease: 0x110,
} as const;

/** Opcode of the 64-bit immediate load, the only instruction that takes two slots. */
export const WIDE_LOAD_OPCODE = InstructionClass.Ld | MemoryMode.Imm | MemorySize.DW;
/** Opcode of a call. */
export const CALL_OPCODE = InstructionClass.Jmp | JumpOp.Call;
/** Opcode of `exit`. */
export const EXIT_OPCODE = InstructionClass.Jmp | JumpOp.Exit;

/** Masks that take an opcode byte apart. */
export const OpcodeMask = { Class: 0x07, Source: 0x08, Operation: 0xf0, Size: 0x18, Mode: 0xe0 } as const;
