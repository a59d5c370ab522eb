/** What libbpf and the kernel make of kernel functions, relocated numbers, variables, global functions, callbacks and atomics. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disassemble, parseBtf, readElf, readObject, SymbolBind, SymbolType } from "@waggle/object";
import { expect, test } from "vitest";
import { compileModule } from "../compile.js";
import { parseModule } from "../ir/parse.js";
import { optimize } from "../passes/pipeline.js";

const text = `module Kernel license "GPL"
type %task_struct = struct task_struct size 4 align 4 { tgid: i32 @0 }
type %tcp_state = enum bpf_map_type size 4 { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2 }
map cells "array" entries 4 key u32 value u64
data hits section ".data" mutable: u64 = 0x0500000000000000
data last section ".bss" mutable: u64 = 0x0000000000000000
data table section ".rodata": [u32; 2] = 0x0700000009000000

function twice global inline never -> i64 {
prototype (number: u64) -> u64
b0(v0: i64):
  v1 = add.i64 v0, v0
  return v1
}

function program section "xdp" -> i32 {
prototype (ctx: *void) -> i32
slot s0 "total" size 8 align 8
loop b3 callback map cells
b0(v0: ptr):
  v1 = load.u32.ptr v0+0 context
  v2 = load.u32.ptr v0+4 context
  v3 = const.i64 64
  v4 = offset v1, v3
  v5 = ugt v4, v2
  branch v5, b1, b2
b1:
  v6 = const.i32 1
  return v6
b2:
  v10 = global hits
  v11 = const.i64 3
  v12 = atomic.add.i64 v10+0, v11
  store.u64 v1+0, v12 packet
  v13 = const.i64 8
  v14 = const.i64 100
  v15 = compare-exchange.i64 v10+0, v13, v14
  store.u64 v1+8, v15 packet
  v16 = atomic.exchange.i64 v10+0, v11
  store.u64 v1+16, v16 packet
  v17 = relocated.i64 0 %task_struct "0:0" = 0
  store.u64 v1+24, v17 packet
  v18 = relocated.i64 11 %tcp_state "1" = 2
  store.u64 v1+32, v18 packet
  v19 = relocated.i32 2 %task_struct "0:0" = 1
  store.u32 v1+40, v19 packet
  v20 = global table
  v21 = load.u32 v20+4 readonly
  store.u32 v1+44, v21 packet
  v22 = const.i64 21
  v23 = call.i64 twice(v22)
  store.u64 v1+48, v23 packet
  v24 = slot s0
  v25 = const.i64 0
  store.u64 v24+0, v25 stack
  jump b3
b3:
  v26 = element.more cells
  branch v26, b4, b5
b4:
  v27 = element.key cells
  v28 = load.u32 v27+0 map
  v29 = zext32 v28
  v30 = load.u64 v24+0 stack
  v31 = add.i64 v30, v29
  store.u64 v24+0, v31 stack
  jump b3
b5:
  v32 = load.u64 v24+0 stack
  store.u64 v1+56, v32 packet
  v33 = global last
  store.u64 v33+0, v32 map
  v34 = const.i32 2
  return v34
}

function task section "tp_btf/sched_switch" -> i32 {
prototype (ctx: *u64) -> i32
b0(v0: ptr):
  kfunc bpf_rcu_read_lock()
  kfunc bpf_rcu_read_unlock()
  v1 = const.i32 0
  return v1
}

extern bpf_rcu_read_lock ()
extern bpf_rcu_read_unlock ()
`;

function objectOf(level: 0 | 2): Uint8Array {
  const module = optimize(parseModule(text), { level, byteOrder: "little", check: true });
  const { compiled, diagnostics } = compileModule(module, { byteOrder: "little", cpu: 3 }, { check: true });
  if (compiled === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return compiled.object;
}

test("kernel functions are undefined symbols, described in .ksyms", () => {
  const elf = readElf(objectOf(2));
  const symbol = elf.symbols.find(({ name }) => name === "bpf_rcu_read_lock");
  expect(symbol).toMatchObject({ bind: SymbolBind.Global, type: SymbolType.NoType, section: 0 });
  const { btf } = parseBtf(elf.sections.find(({ name }) => name === ".BTF")?.data ?? new Uint8Array());
  const section = btf.types.find((type) => type.kind === "section" && type.name === ".ksyms");
  const functions = section?.kind === "section" ? section.variables.map(({ type }) => btf.types[type]) : [];
  expect(functions).toMatchObject([
    { kind: "function", name: "bpf_rcu_read_lock", linkage: "extern" },
    { kind: "function", name: "bpf_rcu_read_unlock", linkage: "extern" },
  ]);
});

test("a call of a kernel function reads back, by name", () => {
  const task = readObject(objectOf(2)).programs.find(({ name }) => name === "task");
  expect(task?.kernelCalls).toEqual([
    { instruction: 0, name: "bpf_rcu_read_lock" },
    { instruction: 1, name: "bpf_rcu_read_unlock" },
  ]);
  expect(disassemble(task?.instructions ?? [])[0]).toMatch(/^call /);
});

test("a global function is a global symbol and global in BTF", () => {
  const elf = readElf(objectOf(2));
  expect(elf.symbols.find(({ name }) => name === "twice")?.bind).toBe(SymbolBind.Global);
  const { btf } = parseBtf(elf.sections.find(({ name }) => name === ".BTF")?.data ?? new Uint8Array());
  expect(btf.types.find((type) => type.kind === "function" && type.name === "twice")).toMatchObject({
    linkage: "global",
  });
});

/** Why objects cannot be loaded into a kernel here; null when they can. */
function whyNoKernel(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "loading needs root on Linux";
  const probe = spawnSync("bpftool", ["prog", "list"], { encoding: "utf8" });
  if (probe.error !== undefined) return "bpftool is not installed";
  return probe.status === 0 ? null : `bpftool: ${probe.stderr.trim()}`;
}
const reason = whyNoKernel();

