import { describe, expect, test } from "vitest";
import { BtfBuilder } from "../btf/builder.js";
import type { BtfMember, BtfType, TypeId } from "../btf/types.js";
import type { ByteOrder } from "../byte-order.js";
import { programKindByName } from "../interface/program-kinds.js";
import type { Instruction } from "../isa/instruction.js";
import type { ProgramSpec } from "../spec/types.js";
import { CoreKind } from "./kinds.js";
import { POISON_HELPER } from "./patch.js";
import { relocateProgram } from "./relocate.js";

type Members = readonly (readonly [name: string, type: TypeId, bitOffset: number, bitSize?: number])[];

/** Types of one kernel, or of an object. */
class Types {
  readonly builder = new BtfBuilder();

  int(name: string, size: number, encoding: "unsigned" | "signed" = "unsigned"): TypeId {
    return this.builder.add({ kind: "int", name, size, bits: size * 8, bitOffset: 0, encoding });
  }

  add(type: BtfType): TypeId {
    return this.builder.add(type);
  }

  struct(name: string, size: number, members: Members, kind: "struct" | "union" = "struct"): TypeId {
    const list = members.map(
      ([member, type, bitOffset, bitSize = 0]): BtfMember => ({ name: member, type, bitOffset, bitSize }),
    );
    return this.add({ kind, name, size, members: list });
  }

  enumeration(name: string, values: Readonly<Record<string, bigint>>): TypeId {
    const list = Object.entries(values).map(([key, value]) => ({ name: key, value }));
    return this.add({ kind: "enum", name, size: 4, signed: false, values: list });
  }
}

const move = (imm: number): Instruction => ({ opcode: 0xb7, dst: 1, src: 0, offset: 0, imm });
const load = (opcode: number, offset: number): Instruction => ({ opcode, dst: 1, src: 2, offset, imm: 0 });
const [byte, half, word, double] = [0x71, 0x69, 0x61, 0x79];

const xdp = programKindByName("xdp");
function program(instruction: Instruction, type: TypeId, access: string, kind: number): ProgramSpec {
  if (xdp === null) throw new Error("no xdp");
  return {
    name: "run",
    section: "xdp",
    type: xdp.type,
    kind: xdp,
    expectedAttachType: 0,
    attachTarget: null,
    flags: 0,
    instructions: [instruction],
    references: [],
    coreRelocations: [{ section: "xdp", offset: 0, type, access, kind, instruction: 0 }],
    functions: [],
    lines: [{ instruction: 0, file: "src/run.ts", source: "task.pid", line: 3, column: 7 }],
  };
}

interface Question {
  readonly local: Types;
  readonly target: Types;
  readonly type: TypeId;
  readonly access?: string;
  readonly kind: number;
  /** What the instruction holds before. */
  readonly before?: number;
  readonly instruction?: Instruction;
  readonly order?: ByteOrder;
}

function relocated(question: Question): Instruction | undefined {
  const { local, target, type, access = "0", kind, before = 0, order = "little" } = question;
  const one = question.instruction ?? move(before);
  return relocateProgram(
    program(one, type, access, kind),
    local.builder.build(),
    target.builder.build(),
    order,
  )[0];
}
const answer = (question: Question): number | undefined => relocated(question)?.imm;
const poison = { opcode: 0x85, imm: POISON_HELPER };

/** `struct task { int pid; struct { u64 start; } inner; u32 low:3, high:7; char comm[16]; }`, each kernel in its own way. */
function tasks() {
  const local = new Types();
  const lint = local.int("int", 4, "signed");
  const lu32 = local.int("unsigned int", 4);
  const lu64 = local.int("u64", 8);
  const lchar = local.int("char", 1, "signed");
  const lcomm = local.add({ kind: "array", type: lchar, index: lu32, length: 16 });
  const linner = local.struct("", 8, [["start", lu64, 0]]);
  const task = local.struct("task", 36, [
    ["pid", lint, 0],
    ["inner", linner, 64],
    ["low", lu32, 128, 3],
    ["high", lu32, 131, 7],
    ["comm", lcomm, 160],
  ]);
  const target = new Types();
  const tint = target.int("int", 4, "signed");
  const tu32 = target.int("unsigned int", 4);
  const tu64 = target.int("u64", 8);
  const tchar = target.int("char", 1, "signed");
  const tcomm = target.add({ kind: "array", type: tchar, index: tu32, length: 24 });
  const tinner = target.struct("", 16, [
    ["before", tu64, 0],
    ["start", tu64, 64],
  ]);
  const anonymous = target.struct("", 4, [["pid", tint, 0]], "union");
  target.struct("task", 76, [
    ["state", tu64, 0],
    ["", anonymous, 64],
    ["inner", tinner, 128],
    ["low", tu32, 256 + 5, 3],
    ["high", tu32, 256 + 8, 9],
    ["comm", tcomm, 320],
  ]);
  return { local, target, type: task };
}

