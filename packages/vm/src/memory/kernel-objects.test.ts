import { AluOp, BtfBuilder, InstructionClass as Class, type Instruction, Source } from "@waggle/object";
import { expect, test } from "vitest";
import { addImm, exit, insn, load, movImm, movReg, storeImm } from "../fixtures/code.js";
import { helper, programSpec, simulation } from "../fixtures/object.js";
import type { KernelObject } from "./kernel-objects.js";

const builder = new BtfBuilder();
const i32 = builder.add({ kind: "int", name: "int", size: 4, bits: 32, bitOffset: 0, encoding: "signed" });
const u64 = builder.add({ kind: "int", name: "u64", size: 8, bits: 64, bitOffset: 0, encoding: "unsigned" });
const char = builder.add({ kind: "int", name: "char", size: 1, bits: 8, bitOffset: 0, encoding: "char" });
const text = builder.add({ kind: "array", type: char, index: i32, length: 8 });
const pointer = builder.add({ kind: "pointer", type: 0 });
const member = (name: string, type: number, offset: number) => ({
  name,
  type,
  bitOffset: offset * 8,
  bitSize: 0,
});
const struct = (name: string, size: number, members: ReturnType<typeof member>[]) =>
  builder.add({ kind: "struct", name, size, members });
const inner = struct("inner", 16, [member("low", u64, 0), member("high", u64, 8)]);
const task = struct("task_struct", 56, [
  member("real_parent", pointer, 0),
  member("tgid", i32, 8),
  member("flags", i32, 12),
  member("comm", text, 16),
  member("mm", pointer, 24),
  member("inner", inner, 32),
  member("name", pointer, 48),
]);
const mm = struct("mm_struct", 16, [member("stack", u64, 0), member("flags", i32, 8)]);
const btf = builder.build();

interface Step {
  readonly root: number;
  readonly access: string;
  readonly offset: number;
}
const parent: Step = { root: task, access: "0:0", offset: 0 };
const tgid: Step = { root: task, access: "0:1", offset: 8 };
const toMm: Step = { root: task, access: "0:4", offset: 24 };
const stack: Step = { root: mm, access: "0:0", offset: 0 };
const add = (dst: number, src: number) => insn(Class.Alu64 | AluOp.Add | Source.Reg, { dst, src });

type Form = "probe" | "direct";

/** A program that follows the current task and returns the low 4 bytes at the end of the steps. */
function follow(form: Form, steps: readonly Step[], last: "u32" | "text" = "u32") {
  const code: Instruction[] = [
    helper(form === "probe" ? "bpf_get_current_task" : "bpf_get_current_task_btf"),
    movReg(3, 0),
  ];
  const coreRelocations = [];
  for (const [index, { root, access, offset }] of steps.entries()) {
    const ends = index === steps.length - 1;
    coreRelocations.push({ kind: 0, type: root, access, instruction: code.length, section: "x", offset: 0 });
    code.push(movImm(1, offset), add(3, 1));
    if (form === "direct") {
      code.push(load(ends ? "W" : "DW", 3, 3, 0));
      continue;
    }
    const name = ends && last === "text" ? "bpf_probe_read_kernel_str" : "bpf_probe_read_kernel";
    code.push(
      storeImm("DW", 10, -8, -1),
      movReg(1, 10),
      addImm(1, -8),
      movImm(2, ends && last === "u32" ? 4 : 8),
    );
    code.push(helper(name), load(ends ? "W" : "DW", 3, 10, -8));
  }
  // Structs that are followed elsewhere: what pointers may lead to.
  const elsewhere = [tgid, stack].map(({ root, access }) => ({ root, access }));
  code.push(movReg(0, 3), exit);
  for (const { root, access } of elsewhere) {
    const offset = root === task ? 8 : 0;
    coreRelocations.push({ kind: 0, type: root, access, instruction: code.length, section: "x", offset: 0 });
    code.push(movImm(1, offset));
  }
  const { run } = simulation({ btf, program: programSpec("tracepoint", code, { coreRelocations }) });
  return (kernel: KernelObject = {}, comm = "sh") => run({ task: { tgid: 7, comm, kernel } }).result;
}

for (const form of ["probe", "direct"] as const) {
  test(`${form}: chains of pointers, each to the type that has the members`, () => {
    const own = follow(form, [tgid]);
    expect(own()).toBe(7);
    expect(own({ tgid: -2 })).toBe(0xffff_fffe);
    const grandparent = follow(form, [parent, parent, tgid]);
    expect(grandparent({ real_parent: { real_parent: { tgid: 3 } } })).toBe(3);
    expect(follow(form, [toMm, stack])({ mm: { stack: 0x1_0000_0005n } })).toBe(5);
    const init: { tgid: number; real_parent?: KernelObject } = { tgid: 1 };
    init.real_parent = { ...init };
    expect(grandparent({ real_parent: init as KernelObject })).toBe(1);
  });

  test(`${form}: null pointers and addresses at which nothing is read as zero`, () => {
    const chain = follow(form, [parent, tgid]);
    expect(chain()).toBe(0);
    expect(chain({ real_parent: null })).toBe(0);
    expect(chain({ real_parent: 0xffff_8000_0000_1000n })).toBe(0);
  });

  test(`${form}: embedded structs`, () => {
    const high: Step = { root: task, access: "0:5:1", offset: 40 };
    expect(follow(form, [high])({ inner: { high: 9n } })).toBe(9);
    expect(follow(form, [high])({ inner: { low: 9n } })).toBe(0);
  });

  test(`${form}: a type that is said`, () => {
    const flags: Step = { root: mm, access: "0:1", offset: 8 };
    const chain = follow(form, [toMm, flags]);
    expect(chain({ mm: { type: "mm_struct", value: { flags: 4 } } })).toBe(4);
    expect(() => chain({ mm: { flags: 4 } })).toThrow(
      /task\.kernel\.mm may be (task_struct or mm_struct|mm_struct or task_struct)/,
    );
  });
}