function bpftool(args: readonly string[]): string {
  const { status, stderr, stdout } = spawnSync("bpftool", args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(stderr.slice(-6000));
  return stdout;
}

/** Bytes from the start of the running kernel's task_struct. */
function offsetOfTgid(): number {
  const dump = bpftool(["btf", "dump", "file", "/sys/kernel/btf/vmlinux"]);
  const start = dump.indexOf("STRUCT 'task_struct' ");
  return Number(/'tgid' type_id=\d+ bits_offset=(\d+)/.exec(dump.slice(start))?.[1]) / 8;
}

test.skipIf(reason !== null).each([0, 2] as const)(
  `the kernel runs it, level %d${reason === null ? "" : ` (skipped: ${reason})`}`,
  (level) => {
    const folder = mkdtempSync(join(tmpdir(), "waggle-emit-"));
    const pins = `/sys/fs/bpf/${folder.split("/").at(-1)}`;
    const [object, input, output] = ["o", "in", "out"].map((end) => join(folder, `kernel.${end}`));
    try {
      writeFileSync(object ?? "", objectOf(level));
      writeFileSync(input ?? "", new Uint8Array(64));
      bpftool(["prog", "loadall", object ?? "", pins]);
      const run = ["prog", "run", "pinned", join(pins, "program")];
      bpftool([...run, "data_in", input ?? "", "data_out", output ?? ""]);
      const view = new DataView(Uint8Array.from(readFileSync(output ?? "")).buffer);
      const wide = [0, 8, 16, 24, 32, 48, 56].map((at) => Number(view.getBigUint64(at, true)));
      // 5 + 3 is 8, which becomes 100, which becomes 3; keys 0 to 3 of the array add up to 6.
      expect(wide).toEqual([5, 8, 100, offsetOfTgid(), 2, 42, 6]);
      expect([view.getUint32(40, true), view.getUint32(44, true)]).toEqual([1, 9]);
    } finally {
      rmSync(pins, { recursive: true, force: true });
      rmSync(folder, { recursive: true });
    }
  },
);
