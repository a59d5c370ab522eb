/** Variables in scratch memory are what they were on the stack, for the interpreter and the kernel. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileModule } from "../compile.js";
import { checkModule } from "../ir/check.js";
import { interpret } from "../ir/interpret.js";
import { parseModule } from "../ir/parse.js";
import { optimize } from "./pipeline.js";
import { moveToScratch } from "./scratch.js";

/** Fills 75 places of `big` with the number of each and adds them up; `sub` has a `big` of its own, of 50 places. */
const summing = (name: string, head: string, places: number, before = ""): string => `
function ${name} ${head} {
prototype (ctx: *void) -> u64
slot s0 "big" size ${places * 8} align 8
slot s1 "small" size 8 align 8
b0(v0: ptr):
${before}
  v1 = slot s0
  v2 = slot s1
  v3 = const.i64 0
  v7 = const.i64 3
  store.u64 v2+0, v3 stack
  zero v1+0 size ${places * 8} align 8 stack
  jump b1(v3)
b1(v4: i64):
  v5 = const.i64 ${places}
  v6 = ult v4, v5
  branch v6, b2, b3(v3)
b2:
  v8 = shl.i64 v4, v7
  v9 = offset v1, v8
  store.u64 v9+0, v4 stack
  v10 = const.i64 1
  v11 = add.i64 v4, v10
  jump b1(v11)
b3(v12: i64):
  v13 = ult v12, v5
  branch v13, b4, b5
b4:
  v14 = shl.i64 v12, v7
  v15 = offset v1, v14
  v16 = load.u64 v15+0 stack
  v17 = load.u64 v2+0 stack
  v18 = add.i64 v16, v17
  store.u64 v2+0, v18 stack
  v19 = const.i64 1
  v20 = add.i64 v12, v19
  jump b3(v20)
b5:
  v21 = load.u64 v2+0 stack
`;

const text = `module Sums license "GPL"
${summing("program", 'section "xdp" -> i32', 75, "  v30 = call.i64 sub(v0)")}
  v31 = add.i64 v21, v30
  v32 = trunc32 v31
  return v32
}
${summing("sub", "inline never -> i64", 50)}
  return v21
}
`;

/** 0 to 74, and 0 to 49. */
const wanted = (74 * 75) / 2 + (49 * 50) / 2;

test("the deepest chain of calls fits afterwards, each function with a part of its own", () => {
  const module = parseModule(text);
  expect(checkModule(module)).toEqual([]);
  const { module: made, moved } = moveToScratch(module, 32);
  expect(checkModule(made)).toEqual([]);
  expect(
    moved.map(({ function: f, slots }) => [f.name, slots.map(({ name, size }) => [name, size])]),
  ).toEqual([["program", [["big", 600]]]]);
  for (const { functions, maps } of [module, made]) {
    const memory = new Uint8Array(8192);
    const [f] = functions;
    if (f === undefined) throw new Error("no program");
    const address = () => 64n;
    // The lookup gives the value's address: the second function's part follows the first's.
    const helper = (name: string) => (name === "bpf_map_lookup_elem" ? 1024n : 0n);
    expect(interpret(f, [64n], { memory, functions, address, helper })).toBe(BigInt(wanted));
    expect(maps.length).toBe(functions === module.functions ? 0 : 1);
  }
});

test("what holds pointers or is given to a callback stays", () => {
  const held = parseModule(`module M license "GPL"
function f section "xdp" {
slot s0 "pointers" size 600 align 8
b0(v0: ptr):
  v1 = slot s0
  store.u64 v1+0, v0 stack
  return
}
`);
  expect(moveToScratch(held, 0).moved).toEqual([]);
  const given = parseModule(`module M license "GPL"
function g -> i64 {
b0(v0: i32, v1: ptr):
  v2 = const.i64 0
  return v2
}
function f section "xdp" {
slot s0 "captured" size 600 align 8
b0(v0: ptr):
  v1 = slot s0
  v2 = const.i32 3
  v3 = function g
  v4 = const.i64 0
  helper bpf_loop(v2, v3, v1, v4)
  return
}
`);
  expect(moveToScratch(given, 0).moved).toEqual([]);
});

function whyNoKernel(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "loading needs root on Linux";
  const probe = spawnSync("bpftool", ["prog", "list"], { encoding: "utf8" });
  if (probe.error !== undefined) return "bpftool is not installed";
  return probe.status === 0 ? null : `bpftool: ${probe.stderr.trim()}`;
}
const reason = whyNoKernel();

test.skipIf(reason !== null).each([0, 2] as const)(
  `the kernel runs it, level %d${reason === null ? "" : ` (skipped: ${reason})`}`,
  (level) => {
    const module = optimize(parseModule(text), { level, byteOrder: "little", check: true });
    const { compiled, diagnostics } = compileModule(module, { byteOrder: "little", cpu: 3 });
    expect(diagnostics.map(({ code }) => code)).toEqual(["WG3006"]);
    const folder = mkdtempSync(join(tmpdir(), "waggle-scratch-"));
    const pin = `/sys/fs/bpf/${folder.split("/").at(-1)}`;
    const [object, input, output] = ["o", "in", "out"].map((end) => join(folder, `sums.${end}`));
    const bpftool = (args: readonly string[]) => spawnSync("bpftool", args, { encoding: "utf8" });
    try {
      writeFileSync(object ?? "", compiled?.object ?? new Uint8Array());
      writeFileSync(input ?? "", new Uint8Array(64));
      const loaded = bpftool(["prog", "load", object ?? "", pin]);
      expect(loaded.stderr.slice(-4000)).not.toContain("Error");
      const run = ["-j", "prog", "run", "pinned", pin, "data_in", input ?? "", "data_out", output ?? ""];
      const { retval }: { retval: number } = JSON.parse(bpftool(run).stdout);
      expect(retval).toBe(wanted);
      expect(readFileSync(output ?? "").length).toBe(64);
    } finally {
      rmSync(pin, { force: true });
      rmSync(folder, { recursive: true });
    }
  },
);