test("an object that leads to itself is one object, and one given twice too", () => {
  const init: Record<string, unknown> & { tgid: number } = { tgid: 1 };
  init.real_parent = init;
  const kernel = init as KernelObject;
  expect(follow("probe", [parent, parent, tgid])(kernel)).toBe(1);
  const same = follow("direct", [parent, parent, parent, tgid]);
  expect(same({ real_parent: kernel })).toBe(1);
});

test("the task's own name is cut to the member by bytes", () => {
  const comm: Step = { root: task, access: "0:3:4", offset: 20 };
  const run = follow("probe", [comm], "text");
  // é is c3 a9: 7 bytes of the 8 are left, and the last é is cut in two.
  expect(run({}, "éééé")).toBe(0x00c3_a9c3);
});

test("bit fields, by byte order", () => {
  const bits = new BtfBuilder();
  const u32 = bits.add({ kind: "int", name: "u32", size: 4, bits: 32, bitOffset: 0, encoding: "unsigned" });
  const field = (name: string, bitOffset: number, bitSize: number) => ({
    name,
    type: u32,
    bitOffset,
    bitSize,
  });
  bits.add({
    kind: "struct",
    name: "task_struct",
    size: 4,
    members: [field("low", 0, 3), field("next", 3, 7)],
  });
  const code = [helper("bpf_get_current_task"), movReg(3, 0), storeImm("DW", 10, -8, -1), movReg(1, 10)];
  code.push(addImm(1, -8), movImm(2, 4), helper("bpf_probe_read_kernel"), load("W", 0, 10, -8), exit);
  for (const [byteOrder, expected] of [
    ["little", 5 | (100 << 3)],
    ["big", ((5 << 29) | (100 << 22)) >>> 0],
  ] as const) {
    const { run } = simulation({ btf: bits.build(), byteOrder, program: programSpec("tracepoint", code) });
    expect(run({ task: { kernel: { low: 5, next: 100n } } }).result).toBe(expected);
    expect(() => run({ task: { kernel: { low: 8 } } })).toThrow(
      "task.kernel.low is 8\n  help: give a whole number from 0 to 7",
    );
  }
});

test("text in a member and behind a pointer", () => {
  const comm: Step = { root: task, access: "0:3", offset: 16 };
  const letters = (word: string) => new DataView(new TextEncoder().encode(word).buffer).getUint32(0, true);
  expect(follow("probe", [comm], "text")({ comm: "bash" })).toBe(letters("bash"));
  // What lies behind the NUL is not written: it was -1.
  expect(follow("probe", [comm], "text")()).toBe(letters("sh\0\0") + 0xff00_0000);
  const name: Step = { root: task, access: "0:6", offset: 48 };
  const whole: Step = { root: mm, access: "0:0", offset: 0 };
  expect(follow("probe", [name, whole], "text")({ name: "init" })).toBe(letters("init"));
});

test("what does not fit says what, and what would", () => {
  const run = follow("probe", [tgid]);
  const wrong: readonly [KernelObject, string][] = [
    [{ tgidd: 1 }, "task.kernel: task_struct of the object has no member tgidd\n  help: did you mean tgid?"],
    [
      { mm: { stak: 1n } },
      "task.kernel.mm: no kernel type of the object has a member stak\n  help: did you mean stack?",
    ],
    [
      { mm: { stack: 1n, tgid: 1 } },
      "task.kernel.mm: no kernel type of the object has all of stack, tgid\n  help: its kernel types are task_struct, mm_struct; it declares the members that programs read",
    ],
    [
      { mm: { type: "mm_strut", value: {} } },
      "task.kernel.mm: the object has no type mm_strut\n  help: did you mean mm_struct?",
    ],
  ];
  for (const [kernel, message] of wrong)
    expect(() => run(kernel)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
  expect(() => run({ tgid: 2 ** 31 })).toThrow(/task\.kernel\.tgid.*2147483648/);
});

test("a load through a pointer that is none of the kernel's types stays strict", () => {
  const code = [movImm(1, 0), load("W", 0, 1, 8), exit];
  const { run } = simulation({ btf, program: programSpec("tracepoint", code) });
  expect(() => run()).toThrow(expect.objectContaining({ code: "null-dereference" }));
});
