/** Loops of every form do what the plain loop does, on the interpreter and in the running kernel. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileModule } from "../../compile.js";
import { checkModule } from "../../ir/check.js";
import { interpret } from "../../ir/interpret.js";
import { parseModule } from "../../ir/parse.js";
import { printModule } from "../../ir/print.js";
import type { IrFunction, LoopHint, Module } from "../../ir/types.js";
import { randomNumbers } from "../fixtures/random-function.js";
import { packetSize, randomLoops } from "../fixtures/random-loops.js";
import { makeLoops } from "../make-loops.js";
import { optimize } from "../pipeline.js";

const forms: Readonly<Record<string, readonly Exclude<LoopHint["form"], "bounded">[]>> = {
  unrolled: ["unroll"],
  callbacks: ["callback"],
  iterators: ["iterator"],
  "all forms": ["unroll", "callback", "iterator"],
};

const moduleOf = (f: IrFunction): Module => ({
  name: "Random",
  license: "GPL",
  sources: [],
  functions: [f],
  maps: [],
  data: [],
  externs: [],
});

function packet(seed: number): Uint8Array {
  const random = randomNumbers(seed);
  return Uint8Array.from({ length: packetSize }, () => (random(3) === 0 ? random(256) : random(4)));
}

/** The result and the packet afterwards. */
function behaviour({ functions }: Module, seed: number): string {
  const memory = new Uint8Array(4096);
  const view = new DataView(memory.buffer);
  memory.set(packet(seed), 128);
  view.setUint32(64, 128, true);
  view.setUint32(68, 128 + packetSize, true);
  const [f] = functions;
  if (f === undefined) throw new Error("no program");
  const result = interpret(f, [64n], { memory, functions, fuel: 100_000 });
  return `${result} ${memory.subarray(128, 128 + packetSize).join()}`;
}

test.each(Object.entries(forms))("%s keep what random programs do", (_, list) => {
  for (let seed = 1; seed <= 80; seed += 1) {
    const plain = moduleOf(randomLoops(seed, list));
    const wanted = [1, 2].map((run) => behaviour(plain, seed + run));
    const made = makeLoops(plain);
    const shown = () => `seed ${seed}\n${printModule(plain)}\n${printModule(made)}`;
    const problems = checkModule(made);
    if (problems.length > 0) expect.fail(`${problems.join("\n")}\n${shown()}`);
    for (const module of [
      made,
      ...([0, 2] as const).map((level) => optimize(plain, { level, byteOrder: "little", check: true })),
    ]) {
      expect(
        [1, 2].map((run) => behaviour(module, seed + run)),
        shown(),
      ).toEqual(wanted);
    }
  }
});

function whyNoKernel(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "loading needs root on Linux";
  const probe = spawnSync("bpftool", ["prog", "list"], { encoding: "utf8" });
  if (probe.error !== undefined) return "bpftool is not installed";
  return probe.status === 0 ? null : `bpftool: ${probe.stderr.trim()}`;
}
const reason = whyNoKernel();

/** Loads the module's program, runs it on a packet, and says what `behaviour` says. */
function inKernel(module: Module, seed: number, folder: string): string {
  const { compiled, diagnostics } = compileModule(module, { byteOrder: "little", cpu: 3 });
  if (compiled === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const [object, input, output] = ["o", "in", "out"].map((end) => join(folder, `program.${end}`));
  const pin = `/sys/fs/bpf/${folder.split("/").at(-1)}`;
  writeFileSync(object ?? "", compiled.object);
  writeFileSync(input ?? "", packet(seed));
  const bpftool = (args: readonly string[]) => {
    const { status, stderr, stdout } = spawnSync("bpftool", args, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr.slice(-6000));
    return stdout;
  };
  try {
    bpftool(["prog", "load", object ?? "", pin]);
    const said = bpftool([
      "-j",
      "prog",
      "run",
      "pinned",
      pin,
      "data_in",
      input ?? "",
      "data_out",
      output ?? "",
    ]);
    const { retval }: { retval: number } = JSON.parse(said);
    return `${retval} ${readFileSync(output ?? "")
      .subarray(0, packetSize)
      .join()}`;
  } finally {
    rmSync(pin, { force: true });
  }
}

test.skipIf(reason !== null).each(Object.entries(forms))(
  `%s do in the kernel what they do as IR${reason === null ? "" : ` (skipped: ${reason})`}`,
  (_, list) => {
    const folder = mkdtempSync(join(tmpdir(), "waggle-loops-"));
    try {
      for (let seed = 1; seed <= 24; seed += 1) {
        const plain = moduleOf(randomLoops(seed, list));
        const level = seed % 2 === 0 ? 0 : 2;
        const module = optimize(plain, { level, byteOrder: "little", check: true });
        let got: string;
        try {
          got = inKernel(module, seed + 1, folder);
        } catch (error) {
          expect.fail(`seed ${seed} level ${level}: ${error}\n${printModule(module)}`);
        }
        expect(got, `seed ${seed}`).toBe(behaviour(plain, seed + 1));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);

const overMap = `module M license "GPL"
map stats "hash" entries 8 key u32 value u64
function sum section "xdp" -> i32 {
slot s0 "total" size 8 align 8
loop b1 callback map stats
b0:
  v0 = slot s0
  v1 = const.i64 0
  store.u64 v0+0, v1 stack
  jump b1
b1:
  v2 = element.more stats
  branch v2, b2, b4
b2:
  v3 = element.key stats
  v4 = load.u32 v3+0 map
  v5 = const.i32 3
  v6 = eq v4, v5
  branch v6, b5, b3
b3:
  v7 = element.value stats
  v8 = load.u64 v7+0 map
  v9 = load.u64 v0+0 stack
  v10 = add.i64 v8, v9
  store.u64 v0+0, v10 stack
  jump b1
b4:
  v11 = load.u64 v0+0 stack
  v12 = trunc32 v11
  return v12
b5:
  v13 = const.i32 99
  return v13
}
`;

test("a loop over a map becomes a callback for each element", () => {
  const plain = parseModule(overMap);
  const made = makeLoops(plain);
  expect(checkModule(made)).toEqual([]);
  expect(made.functions.map(({ name }) => name)).toEqual(["sum", "sum__loop1"]);
  for (const [keys, wanted] of [
    [[1, 2, 4], 60n],
    [[1, 3, 2], 99n],
    [[], 0n],
  ] as const) {
    for (const module of [plain, made, optimize(plain, { level: 2, byteOrder: "little", check: true })]) {
      const memory = new Uint8Array(1024);
      const elements = keys.map((key, index) => {
        const at = 64 + index * 16;
        memory[at] = key;
        memory[at + 8] = 20;
        return [BigInt(at), BigInt(at + 8)] as const;
      });
      const [f] = module.functions;
      if (f === undefined) throw new Error("no program");
      expect(interpret(f, [], { memory, functions: module.functions, elements: () => elements })).toBe(
        wanted,
      );
    }
  }
});