describe("fields", () => {
  test("byte offsets: in anonymous members, nested, of elements", () => {
    const kind = CoreKind.FieldByteOffset;
    expect(answer({ ...tasks(), access: "0:0", kind, before: 0 })).toBe(8);
    expect(answer({ ...tasks(), access: "0:1:0", kind, before: 8 })).toBe(24);
    expect(answer({ ...tasks(), access: "0:4:3", kind, before: 23 })).toBe(43);
    // The second of an array of tasks.
    expect(answer({ ...tasks(), access: "1:0", kind, before: 36 })).toBe(84);
  });

  test("sizes, existence and signs", () => {
    const ask = (access: string, kind: number, before: number) =>
      answer({ ...tasks(), access, kind, before });
    expect(ask("0:4", CoreKind.FieldByteSize, 16)).toBe(24);
    expect(ask("0:4", CoreKind.FieldExists, 1)).toBe(1);
    expect(ask("0:0", CoreKind.FieldSigned, 1)).toBe(1);
    expect(ask("0:2", CoreKind.FieldSigned, 0)).toBe(0);
  });

  test.each([
    // 9 bits from bit 264: in the 4 bytes from byte 32, 8 bits in.
    ["little", { offset: 32, size: 4, left: 64 - (8 + 9), right: 64 - 9 }],
    ["big", { offset: 32, size: 4, left: 32 + 8, right: 64 - 9 }],
  ] as const)("bit fields, %s-endian", (order, expected) => {
    const ask = (kind: number) => answer({ ...tasks(), access: "0:3", kind, before: 999, order });
    const before = (kind: number, value: number) =>
      answer({ ...tasks(), access: "0:3", kind, before: value, order });
    expect(ask(CoreKind.FieldByteOffset)).toBe(expected.offset);
    expect(ask(CoreKind.FieldByteSize)).toBe(expected.size);
    expect(ask(CoreKind.FieldLeftShift)).toBe(expected.left);
    expect(before(CoreKind.FieldRightShift, 64 - 7)).toBe(expected.right);
  });

  test("loads take the field's width where that says nothing new of the value", () => {
    const make = (localSize: number, targetSize: number, encoding: "unsigned" | "signed") => {
      const [local, target] = [new Types(), new Types()];
      const type = local.struct("s", 16, [["n", local.int("n", localSize, encoding), 32]]);
      const number = target.int("n", targetSize, encoding);
      target.struct("s", 16, [["n", number, 64]]);
      return { local, target, type, access: "0:0", kind: CoreKind.FieldByteOffset };
    };
    const opcodes: Readonly<Record<number, number>> = { 1: byte, 2: half, 4: word, 8: double };
    for (const [from, to] of [
      [4, 8],
      [8, 4],
      [2, 1],
    ] as const) {
      const instruction = load(opcodes[from] ?? 0, 4);
      expect(relocated({ ...make(from, to, "unsigned"), instruction })).toMatchObject({
        opcode: opcodes[to],
        offset: 8,
      });
      expect(relocated({ ...make(from, to, "signed"), instruction })).toMatchObject(poison);
    }
    expect(relocated({ ...make(4, 4, "signed"), instruction: load(word, 4) })).toMatchObject({
      opcode: word,
      offset: 8,
    });
  });

  test("one that the kernel does not have fails where it is reached; a question about it is answered", () => {
    const { local, type } = tasks();
    const target = new Types();
    target.struct("task", 4, [["state", target.int("int", 4), 0]]);
    const ask = (kind: number, before: number) =>
      relocated({ local, target, type, access: "0:0", kind, before });
    expect(ask(CoreKind.FieldByteOffset, 0)).toMatchObject(poison);
    expect(ask(CoreKind.FieldByteSize, 4)).toMatchObject(poison);
    expect(ask(CoreKind.FieldExists, 1)?.imm).toBe(0);
  });

  test("a flexible array has every element, another only its own", () => {
    const make = (length: number) => {
      const [local, target] = [new Types(), new Types()];
      const u32 = local.int("u32", 4);
      const list = local.add({ kind: "array", type: u32, index: u32, length: 8 });
      const type = local.struct("s", 36, [["list", list, 32]]);
      const number = target.int("u32", 4);
      const other = target.add({ kind: "array", type: number, index: number, length });
      target.struct("s", 8, [["list", other, 64]]);
      return { local, target, type, access: "0:0:6", kind: CoreKind.FieldByteOffset, before: 28 };
    };
    expect(answer(make(0))).toBe(8 + 24);
    expect(answer(make(7))).toBe(8 + 24);
    expect(relocated(make(6))).toMatchObject(poison);
  });
});

