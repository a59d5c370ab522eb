import { BtfBuilder, type Instruction } from "@waggle/object";
import { describe, expect, test } from "vitest";
import { addImm, exit, insn, load, movImm, movReg, store, storeImm } from "../fixtures/code.js";
import type { Fixture } from "../fixtures/object.js";
import { helper, programSpec, simulation } from "../fixtures/object.js";

const packet = Uint8Array.from({ length: 20 }, (_, index) => index + 1);

function xdp(code: readonly Instruction[], byteOrder: Fixture["byteOrder"] = "little") {
  return simulation({ program: programSpec("xdp", [...code, exit]), byteOrder: byteOrder ?? "little" });
}
const data = 0;
const dataEnd = 4;
const dataMeta = 8;

describe.each(["little", "big"] as const)("XDP, %s-endian", (byteOrder) => {
  test("reads and writes the packet", () => {
    const { run } = xdp([load("W", 2, 1, data), storeImm("B", 2, 1, 0x55), load("H", 0, 2, 0)], byteOrder);
    const output = run({ data: packet });
    expect(output.result).toBe(byteOrder === "little" ? 0x5501 : 0x0155);
    expect(output.data).toEqual(Uint8Array.from(packet, (byte, index) => (index === 1 ? 0x55 : byte)));
    expect(output.instructions).toBe(4);
    expect(packet[1]).toBe(2);
  });

  test("the end less the start is the length", () => {
    const { run } = xdp([load("W", 2, 1, data), load("W", 0, 1, dataEnd), insn(0x1f, { src: 2 })], byteOrder);
    expect(run({ data: packet }).result).toBe(20);
  });

  test.each([
    ["ingressIfindex", 12, 1],
    ["rxQueueIndex", 16, 0],
    ["egressIfindex", 20, 0],
  ])("%s", (name, offset, fallback) => {
    const { run } = xdp([load("W", 0, 1, offset)], byteOrder);
    expect(run({ data: packet }).result).toBe(fallback);
    expect(run({ data: packet, [name]: 7 }).result).toBe(7);
    expect(() => run({ data: packet, [name]: -1 })).toThrow(new RegExp(`${name} is -1`));
  });
});

