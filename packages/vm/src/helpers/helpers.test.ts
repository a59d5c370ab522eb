import { InstructionClass as Class, type Instruction, JumpOp } from "@waggle/object";
import { describe, expect, test } from "vitest";
import { addImm, call, exit, insn, load, movImm, movReg, store, storeImm, wide } from "../fixtures/code.js";
import { helper, programSpec, ringSpec, simulation } from "../fixtures/object.js";
import type { CommonInput, UntypedSimulateOptions } from "../simulate/types.js";
import { simulatedHelpers } from "./helper-table.js";

/** Runs code whose first 8 bytes below fp come out through a ring buffer, beside r0. */
function observe(
  code: readonly Instruction[],
  options: UntypedSimulateOptions = {},
  input: CommonInput = {},
  bytes = 8,
) {
  const program = programSpec("tracepoint", [
    ...Array.from({ length: bytes / 8 }, (_, index) => storeImm("DW", 10, -8 * (index + 1), -1)),
    ...code,
    movReg(6, 0),
    insn(0x18, { dst: 1, src: 1 }),
    insn(0),
    movReg(2, 10),
    addImm(2, -bytes),
    movImm(3, bytes),
    movImm(4, 0),
    helper("bpf_ringbuf_output"),
    movReg(0, 6),
    exit,
  ]);
  const { run, ring, sim } = simulation({ maps: [ringSpec(4096)], program, options });
  const { result } = run({ ...input });
  return { result: result | 0, memory: ring.records()[0] ?? new Uint8Array(0), trace: sim.trace };
}

/** r0 of a helper, whole. */
function whole(name: string, options: UntypedSimulateOptions = {}, input: CommonInput = {}): bigint {
  const { memory } = observe([helper(name), store("DW", 10, -8, 0)], options, input);
  return new DataView(memory.buffer).getBigUint64(0, true);
}

describe("time, chance and the CPU", () => {
  test.each(["bpf_ktime_get_ns", "bpf_ktime_get_boot_ns", "bpf_ktime_get_coarse_ns"])("%s", (name) => {
    expect(whole(name)).toBe(1_000_000_000n);
    expect(whole(name, { clock: 1n << 60n })).toBe(1n << 60n);
    let now = 4n;
    expect(whole(name, { clock: () => ++now })).toBe(5n);
  });

  test("the clock goes on by itself", () => {
    const { run } = simulation({ program: programSpec("tracepoint", [helper("bpf_ktime_get_ns"), exit]) });
    expect([run().result, run().result]).toEqual([1_000_000_000, 1_000_001_000]);
  });

  test("jiffies follow the clock", () => expect(whole("bpf_jiffies64", { clock: 8_000_000n })).toBe(2n));

  test("random numbers are the same in each simulation, or the test's", () => {
    expect(whole("bpf_get_prandom_u32")).toBe(whole("bpf_get_prandom_u32"));
    expect(whole("bpf_get_prandom_u32", { random: () => -1 })).toBe(0xffff_ffffn);
  });

  test("CPU and node", () => {
    expect(whole("bpf_get_smp_processor_id", { cpus: 2 }, { cpu: 1 })).toBe(1n);
    expect(whole("bpf_get_numa_node_id")).toBe(0n);
  });
});

describe("the current task", () => {
  const task = {
    pid: 12,
    tgid: 11,
    uid: 5,
    gid: 6,
    address: 0xffff_8880_0000_1000n,
    cgroupId: 9n,
    comm: "sh",
  };

  test.each([
    ["bpf_get_current_pid_tgid", (11n << 32n) | 12n],
    ["bpf_get_current_uid_gid", (6n << 32n) | 5n],
    ["bpf_get_current_task", 0xffff_8880_0000_1000n],
    ["bpf_get_current_task_btf", 0xffff_8880_0000_1000n],
    ["bpf_get_current_cgroup_id", 9n],
  ])("%s", (name, expected) => {
    expect(whole(name, {}, { task })).toBe(expected);
    expect(whole(name, { task })).toBe(expected);
  });

  test("of process and thread, one stands for both", () => {
    expect(whole("bpf_get_current_pid_tgid", {}, { task: { pid: 3 } })).toBe((3n << 32n) | 3n);
    expect(whole("bpf_get_current_pid_tgid", {}, { task: { tgid: 4 } })).toBe((4n << 32n) | 4n);
  });

  test("its name is cut to fit and ended by a NUL", () => {
    const code = [movReg(1, 10), addImm(1, -8), movImm(2, 8), helper("bpf_get_current_comm")];
    expect(observe(code, {}, { task }).memory).toEqual(new Uint8Array([0x73, 0x68, 0, 0, 0, 0, 0, 0]));
    expect(observe(code, {}, { task: { comm: "abcdefghij" } }).memory).toEqual(
      new TextEncoder().encode("abcdefg\0"),
    );
    const none = [movReg(1, 10), addImm(1, -8), movImm(2, 0), helper("bpf_get_current_comm")];
    expect(() => observe(none, {}, { task })).toThrow(/bpf_get_current_comm: the buffer has no bytes/);
  });
});