describe("types and enums", () => {
  test("ids, existence and sizes; a flavour is the kernel's type", () => {
    const [local, target] = [new Types(), new Types()];
    const int = local.int("int", 4);
    const type = local.struct("task___old", 4, [["pid", int, 0]]);
    target.int("padding", 1);
    const there = target.struct("task", 48, [["pid", target.int("int", 4), 0]]);
    const ask = (kind: number, before: number, to = target) =>
      answer({ local, target: to, type, kind, before });
    expect(ask(CoreKind.TypeIdLocal, type)).toBe(type);
    expect(ask(CoreKind.TypeIdTarget, 0)).toBe(there);
    expect(ask(CoreKind.TypeExists, 1)).toBe(1);
    expect(ask(CoreKind.TypeSize, 4)).toBe(48);
    const none = new Types();
    for (const kind of [CoreKind.TypeIdTarget, CoreKind.TypeExists, CoreKind.TypeMatches])
      expect(ask(kind, kind === CoreKind.TypeIdTarget ? type : 1, none)).toBe(0);
    expect(ask(CoreKind.TypeSize, 4, none)).toBe(0);
  });

  test("enumerators by name, whatever their value and flavour", () => {
    const [local, target] = [new Types(), new Types()];
    const type = local.enumeration("state", { Running: 0n, Dead___new: 1n, Gone: 2n });
    target.enumeration("state", { Idle: 0n, Running: 1n, Dead: 7n });
    const ask = (index: number, kind: number, before: number) =>
      relocated({ local, target, type, access: String(index), kind, before });
    expect(ask(0, CoreKind.EnumValue, 0)?.imm).toBe(1);
    expect(ask(1, CoreKind.EnumValue, 1)?.imm).toBe(7);
    expect(ask(1, CoreKind.EnumValueExists, 1)?.imm).toBe(1);
    expect(ask(2, CoreKind.EnumValueExists, 1)?.imm).toBe(0);
    expect(ask(2, CoreKind.EnumValue, 2)).toMatchObject(poison);
  });

  test("a type matches when the kernel's has all that the local one declares", () => {
    const ask = (make: (types: Types, isTarget: boolean) => TypeId): number | undefined => {
      const [local, target] = [new Types(), new Types()];
      const type = make(local, false);
      make(target, true);
      return answer({ local, target, type, kind: CoreKind.TypeMatches, before: 1 });
    };
    const number = (types: Types, size = 4) => types.int("int", size, "signed");
    expect(
      ask((types, isTarget) => {
        const int = number(types);
        const more: Members = isTarget ? [["other", int, 64]] : [];
        return types.struct("s", 16, [["a", int, isTarget ? 32 : 0], ...more]);
      }),
    ).toBe(1);
    expect(ask((types, isTarget) => types.struct("s", 8, [[isTarget ? "b" : "a", number(types), 0]]))).toBe(
      0,
    );
    expect(ask((types, isTarget) => types.struct("s", 8, [["a", number(types, isTarget ? 8 : 4), 0]]))).toBe(
      0,
    );
    expect(ask((types, isTarget) => types.struct("s", 8, [], isTarget ? "union" : "struct"))).toBe(0);
    // Behind a pointer the name is enough.
    const pointed = (name: string) =>
      ask((types, isTarget) => {
        const to = isTarget
          ? types.add({ kind: "forward", name, union: false })
          : types.struct("other", 4, [["a", number(types), 0]]);
        return types.struct("s", 8, [["next", types.add({ kind: "pointer", type: to }), 0]]);
      });
    expect(pointed("other")).toBe(1);
    expect(pointed("another")).toBe(0);
    const enums = (name: string) =>
      ask((types, isTarget) => types.enumeration("e", isTarget ? { A: 4n, [name]: 5n } : { A: 0n, B: 1n }));
    expect(enums("B")).toBe(1);
    expect(enums("C")).toBe(0);
  });
});

describe("what cannot be right", () => {
  test("types of one name that do not agree", () => {
    const { local, type } = tasks();
    const target = new Types();
    const int = target.int("int", 4, "signed");
    target.struct("task", 8, [["pid", int, 0]]);
    target.struct("task", 8, [["pid", int, 32]]);
    expect(() => answer({ local, target, type, access: "0:0", kind: CoreKind.FieldByteOffset })).toThrow(
      /^program run \(src\/run\.ts:3:7\): offset of task\.pid: the kernel's types of this name do not agree; the kernel has struct task \(type \d+\): 0, struct task \(type \d+\): 4\./,
    );
  });

  test.each([
    [
      "an instruction that holds another number",
      { before: 5 },
      "instruction 0 holds 5 where its record says 0",
    ],
    ["an access that leads nowhere", { access: "0:9" }, 'CO-RE access "0:9" of struct task names member 9'],
    ["an access that is none", { access: "0:x" }, "is not a list of numbers"],
    ["a kind from the future", { kind: 13 }, "relocations of kind 13 are not known here"],
    ["a jump", { instruction: { ...move(0), opcode: 0x05 } }, "which takes no relocation"],
    [
      "a register operand",
      { instruction: { ...move(0), opcode: 0xbf } },
      "takes a register instead of a number",
    ],
  ])("%s", (_, wrong, message) => {
    expect(() => answer({ ...tasks(), access: "0:0", kind: CoreKind.FieldByteOffset, ...wrong })).toThrow(
      expect.objectContaining({ code: "bad-core-relocation", message: expect.stringContaining(message) }),
    );
  });
});