describe("XDP", () => {
  test("the packet ends where it ends, and starts where it starts", () => {
    const at = (offset: number) => () =>
      xdp([load("W", 2, 1, data), load("W", 0, 2, offset)]).run({ data: packet });
    expect(at(16)).not.toThrow();
    expect(at(17)).toThrow(/read of 4 bytes at offset 17 is outside the packet \(20 bytes\)\n/);
    expect(at(-1)).toThrow(expect.objectContaining({ code: "out-of-bounds" }));
  });

  test("the context is read by whole fields only", () => {
    const of = (instruction: Instruction) => () => xdp([movImm(0, 0), instruction]).run({ data: packet });
    expect(of(load("H", 0, 1, 12))).toThrow(/struct xdp_md are read whole/);
    expect(of(load("W", 0, 1, 24))).toThrow(/outside the context/);
    expect(of(storeImm("W", 1, 12, 1))).toThrow(/which is read-only/);
    expect(of(insn(0xc3, { dst: 1, src: 10, offset: 12 }))).toThrow(/read-only/);
  });

  test("atomics are not for packets", () => {
    const code = [load("W", 2, 1, data), movImm(0, 1), insn(0xc3, { dst: 2, src: 0 })];
    expect(() => xdp(code).run({ data: packet })).toThrow(/atomic operations are not allowed on the packet/);
  });

  const adjust = (name: string, delta: number, then: readonly Instruction[] = []) =>
    xdp([movReg(6, 1), load("W", 7, 1, data), movImm(2, delta), helper(name), ...then]);

  test("the head moves", () => {
    const grown = adjust("bpf_xdp_adjust_head", -4, [load("W", 2, 6, data), load("B", 0, 2, 4)]).run({
      data: packet,
    });
    expect(grown.result).toBe(1);
    expect(grown.data).toHaveLength(24);
    expect(adjust("bpf_xdp_adjust_head", 4).run({ data: packet }).data).toEqual(packet.subarray(4));
    expect(adjust("bpf_xdp_adjust_head", 7).run({ data: packet }).result | 0).toBe(-22);
    expect(adjust("bpf_xdp_adjust_head", -217).run({ data: packet }).result | 0).toBe(-22);
  });

  test("the tail moves", () => {
    expect(adjust("bpf_xdp_adjust_tail", -2).run({ data: packet }).data).toEqual(packet.subarray(0, 18));
    const grown = adjust("bpf_xdp_adjust_tail", 2).run({ data: packet });
    expect(grown.data).toEqual(new Uint8Array([...packet, 0, 0]));
    expect(adjust("bpf_xdp_adjust_tail", -7).run({ data: packet }).result | 0).toBe(-22);
    expect(adjust("bpf_xdp_adjust_tail", 4096).run({ data: packet }).result | 0).toBe(-22);
  });

  test("metadata goes before the packet", () => {
    const code = [load("W", 2, 6, dataMeta), storeImm("W", 2, 0, 9), load("W", 0, 2, 0)];
    const output = adjust("bpf_xdp_adjust_meta", -4, code).run({ data: packet });
    expect(output).toMatchObject({ result: 9, data: packet });
    expect(adjust("bpf_xdp_adjust_meta", -3).run({ data: packet }).result | 0).toBe(-22);
  });

  test("pointers from before a move are void", () => {
    const run = () => adjust("bpf_xdp_adjust_head", 2, [load("B", 0, 7, 4)]).run({ data: packet });
    expect(run).toThrow(
      /no longer valid \(packet: bpf_xdp_adjust_head moved it\)\n(.*\n)*.*take the pointer anew/,
    );
  });

  test("redirect says where to", () => {
    const code = (flags: number) => [movImm(1, 3), movImm(2, flags), helper("bpf_redirect")];
    expect(xdp(code(0)).run({ data: packet })).toMatchObject({ result: 4, redirect: 3 });
    expect(xdp(code(1)).run({ data: packet })).toMatchObject({ result: 0, redirect: null });
  });

  test("checksums differ by what changed", () => {
    const sum = (seed: number, toSize = 4) =>
      xdp([
        storeImm("W", 10, -4, 0x10),
        storeImm("W", 10, -8, 0x30),
        movReg(1, 10),
        addImm(1, -4),
        movImm(2, 4),
        movReg(3, 10),
        addImm(3, -8),
        movImm(4, toSize),
        movImm(5, seed),
        helper("bpf_csum_diff"),
      ]).run({ data: packet }).result;
    expect(sum(0)).toBe(0x20);
    expect(sum(5)).toBe(0x25);
    expect(sum(0, 3) | 0).toBe(-22);
  });

  test("input that does not fit is refused", () => {
    const { run } = xdp([movImm(0, 2)]);
    expect(() => run({})).toThrow(/run of p: data is missing or not a Uint8Array/);
    expect(() => run({ data: packet, ingresIfindex: 1 })).toThrow(
      /no input ingresIfindex .*\n.*did you mean ingressIfindex/,
    );
  });

  test("an error tells program, instruction, source line and help", () => {
    const { run } = xdp([movImm(2, 0), load("W", 0, 2, 4)]);
    expect(() => run({ data: packet })).toThrow(
      [
        "p: read of 4 bytes through a null pointer (offset 4)",
        "  at instruction 1: r0 = *(u32 *)(r2 +4)",
        "  at src/p.ts:3:5: static p(ctx) {",
        "  help: compare the result of the lookup, packet read or reservation with null before its use",
      ].join("\n"),
    );
    expect(run).toThrow(expect.objectContaining({ code: "bad-input", location: null }));
  });

  test("a program runs again after an error", () => {
    const { run } = xdp([load("W", 2, 1, data), load("W", 0, 2, 0)]);
    expect(() => run({ data: new Uint8Array(2) })).toThrow();
    expect(run({ data: packet }).result).toBe(0x04030201);
  });
});