describe("probe reads", () => {
  const kernelAddress = 0xffff_8880_0000_2000n;
  const memory = [
    { address: 0x1000, bytes: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]) },
    { address: 0x2000, bytes: "abc" },
    { address: kernelAddress, bytes: "kernel" },
  ];
  const probe = (name: string, address: bigint, size = 8) =>
    observe([movReg(1, 10), addImm(1, -8), movImm(2, size), ...wide(3, address), helper(name)], { memory });

  test.each(["bpf_probe_read_user", "bpf_probe_read"])("%s copies user memory", (name) => {
    expect(probe(name, 0x1001n)).toMatchObject({
      result: 0,
      memory: new Uint8Array([2, 3, 4, 5, 6, 7, 8, 9]),
    });
    expect(probe(name, 0x1002n)).toMatchObject({ result: -14, memory: new Uint8Array(8) });
    expect(probe(name, 0n)).toMatchObject({ result: -14, memory: new Uint8Array(8) });
  });

  test.each(["bpf_probe_read_user_str", "bpf_probe_read_str"])("%s copies text", (name) => {
    const { result, memory: text } = probe(name, 0x2000n);
    expect([result, text.subarray(0, 4)]).toEqual([4, new TextEncoder().encode("abc\0")]);
    expect(probe(name, 0x1000n)).toMatchObject({
      result: 8,
      memory: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 0]),
    });
    expect(probe(name, 0x1004n)).toMatchObject({ result: -14 });
    expect(probe(name, 0x3000n)).toMatchObject({ result: -14 });
  });

  test("each side reads its own memory only", () => {
    expect(probe("bpf_probe_read_kernel", kernelAddress, 4).result).toBe(0);
    expect(probe("bpf_probe_read", kernelAddress, 4).result).toBe(0);
    expect(probe("bpf_probe_read_user", kernelAddress, 4).result).toBe(-14);
    expect(probe("bpf_probe_read_kernel", 0x1000n, 4).result).toBe(-14);
    expect(probe("bpf_probe_read_kernel_str", kernelAddress)).toMatchObject({ result: 7 });
  });

  test("kernel reads see the program's own memory", () => {
    const code = [
      storeImm("DW", 10, -16, 0x41),
      movReg(3, 10),
      addImm(3, -16),
      movReg(1, 10),
      addImm(1, -8),
      movImm(2, 8),
      helper("bpf_probe_read_kernel"),
    ];
    expect(observe(code)).toMatchObject({ result: 0, memory: new Uint8Array([0x41, 0, 0, 0, 0, 0, 0, 0]) });
  });

  test("a target that is not memory of the program is an error", () => {
    const code = [movImm(1, 64), movImm(2, 8), movImm(3, 0), helper("bpf_probe_read_user")];
    expect(() => observe(code)).toThrow(/write by a helper of 8 bytes at 0x40/);
  });

  test("memory given twice or at no address is refused", () => {
    const run = (image: UntypedSimulateOptions["memory"]) => () =>
      observe([movImm(0, 0)], { memory: image ?? [] });
    expect(run({ "0x10": "abcdef", "0x12": "x" })).toThrow(/0x10 \(7 bytes\) runs into memory at 0x12/);
    expect(run({ here: "x" })).toThrow(/"here" is not a number/);
    expect(run([{ address: 0, bytes: "x" }])).toThrow(/address 0 is not a whole number from 1/);
    expect(run({ 4096: "x" })).not.toThrow();
  });
});

