import {
  AtomicOp,
  InstructionClass as Class,
  MemoryMode,
  MemorySize,
  Pseudo,
  WIDE_LOAD_OPCODE,
} from "@waggle/object";
import { describe, expect, test } from "vitest";
import {
  addImm,
  callLocal,
  execute,
  exit,
  insn,
  load,
  movImm,
  movReg,
  operands,
  store,
  storeImm,
  wide,
} from "../fixtures/code.js";

const sizes = [
  { size: "B", bits: 8 },
  { size: "H", bits: 16 },
  { size: "W", bits: 32 },
  { size: "DW", bits: 64 },
] as const;
const orders = ["little", "big"] as const;

/** fp, cut down to a multiple of 8: where the cell is. */
const cell = -8;

describe.each(orders)("memory, %s-endian", (order) => {
  test.each(sizes)("stores of $bits bits are read back, with and without the sign", ({ size, bits }) => {
    for (const value of operands()) {
      const before = [...wide(1, value), store(size, 10, cell, 1)];
      expect(execute([...before, load(size, 0, 10, cell), exit], order)).toBe(BigInt.asUintN(bits, value));
      if (size === "DW") continue;
      const signed = insn(Class.Ldx | MemoryMode.MemSx | MemorySize[size], { src: 10, offset: cell });
      expect(execute([...before, signed, exit], order)).toBe(BigInt.asUintN(64, BigInt.asIntN(bits, value)));
    }
  });

  test.each(sizes)("constants of $bits bits are stored with their sign", ({ size, bits }) => {
    for (const imm of [0, 1, -1, 0x7fff_ffff, -0x8000_0000]) {
      const code = [storeImm(size, 10, cell, imm), load(size, 0, 10, cell), exit];
      expect(execute(code, order)).toBe(BigInt.asUintN(bits, BigInt(imm)));
    }
  });

  test("bytes lie in memory in the order of the target", () => {
    const code = [...wide(1, 0x0102030405060708n), store("DW", 10, cell, 1), load("B", 0, 10, cell), exit];
    expect(execute(code, order)).toBe(order === "little" ? 8n : 1n);
    const half = [
      ...wide(1, 0x0102030405060708n),
      store("DW", 10, cell, 1),
      load("W", 0, 10, cell + 4),
      exit,
    ];
    expect(execute(half, order)).toBe(order === "little" ? 0x01020304n : 0x05060708n);
  });
});

const combine: Record<string, (a: bigint, b: bigint) => bigint> = {
  Add: (a, b) => a + b,
  Or: (a, b) => a | b,
  And: (a, b) => a & b,
  Xor: (a, b) => a ^ b,
  Xchg: (_, b) => b,
};
const atomicNumbers: Record<string, number> = { ...AtomicOp };
const atomic = (size: "W" | "DW", imm: number) =>
  insn(Class.Stx | MemoryMode.Atomic | MemorySize[size], { dst: 10, src: 1, offset: cell, imm });

describe.each([
  { size: "W", bits: 32 },
  { size: "DW", bits: 64 },
] as const)("atomics of $bits bits", ({ size, bits }) => {
  const pairs = operands().flatMap((a, index, all) =>
    [0, 3, 11].map((step) => [a, all[(index + step) % all.length] ?? 0n] as const),
  );

  test.each(Object.entries(combine))("%s, with and without the old value", (name, reference) => {
    const number = atomicNumbers[name] ?? 0;
    for (const [a, b] of pairs) {
      const before = [...wide(2, a), ...wide(1, b), store("DW", 10, cell, 2)];
      const expected = BigInt.asUintN(bits, reference(a, b));
      expect(execute([...before, atomic(size, number), load(size, 0, 10, cell), exit])).toBe(expected);
      expect(execute([...before, atomic(size, number | 1), load(size, 0, 10, cell), exit])).toBe(expected);
      expect(execute([...before, atomic(size, number | 1), movReg(0, 1), exit])).toBe(
        BigInt.asUintN(bits, a),
      );
      if (name === "Xchg") continue;
      expect(execute([...before, atomic(size, number), movReg(0, 1), exit])).toBe(b);
    }
  });

  test("compare and exchange", () => {
    for (const [a, b] of pairs) {
      const before = [...wide(2, a), ...wide(1, b), store("DW", 10, cell, 2)];
      const equal = [...before, ...wide(0, a), atomic(size, AtomicOp.CmpXchg)];
      expect(execute([...equal, exit])).toBe(BigInt.asUintN(bits, a));
      expect(execute([...equal, load(size, 0, 10, cell), exit])).toBe(BigInt.asUintN(bits, b));
      const other = [
        ...before,
        ...wide(0, a + 1n),
        atomic(size, AtomicOp.CmpXchg),
        load(size, 0, 10, cell),
        exit,
      ];
      expect(execute(other)).toBe(BigInt.asUintN(bits, a));
    }
  });

  test("load-acquire and store-release", () => {
    for (const [a] of pairs) {
      const loadAcquire = insn(Class.Stx | MemoryMode.Atomic | MemorySize[size], {
        dst: 0,
        src: 10,
        offset: cell,
        imm: AtomicOp.LoadAcquire,
      });
      const code = [...wide(1, a), atomic(size, AtomicOp.StoreRelease), loadAcquire, exit];
      expect(execute(code)).toBe(BigInt.asUintN(bits, a));
    }
  });
});

