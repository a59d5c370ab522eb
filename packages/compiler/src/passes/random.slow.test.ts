import { expect, test } from "vitest";
import { checkFunction } from "../ir/check.js";
import { interpret } from "../ir/interpret.js";
import { parseFunction } from "../ir/parse.js";
import { printFunction } from "../ir/print.js";
import type { IrFunction } from "../ir/types.js";
import { mergeCommonSubexpressions } from "./common-subexpressions.js";
import { cleanControlFlow } from "./control-flow.js";
import { removeDeadCode } from "./dead-code.js";
import { removeDeadStores } from "./dead-stores.js";
import { bufferSize, randomFunction, randomNumbers } from "./fixtures/random-function.js";
import { forwardCopies } from "./forward-copies.js";
import { forwardStores } from "./forward-stores.js";
import { inferRegions } from "./infer-regions.js";
import { mergeStores } from "./merge-stores.js";
import { mergeTails } from "./merge-tails.js";
import { optimizeFunction } from "./pipeline.js";
import { promoteSlots } from "./promote-slots.js";
import { shareSlots } from "./share-slots.js";
import { simplify } from "./simplify.js";
import { threadJumps } from "./thread-jumps.js";

const context = 64n;
const buffer = 128n;

/** What a function does, as text: its result, the buffer after it, and the helpers it called with what. */
function behaviour(f: IrFunction, seed: number): string {
  const random = randomNumbers(seed);
  const memory = new Uint8Array(1024);
  const number = () => (BigInt(random(0xffff_ffff)) << 32n) | BigInt(random(0xffff_ffff));
  for (let at = 64; at < 128 + bufferSize; at += 1) memory[at] = random(256);
  const calls: string[] = [];
  const result = interpret(f, [context, buffer, BigInt(random(300)) - 20n, random(2) === 0 ? number() : 5n], {
    memory,
    fuel: 20_000,
    helper: (name, args, bytes) => {
      const seen = args.map((address) => bytes.slice(Number(address), Number(address) + 8).join());
      calls.push(`${name}(${seen.join("; ")})`);
      // The context is new after it, as after bpf_xdp_adjust_head.
      if (name === "bpf_xdp_adjust_head") bytes[64 + (calls.length % 16)] = calls.length;
      return BigInt(calls.length) * 0x1_0000_0001n;
    },
  });
  return `${result} ${memory.subarray(128, 128 + bufferSize).join()} ${calls.join(" ")}`;
}

const passes: Record<string, (f: IrFunction) => IrFunction> = {
  "promote-slots": (f) => promoteSlots(f),
  simplify: (f) => simplify(f, { byteOrder: "little" }),
  "promote-slots, then simplify": (f) => simplify(promoteSlots(f), { byteOrder: "little" }),
  "common-subexpressions": mergeCommonSubexpressions,
  "dead-code": removeDeadCode,
  "control-flow": cleanControlFlow,
  "thread-jumps": (f) => threadJumps(f),
  "promote-slots, then thread-jumps": (f) => threadJumps(promoteSlots(f)),
  "infer-regions, then forward-stores": (f) => forwardStores(inferRegions(f)),
  "forward-copies": forwardCopies,
  "dead-stores": removeDeadStores,
  "merge-stores": (f) => mergeStores(f, { byteOrder: "little" }),
  "share-slots": shareSlots,
  "merge-tails": mergeTails,
  "forward-stores, dead-stores, merge-stores and share-slots": (f) =>
    shareSlots(mergeStores(removeDeadStores(forwardStores(f)), { byteOrder: "little" })),
  "level 0": (f) => optimizeFunction(f, { level: 0, byteOrder: "little", check: true }),
  "level 1": (f) => optimizeFunction(f, { level: 1, byteOrder: "little", check: true }),
  "level 2": (f) => optimizeFunction(f, { level: 2, byteOrder: "little", check: true }),
};
const runs = [0, 1, 2];
const originals = Array.from({ length: 200 }, (_, index) => {
  const f = randomFunction(index + 1);
  return { seed: index + 1, f, wanted: runs.map((run) => behaviour(f, index * 8 + run)) };
});

test.each(Object.entries(passes))("%s keeps what random functions do", (_, pass) => {
  for (const { seed, f, wanted } of originals) {
    const after = pass(f);
    const shown = () => `seed ${seed}\n${printFunction(f)}\n${printFunction(after)}`;
    const problems = checkFunction(after);
    if (problems.length > 0) expect.fail(`${problems.join("\n")}\n${shown()}`);
    for (const run of runs) {
      const got = behaviour(after, (seed - 1) * 8 + run);
      if (wanted[run] !== got) expect.fail(`${wanted[run]}\n${got}\n${shown()}`);
    }
  }
});

test("random functions are sound and read back as they were written", () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const f = randomFunction(seed);
    expect(checkFunction(f)).toEqual([]);
    expect(printFunction(parseFunction(printFunction(f)))).toBe(printFunction(f));
  }
});

test("no pointer is compared with null after a checked packet pointer went through a local", () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const text = printFunction(optimizeFunction(randomFunction(seed), { level: 2, byteOrder: "little" }));
    expect(text).not.toMatch(/const\.ptr 0/);
  }
});