describe("printing", () => {
  const print = (format: string, values: Instruction[]) => {
    const bytes = new TextEncoder().encode(`${format}\0`.padEnd(24, "\0"));
    const view = new DataView(bytes.buffer);
    return observe(
      [
        ...[0, 8, 16].flatMap((at) => [...wide(1, view.getBigUint64(at, true)), store("DW", 10, at - 24, 1)]),
        ...values,
        movReg(1, 10),
        addImm(1, -24),
        movImm(2, format.length + 1),
        helper("bpf_trace_printk"),
      ],
      { memory: { "0x500": "name" } },
      {},
      24,
    );
  };

  test("trace_printk keeps lines", () => {
    const values = [movImm(3, -1), movImm(4, -1), movImm(5, 255)];
    expect(print("%d %u %x\n", values)).toMatchObject({ result: 17, trace: ["-1 4294967295 ff"] });
    expect(print("%lld %llx %p", values).trace).toEqual(["-1 ffffffffffffffff 00000000000000ff"]);
    expect(print("%99999999999d", [movImm(3, 1)])).toMatchObject({ result: 1024 });
    expect(print("%05d|%c|100%%", [movImm(3, 42), movImm(4, 65)]).trace).toEqual(["00042|A|100%"]);
    expect(print("[%s]", [movImm(3, 0x500)]).trace).toEqual(["[name]"]);
    expect(print("[%s]", [movImm(3, 1)]).trace).toEqual(["[(fault)]"]);
  });
});

describe("callbacks", () => {
  const loop = (count: number, stopAt: number, flags = 0) => [
    movImm(1, count),
    insn(0x18, { dst: 2, src: 4, imm: 8 }),
    insn(0),
    movReg(3, 10),
    addImm(3, -8),
    movImm(4, flags),
    helper("bpf_loop"),
    exit,
    exit,
    exit,
    // The callback adds its index to the cell and stops at one index.
    load("DW", 4, 2, 0),
    insn(Class.Alu64 | 0x08, { dst: 4, src: 1 }),
    store("DW", 2, 0, 4),
    movImm(0, 0),
    insn(Class.Jmp | JumpOp.Jne, { dst: 1, imm: stopAt, offset: 1 }),
    movImm(0, 1),
    exit,
  ];
  const run = (code: readonly Instruction[]) =>
    simulation({ program: programSpec("tracepoint", [storeImm("DW", 10, -8, 0), ...code]) }).run().result | 0;

  test("turns of bpf_loop count for the most that a run may take", () => {
    const turns = (count: number, maxInstructions: number) =>
      simulation({
        program: programSpec("tracepoint", [storeImm("DW", 10, -8, 0), ...loop(count, -1)]),
        options: { maxInstructions },
      }).run();
    expect(turns(10, 1000).result).toBe(10);
    expect(() => turns(5000, 1000)).toThrow(/stopped after 1,000 instructions.*maxInstructions/s);
    expect(() => turns(1, 0)).toThrow(/maxInstructions is 0/);
  });

  test("bpf_loop calls until it is told to stop", () => {
    expect(run(loop(10, 99))).toBe(10);
    expect(run(loop(10, 3))).toBe(4);
    expect(run(loop(0, 3))).toBe(0);
    expect(run(loop(1, 3, 1))).toBe(-22);
    expect(run(loop(1 << 24, 3))).toBe(-7);
    expect(() =>
      run([movImm(1, 1), movImm(2, 0), movImm(3, 0), movImm(4, 0), helper("bpf_loop"), exit]),
    ).toThrow(/argument 2 is not a function/);
  });
});

test("a helper that is not there is named", () => {
  const run = (instruction: Instruction, set: Instruction[] = []) =>
    simulation({ program: programSpec("tracepoint", [...set, instruction, exit]) }).run();
  const all = [1, 2, 3, 4, 5].map((register) => movImm(register, 0));
  expect(() => run(helper("bpf_sk_redirect_map"), all)).toThrow(
    /helper bpf_sk_redirect_map \(52\) is called, which is not simulated yet/,
  );
  expect(() => run(call(100_000))).toThrow(/helper 100000 is called, which no known kernel has/);
});

test("every row is a helper of the kernel", () => {
  for (const name of simulatedHelpers.keys()) expect(() => helper(name)).not.toThrow();
});