describe("functions of the program", () => {
  test("have registers r6 to r9 and a stack of their own, and see the caller's by pointer", () => {
    const code = [
      movImm(6, 5),
      storeImm("DW", 10, -8, 40),
      movReg(1, 10),
      addImm(1, -8),
      callLocal(2),
      insn(Class.Alu64 | 0x08, { dst: 0, src: 6 }),
      exit,
      movImm(6, 99),
      storeImm("DW", 10, -8, 7),
      load("DW", 0, 1, 0),
      exit,
    ];
    expect(execute(code)).toBe(45n);
  });

  test("eight may be active, not nine", () => {
    const nested = (depth: number) => [
      ...Array.from({ length: depth }, () => [callLocal(1), exit]).flat(),
      movImm(0, 3),
      exit,
    ];
    expect(execute(nested(7))).toBe(3n);
    expect(() => execute(nested(8))).toThrow(expect.objectContaining({ code: "call-depth" }));
  });
});

describe("what the verifier would refuse is an error", () => {
  const faults: Record<string, { code: string; text: RegExp; program: Parameters<typeof execute>[0] }> = {
    "a null pointer": {
      code: "null-dereference",
      text: /read of 4 bytes through a null pointer \(offset 8\)/,
      program: [movImm(1, 0), load("W", 0, 1, 8), exit],
    },
    "a number as address": {
      code: "bad-address",
      text: /at 0x1234, which is not memory/,
      program: [movImm(1, 0x1234), load("W", 0, 1, 0), exit],
    },
    "above the stack": {
      code: "out-of-bounds",
      text: /write of 8 bytes at fp0 is outside the stack/,
      program: [storeImm("DW", 10, 0, 1), exit],
    },
    "below the stack": {
      code: "out-of-bounds",
      text: /fp-520 is outside the stack \(fp-512 to fp\)/,
      program: [storeImm("DW", 10, -520, 1), exit],
    },
    "stack that was never written": {
      code: "uninitialised-stack",
      text: /byte at fp-4 was never written/,
      program: [storeImm("W", 10, -8, 1), load("DW", 0, 10, -8), exit],
    },
    "stack that an earlier call wrote": {
      code: "uninitialised-stack",
      text: /never written/,
      program: [
        callLocal(2),
        callLocal(4),
        exit,
        storeImm("DW", 10, -8, 1),
        movImm(0, 0),
        exit,
        load("DW", 0, 10, -8),
        exit,
      ],
    },
    "a register without a value": {
      code: "uninitialised-register",
      text: /r6 is read/,
      program: [movReg(0, 6), exit],
    },
    "an exit without a result": { code: "uninitialised-register", text: /r0 is read/, program: [exit] },
    "an argument after a call": {
      code: "uninitialised-register",
      text: /r1 is read.*\n.*lose their values/,
      program: [movImm(1, 1), callLocal(2), movReg(0, 1), exit, movImm(0, 0), exit],
    },
    "an unaligned access to the stack": {
      code: "misaligned",
      text: /4 bytes at fp-6/,
      program: [storeImm("W", 10, -6, 1), exit],
    },
    "a write to the frame pointer": {
      code: "bad-instruction",
      text: /r10, the frame pointer/,
      program: [movImm(10, 1), exit],
    },
    "an unknown instruction": { code: "bad-instruction", text: /opcode 0xff/, program: [insn(0xff), exit] },
    "a register that is not there": {
      code: "bad-instruction",
      text: /r12 does not exist/,
      program: [movReg(0, 12), exit],
    },
    "a legacy packet load": { code: "bad-instruction", text: /classic BPF/, program: [insn(0x20), exit] },
    "half a wide load": { code: "bad-instruction", text: /second half/, program: [insn(WIDE_LOAD_OPCODE)] },
    "a reference to nothing": {
      code: "bad-instruction",
      text: /not in the object/,
      program: [insn(WIDE_LOAD_OPCODE, { src: Pseudo.MapFd }), insn(0), exit],
    },
    "running off the end": { code: "bad-jump", text: /slot 1/, program: [movImm(0, 0)] },
    "a jump into a wide load": {
      code: "bad-jump",
      text: /slot 2/,
      program: [insn(0x05, { offset: 1 }), ...wide(0, 1n), exit],
    },
    "a loop without end": {
      code: "instruction-limit",
      text: /1,000,000 instructions/,
      program: [insn(0x05, { offset: -1 })],
    },
    "a kernel function without a name": {
      code: "bad-instruction",
      text: /kernel function 7 is called, and the object does not tell its name/,
      program: [insn(0x85, { src: 2, imm: 7 }), exit],
    },
  };
  test.each(Object.entries(faults))("%s", (_, { code, text, program }) => {
    let error: unknown;
    try {
      execute(program);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: "VmError", code });
    expect(String(error)).toMatch(text);
    expect(String(error)).toMatch(/help: \S/);
  });
});
