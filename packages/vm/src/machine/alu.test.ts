import { AluOp, InstructionClass as Class, JumpOp, Source } from "@waggle/object";
import { describe, expect, test } from "vitest";
import { execute, exit, insn, movImm, operands, wide } from "../fixtures/code.js";

type Reference = (a: bigint, b: bigint, bits: number) => bigint;

const s = (value: bigint, bits: number) => BigInt.asIntN(bits, value);
const count = (b: bigint, bits: number) => b & BigInt(bits - 1);

const unsignedOperations: Record<string, Reference> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => (b === 0n ? 0n : a / b),
  Mod: (a, b) => (b === 0n ? a : a % b),
  Or: (a, b) => a | b,
  And: (a, b) => a & b,
  Xor: (a, b) => a ^ b,
  Lsh: (a, b, bits) => a << count(b, bits),
  Rsh: (a, b, bits) => a >> count(b, bits),
  Arsh: (a, b, bits) => s(a, bits) >> count(b, bits),
  Neg: (a) => -a,
  Mov: (_, b) => b,
};

const signedOperations: Record<string, Reference> = {
  Div: (a, b, bits) => (b === 0n ? 0n : s(a, bits) / s(b, bits)),
  Mod: (a, b, bits) => (b === 0n ? a : s(a, bits) % s(b, bits)),
};

const widths = [
  { bits: 64, kind: Class.Alu64 },
  { bits: 32, kind: Class.Alu },
] as const;

function opcodeOf(name: string): number {
  return Object.entries(AluOp).find(([key]) => key === name)?.[1] ?? -1;
}

function check(name: string, reference: Reference, kind: number, bits: number, offset: number): void {
  const operation = opcodeOf(name);
  for (const a of operands()) {
    for (const b of operands()) {
      const [x, y] = [BigInt.asUintN(bits, a), BigInt.asUintN(bits, b)];
      const expected = BigInt.asUintN(bits, reference(x, y, bits));
      const byRegister = execute([
        ...wide(0, a),
        ...wide(1, b),
        insn(kind | operation | (name === "Neg" ? Source.Imm : Source.Reg), {
          dst: 0,
          src: name === "Neg" ? 0 : 1,
          offset,
        }),
        exit,
      ]);
      if (byRegister !== expected)
        expect({ name, a, b, value: byRegister }).toEqual({ name, a, b, value: expected });
      if (name === "Neg") continue;
      const imm = BigInt.asIntN(32, b);
      const byImmediate = execute([
        ...wide(0, a),
        insn(kind | operation | Source.Imm, { dst: 0, offset, imm: Number(imm) }),
        exit,
      ]);
      const expectedImmediate = BigInt.asUintN(bits, reference(x, BigInt.asUintN(bits, imm), bits));
      if (byImmediate !== expectedImmediate) {
        expect({ name, a, imm, value: byImmediate }).toEqual({ name, a, imm, value: expectedImmediate });
      }
    }
  }
}

describe.each(widths)("arithmetic of $bits bits is that of bigint", ({ bits, kind }) => {
  test.each(Object.entries(unsignedOperations))("%s", (name, reference) =>
    check(name, reference, kind, bits, 0),
  );
  test.each(Object.entries(signedOperations))("signed %s", (name, reference) =>
    check(name, reference, kind, bits, 1),
  );
  test.each([8, 16, 32].filter((from) => from < bits))("move that extends %i bits", (from) => {
    for (const value of operands()) {
      const moved = execute([
        ...wide(1, value),
        insn(kind | AluOp.Mov | Source.Reg, { src: 1, offset: from }),
        exit,
      ]);
      expect(moved).toBe(BigInt.asUintN(bits, BigInt.asIntN(from, value)));
    }
  });
});

function reversed(value: bigint, bits: number): bigint {
  let result = 0n;
  for (let index = 0; index < bits / 8; index++) {
    result = (result << 8n) | ((value >> BigInt(index * 8)) & 0xffn);
  }
  return result;
}

test.each([16, 32, 64])("byte swaps of %i bits", (bits) => {
  for (const value of operands()) {
    const cut = BigInt.asUintN(bits, value);
    const run = (opcode: number, order: "little" | "big") =>
      execute([...wide(0, value), insn(opcode, { imm: bits }), exit], order);
    expect(run(Class.Alu64 | AluOp.End, "little")).toBe(reversed(value, bits));
    expect(run(Class.Alu64 | AluOp.End, "big")).toBe(reversed(value, bits));
    expect(run(Class.Alu | AluOp.End | Source.Reg, "little")).toBe(reversed(value, bits));
    expect(run(Class.Alu | AluOp.End | Source.Reg, "big")).toBe(cut);
    expect(run(Class.Alu | AluOp.End, "little")).toBe(cut);
    expect(run(Class.Alu | AluOp.End, "big")).toBe(reversed(value, bits));
  }
});

const comparisons: Record<string, (a: bigint, b: bigint, bits: number) => boolean> = {
  Jeq: (a, b) => a === b,
  Jne: (a, b) => a !== b,
  Jset: (a, b) => (a & b) !== 0n,
  Jgt: (a, b) => a > b,
  Jge: (a, b) => a >= b,
  Jlt: (a, b) => a < b,
  Jle: (a, b) => a <= b,
  Jsgt: (a, b, bits) => s(a, bits) > s(b, bits),
  Jsge: (a, b, bits) => s(a, bits) >= s(b, bits),
  Jslt: (a, b, bits) => s(a, bits) < s(b, bits),
  Jsle: (a, b, bits) => s(a, bits) <= s(b, bits),
};

describe.each([
  { bits: 64, kind: Class.Jmp },
  { bits: 32, kind: Class.Jmp32 },
])("jumps of $bits bits compare as bigint does", ({ bits, kind }) => {
  test.each(Object.entries(comparisons))("%s", (name, compare) => {
    const operation = Object.entries(JumpOp).find(([key]) => key === name)?.[1] ?? -1;
    for (const a of operands()) {
      for (const b of operands()) {
        const x = BigInt.asUintN(bits, a);
        const imm = BigInt.asIntN(32, b);
        const tail = [movImm(0, 0), exit, movImm(0, 1), exit];
        const byRegister = execute([
          ...wide(1, a),
          ...wide(2, b),
          insn(kind | operation | Source.Reg, { dst: 1, src: 2, offset: 2 }),
          ...tail,
        ]);
        const byImmediate = execute([
          ...wide(1, a),
          insn(kind | operation, { dst: 1, imm: Number(imm), offset: 2 }),
          ...tail,
        ]);
        const expected = [
          compare(x, BigInt.asUintN(bits, b), bits),
          compare(x, BigInt.asUintN(bits, imm), bits),
        ];
        const actual = [byRegister === 1n, byImmediate === 1n];
        if (actual[0] !== expected[0] || actual[1] !== expected[1])
          expect({ name, a, b, actual }).toEqual({ name, a, b, actual: expected });
      }
    }
  });
});

test("unconditional jumps go by the offset, and gotol by the immediate", () => {
  expect(execute([insn(Class.Jmp | JumpOp.Ja, { offset: 2 }), movImm(0, 1), exit, movImm(0, 2), exit])).toBe(
    2n,
  );
  expect(execute([insn(Class.Jmp32 | JumpOp.Ja, { imm: 2 }), movImm(0, 1), exit, movImm(0, 2), exit])).toBe(
    2n,
  );
});
