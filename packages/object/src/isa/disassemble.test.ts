import { describe, expect, test } from "vitest";
import { disassemble } from "./disassemble.js";
import type { Instruction } from "./instruction.js";

const op = (opcode: number, fields: Partial<Instruction> = {}): Instruction => ({
  opcode,
  dst: 1,
  src: 0,
  offset: 0,
  imm: 0,
  ...fields,
});

// The expected texts are those of the verifier's log (kernel/bpf/disasm.c).
test.each<[string, Instruction]>([
  ["r0 = *(u64 *)(r10 -8)", op(0x79, { dst: 0, src: 10, offset: -8 })],
  ["r1 = *(u8 *)(r2 +0)", op(0x71, { src: 2 })],
  ["r1 = *(s16 *)(r2 +4)", op(0x89, { src: 2, offset: 4 })],
  ["*(u32 *)(r10 -4) = r1", op(0x63, { dst: 10, src: 1, offset: -4 })],
  ["*(u16 *)(r1 +2) = -1", op(0x6a, { offset: 2, imm: -1 })],
  ["r0 = *(u16 *)skb[12]", op(0x28, { imm: 12 })],
  ["r0 = *(u8 *)skb[r3 + 4]", op(0x50, { src: 3, imm: 4 })],
  ["w0 = 1", op(0xb4, { dst: 0, imm: 1 })],
  ["r6 = r1", op(0xbf, { dst: 6, src: 1 })],
  ["r1 = (s8)r2", op(0xbf, { src: 2, offset: 8 })],
  ["w1 = (s16)w2", op(0xbc, { src: 2, offset: 16 })],
  ["r1 = (s32)r2", op(0xbf, { src: 2, offset: 32 })],
  ["r1 = addr_space_cast(r2, 0, 1)", op(0xbf, { src: 2, offset: 1, imm: 1 })],
  ["r1 += -8", op(0x07, { imm: -8 })],
  ["w1 s>>= w2", op(0xcc, { src: 2 })],
  ["r1 /= r2", op(0x3f, { src: 2 })],
  ["r1 s/= r2", op(0x3f, { src: 2, offset: 1 })],
  ["w1 s%= 7", op(0x94, { imm: 7, offset: 1 })],
  ["r1 = -r1", op(0x87)],
  ["r1 = be16 r1", op(0xdc, { imm: 16 })],
  ["r1 = le64 r1", op(0xd4, { imm: 64 })],
  ["r1 = bswap32 r1", op(0xd7, { imm: 32 })],
  ["lock *(u64 *)(r1 +8) += r2", op(0xdb, { src: 2, offset: 8 })],
  ["lock *(u32 *)(r1 +0) ^= r2", op(0xc3, { src: 2, imm: 0xa0 })],
  ["r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)", op(0xdb, { src: 2, imm: 1 })],
  ["r2 = atomic_fetch_or((u32 *)(r1 +0), r2)", op(0xc3, { src: 2, imm: 0x41 })],
  ["r2 = atomic64_xchg((u64 *)(r1 +0), r2)", op(0xdb, { src: 2, imm: 0xe1 })],
  ["r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)", op(0xc3, { src: 2, imm: 0xf1 })],
  ["r1 = load_acquire((u8 *)(r2 +0))", op(0xd3, { src: 2, imm: 0x100 })],
  ["store_release((u64 *)(r1 +0), r2)", op(0xdb, { src: 2, imm: 0x110 })],
  ["goto pc+3", op(0x05, { offset: 3 })],
  ["gotol pc-70000", op(0x06, { imm: -70000 })],
  ["gotox r1", op(0x0d)],
  ["may_goto pc+2", op(0xe5, { offset: 2 })],
  ["if r1 > 0x5 goto pc+3", op(0x25, { imm: 5, offset: 3 })],
  ["if w1 s< 0xffffffff goto pc-1", op(0xc6, { imm: -1, offset: -1 })],
  ["if r1 & r2 goto pc+0", op(0x4d, { src: 2 })],
  ["call bpf_map_lookup_elem#1", op(0x85, { imm: 1 })],
  ["call unknown#195896080", op(0x85, { imm: 195896080 })],
  ["call pc+4", op(0x85, { src: 1, imm: 4 })],
  ["call kernel-function#77", op(0x85, { src: 2, imm: 77 })],
  ["exit", op(0x95)],
  ["unknown opcode 0xff", op(0xff)],
  ["unknown opcode 0xc3", op(0xc3, { imm: 0x33 })],
  ["unknown opcode 0x0e", op(0x0e)],
])("%s", (text, instruction) => {
  expect(disassemble([instruction])).toEqual([text]);
});

describe("64-bit loads", () => {
  const wide = (src: number, imm: number, upper = 0) => [
    op(0x18, { src, imm }),
    op(0, { dst: 0, imm: upper }),
  ];
  test.each([
    ["r1 = 0x1122334455667788", wide(0, 0x55667788, 0x11223344)],
    ["r1 = 0xffffffffffffffff", wide(0, -1, -1)],
    ["r1 = map[fd:5]", wide(1, 5)],
    ["r1 = map[fd:5][0]+16", wide(2, 5, 16)],
    ["r1 = btf_id[9]", wide(3, 9)],
    ["r1 = subprog[+17]", wide(4, 17)],
    ["r1 = map[index:0]", wide(5, 0)],
  ])("%s has an empty second slot", (text, instructions) => {
    expect(disassemble(instructions)).toEqual([text, ""]);
  });

  test("a load that is cut off does not throw", () => {
    expect(disassemble(wide(0, 1).slice(0, 1))).toEqual(["r1 = 0x1"]);
  });

  test("calls of kernel functions give their names", () => {
    const kernelCalls = [{ instruction: 1, name: "bpf_iter_num_new" }];
    const call = op(0x85, { src: 2, imm: 77 });
    expect(disassemble([call, call], { kernelCalls })).toEqual([
      "call kernel-function#77",
      "call bpf_iter_num_new#77",
    ]);
  });

  test("references and functions give names", () => {
    const texts = disassemble(
      [...wide(1, 0), ...wide(2, 0, 4), ...wide(4, 2), op(0x85, { src: 1, imm: 0 }), op(0x95)],
      {
        references: [
          { instruction: 0, map: "stats", valueOffset: null },
          { instruction: 2, map: ".rodata", valueOffset: 4 },
        ],
        functions: [{ instruction: 7, name: "parse" }],
      },
    );
    expect(texts).toEqual([
      "r1 = map[stats]",
      "",
      "r1 = map[.rodata][0]+4",
      "",
      "r1 = subprog[+2]#parse",
      "",
      "call pc+0#parse",
      "exit",
    ]);
  });
});

test("helper names can be given", () => {
  expect(disassemble([op(0x85, { imm: 3 })], { helperName: () => "mine" })).toEqual(["call mine#3"]);
});

test("every opcode has a text", () => {
  for (let opcode = 0; opcode < 256; opcode++) {
    for (const imm of [0, 1, 16, 0x100])
      expect(disassemble([op(opcode, { imm })])[0]).not.toMatch(/undefined|null/);
  }
});