describe("tracepoint", () => {
  const at = (target: string | null, instruction: Instruction, byteOrder: Fixture["byteOrder"] = "little") =>
    simulation({
      program: programSpec("tracepoint", [instruction, exit], { attachTarget: target }),
      byteOrder: byteOrder ?? "little",
    });
  const execve = "syscalls/sys_enter_execve";

  test.each(["little", "big"] as const)("fields of a known record, %s-endian", (order) => {
    expect(at(execve, load("W", 0, 1, 8), order).run({ fields: { __syscall_nr: 59 } }).result).toBe(59);
    expect(at(execve, load("DW", 0, 1, 24), order).run({ fields: { argv: 0x1234n } }).result).toBe(0x1234);
    expect(
      at("syscalls/sys_exit_read", load("DW", 0, 1, 16), order).run({ fields: { ret: -2 } }).result | 0,
    ).toBe(-2);
    expect(
      at("syscalls/sys_enter_futex", load("DW", 0, 1, 56), order).run({ fields: { arg5: 6 } }).result,
    ).toBe(6);
    expect(
      at("sched/sched_switch", load("B", 0, 1, 41), order).run({ fields: { next_comm: "sh" } }).result,
    ).toBe(0x68);
    expect(at(execve, load("DW", 0, 1, 32)).run().result).toBe(0);
  });

  test("a record as bytes", () => {
    const fields = new Uint8Array(16).fill(7, 8);
    expect(at(null, load("H", 0, 1, 8)).run({ fields }).result).toBe(0x0707);
    expect(() => at(null, load("DW", 0, 1, 16)).run({ fields })).toThrow(
      /outside the context \(tracepoint record\) \(16 bytes\)/,
    );
    expect(() => at(null, movImm(0, 0)).run({ fields: new Uint8Array(9000) })).toThrow(
      /record has 9000 bytes/,
    );
  });

  test("a parameter that is larger than any record is refused before memory is taken for it", () => {
    const builder = new BtfBuilder();
    const u8 = builder.add({ kind: "int", name: "u8", size: 1, bits: 8, bitOffset: 0, encoding: "unsigned" });
    const huge = builder.add({ kind: "array", type: u8, index: u8, length: 0x7fff_0000 });
    const record = builder.add({
      kind: "struct",
      name: "record",
      size: 0x7fff_0010,
      members: [{ name: "all", type: huge, bitOffset: 128, bitSize: 0 }],
    });
    const pointer = builder.add({ kind: "pointer", type: record });
    const proto = builder.add({
      kind: "function-proto",
      returns: u8,
      params: [{ name: "ctx", type: pointer }],
    });
    const type = builder.add({ kind: "function", name: "p", type: proto, linkage: "global" });
    const program = programSpec("tracepoint", [movImm(0, 0), exit], {
      functions: [{ instruction: 0, name: "p", type }],
    });
    const before = process.memoryUsage().arrayBuffers;
    expect(simulation({ program, btf: builder.build() }).run).toThrow(
      /parameter has 2147418128 bytes\n.*a record has at most 8192 bytes/,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  test("the common fields are closed, and nothing is written", () => {
    expect(() => at(execve, load("H", 0, 1, 0)).run()).toThrow(
      /first 8 bytes \(common_\* fields\) are not open/,
    );
    expect(() => at(execve, load("W", 0, 1, 10)).run()).toThrow(/multiple of their size/);
    expect(() => at(execve, store("DW", 1, 16, 10)).run()).toThrow(/read-only/);
  });

  test("input that does not fit is refused", () => {
    const { run } = at(execve, movImm(0, 0));
    expect(() => run({ fields: { filenam: 1 } })).toThrow(/no field filenam\n.*did you mean filename\?/);
    expect(() => run({ fields: { argv: 1.5 } })).toThrow(/field argv is not a whole number/);
    expect(() => run({ fields: { __syscall_nr: 2 ** 40 } })).toThrow(/does not fit 32 bits/);
    expect(() => run({ fields: [1] })).toThrow(/neither an object nor a Uint8Array/);
    expect(() => at("sched/sched_switch", movImm(0, 0)).run({ fields: { prev_comm: 3 } })).toThrow(
      /prev_comm is not a string/,
    );
    expect(() => at("net/netif_rx", movImm(0, 0)).run({ fields: { len: 3 } })).toThrow(
      /fields of tracepoint net\/netif_rx are not known here/,
    );
  });

  test("packet helpers are not for it", () => {
    expect(() =>
      simulation({
        program: programSpec("tracepoint", [movImm(1, 1), movImm(2, 0), helper("bpf_redirect"), exit]),
      }).run(),
    ).toThrow(/bpf_redirect: the program has no packet/);
  });
});

test("other program types are not simulated yet", () => {
  const { run } = simulation({ program: programSpec("kprobe", [movImm(0, 0), exit]) });
  expect(run).toThrow(/program p is of type kprobe, which is not simulated yet\n.*xdp and tracepoint/);
});
