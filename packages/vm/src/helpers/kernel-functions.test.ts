import type { Instruction } from "@waggle/object";
import { describe, expect, test } from "vitest";
import { addImm, exit, insn, load, movImm, movReg, storeImm } from "../fixtures/code.js";
import { programSpec, simulation } from "../fixtures/object.js";

const kernelCall = insn(0x85, { src: 2, imm: -1 });
/** r1 = the iterator on the stack. */
const iterator = [movReg(1, 10), addImm(1, -8)];

interface Step {
  readonly call?: string;
  readonly code: readonly Instruction[];
}

/** Calls of kernel functions, each after instructions that set its arguments. */
function run(steps: readonly Step[]) {
  const instructions: Instruction[] = [];
  const kernelCalls: { instruction: number; name: string }[] = [];
  for (const { call, code } of steps) {
    instructions.push(...code);
    if (call === undefined) continue;
    kernelCalls.push({ instruction: instructions.length, name: call });
    instructions.push(kernelCall);
  }
  return simulation({ program: programSpec("xdp", instructions, { kernelCalls }) }).run({
    data: new Uint8Array(20),
  });
}

const begin = (start: number, end: number): Step => ({
  call: "bpf_iter_num_new",
  code: [...iterator, movImm(2, start), movImm(3, end)],
});
const next: Step = { call: "bpf_iter_num_next", code: iterator };
const destroy: Step = { call: "bpf_iter_num_destroy", code: iterator };
/** r6 is kept over a call. */
const keep = (code: readonly Instruction[]): Step => ({ code: [...code, movReg(6, 0)] });
const giveBack: Step = { code: [movReg(0, 6), exit] };

const fault = (steps: readonly Step[]) => {
  try {
    run(steps);
  } catch (error) {
    return error;
  }
  return null;
};

describe("iterators over numbers", () => {
  test("give each number once, then null", () => {
    const number = keep([load("W", 0, 0, 0)]);
    expect(run([begin(5, 7), next, number, destroy, giveBack]).result).toBe(5);
    expect(run([begin(5, 7), next, next, number, destroy, giveBack]).result).toBe(6);
    expect(run([begin(5, 7), next, next, next, keep([]), destroy, giveBack]).result).toBe(0);
    expect(run([begin(-1, 7), next, number, destroy, giveBack]).result).toBe(0xffff_ffff);
  });

  test("refuse ranges as the kernel does, and are then empty", () => {
    const errno = (code: number) => 2 ** 32 - code;
    expect(run([begin(3, 2), keep([]), destroy, giveBack]).result).toBe(errno(22));
    expect(run([begin(0, (1 << 23) + 1), keep([]), destroy, giveBack]).result).toBe(errno(7));
    expect(run([begin(3, 2), next, keep([]), destroy, giveBack]).result).toBe(0);
  });

  test("are begun, used and destroyed in this order", () => {
    expect(fault([next, destroy, giveBack])).toMatchObject({
      code: "bad-argument",
      message: expect.stringContaining("argument 1 is not an iterator in use"),
    });
    expect(fault([begin(0, 1), begin(0, 1), destroy, keep([]), giveBack])).toMatchObject({
      message: expect.stringContaining("argument 1 is an iterator in use"),
    });
    expect(fault([begin(0, 1), keep([]), giveBack])).toMatchObject({
      code: "leaked-reference",
      message: expect.stringContaining("the program ended while an iterator was still in use"),
    });
    const number = { code: [movReg(7, 0)] };
    const late = { code: [load("W", 0, 7, 0), exit] };
    expect(fault([begin(0, 1), next, number, destroy, late])).toMatchObject({
      message: expect.stringContaining("the iterator is destroyed"),
    });
  });

  test("live on the stack, aligned", () => {
    const at = (code: readonly Instruction[]): Step => ({
      call: "bpf_iter_num_new",
      code: [...code, movImm(2, 0), movImm(3, 1)],
    });
    expect(fault([at([]), giveBack])).toMatchObject({
      code: "bad-argument",
      message: expect.stringContaining("argument 1 is not on the stack"),
    });
    expect(fault([at([movReg(1, 10), addImm(1, -12)]), giveBack])).toMatchObject({
      code: "bad-argument",
      message: expect.stringContaining("argument 1 is at fp-12, which is not aligned to 8 bytes"),
    });
  });

  test("are neither read nor written by the program while in use, and their memory is free afterwards", () => {
    const write: Step = { code: [storeImm("W", 10, -4, 1)] };
    const read: Step = { code: [load("DW", 0, 10, -8), exit] };
    for (const use of [next, destroy]) {
      expect(fault([begin(0, 1), write, use, destroy, keep([]), giveBack])).toMatchObject({
        code: "bad-argument",
        message: expect.stringContaining("argument 1 is an iterator that the program wrote over"),
      });
    }
    expect(fault([begin(0, 1), read])).toMatchObject({ code: "uninitialised-stack" });
    expect(fault([begin(0, 1), destroy, read])).toMatchObject({ code: "uninitialised-stack" });
    const last = keep([load("W", 0, 10, -4)]);
    expect(run([begin(0, 1), destroy, write, last, giveBack]).result).toBe(1);
    expect(
      run([begin(0, 1), destroy, begin(4, 5), next, keep([load("W", 0, 0, 0)]), destroy, giveBack]).result,
    ).toBe(4);
  });

  test("another kernel function says that it is not simulated", () => {
    expect(() => run([{ call: "bpf_rcu_read_lock", code: [] }, { code: [movImm(0, 0), exit] }])).toThrow(
      "kernel function bpf_rcu_read_lock is called, which is not simulated yet",
    );
  });
});
