/** Random functions must do as code what they do as IR: on every cpu, in both byte orders, and short of registers. */
import type { ByteOrder } from "@waggle/object";
import { disassemble, helperByName, InstructionClass, JumpOp } from "@waggle/object";
import { expect, test } from "vitest";
import { interpret } from "../ir/interpret.js";
import { printFunction } from "../ir/print.js";
import type { IrFunction } from "../ir/types.js";
import { bufferSize, randomFunction, randomNumbers } from "../passes/fixtures/random-function.js";
import { optimizeFunction } from "../passes/pipeline.js";
import { runCode } from "./fixtures/run-code.js";
import { generate } from "./generate.js";
import type { Cpu } from "./target-error.js";

const context = 64n;
const buffer = 128n;

/** Helpers that random functions give an address. */
const readers = ["bpf_get_prandom_u32", "bpf_map_delete_elem"];

interface World {
  readonly memory: Uint8Array;
  readonly args: readonly bigint[];
  readonly calls: string[];
  readonly helper: (id: number, key: bigint) => bigint;
}

/** The same start for both runs: what is in memory, the arguments, and what helpers answer. */
function world(seed: number): World {
  const random = randomNumbers(seed);
  const memory = new Uint8Array(2048);
  for (let at = 64; at < 128 + bufferSize; at += 1) memory[at] = random(256);
  const number = () => (BigInt(random(0xffff_ffff)) << 32n) | BigInt(random(0xffff_ffff));
  const calls: string[] = [];
  const helper = (id: number, key: bigint): bigint => {
    const reads = readers.some((name) => id === helperByName(name)?.id);
    calls.push(reads ? `${id}(${memory.slice(Number(key), Number(key) + 8).join()})` : `${id}`);
    return BigInt(calls.length) * 0x1_8000_0001n;
  };
  return {
    memory,
    args: [context, buffer, BigInt(random(0xffff_ffff)), random(2) === 0 ? number() : 5n],
    calls,
    helper,
  };
}

function outcome(result: bigint | null, { memory, calls }: World): string {
  return `${result} ${memory.subarray(128, 128 + bufferSize).join()} ${calls.join(" ")}`;
}

function runIr(f: IrFunction, seed: number, byteOrder: ByteOrder): string {
  const w = world(seed);
  const result = interpret(f, w.args, {
    memory: w.memory,
    byteOrder,
    helper: (name, args) => w.helper(helperByName(name)?.id ?? 0, args[0] ?? 0n),
  });
  return outcome(result, w);
}

const cases = ([1, 2, 3, 4] as const).flatMap((cpu: Cpu) =>
  (["little", "big"] as const).flatMap((byteOrder) =>
    [10, 4].map((registers) => ({ cpu, byteOrder, registers })),
  ),
);

test.each(cases)("cpu v$cpu, $byteOrder endian, $registers registers", ({ cpu, byteOrder, registers }) => {
  for (let seed = 1; seed <= 120; seed += 1) {
    const original = randomFunction(seed, 30);
    const f = seed % 2 === 0 ? original : optimizeFunction(original, { level: 2, byteOrder });
    // 4 registers cannot hold the arguments of a call; the functions here pass one at most.
    const { instructions } = generate(f, { cpu, byteOrder, registers, check: true });
    for (const run of [1, 2]) {
      const wanted = runIr(f, seed * 8 + run, byteOrder);
      const w = world(seed * 8 + run);
      const shown = () => `seed ${seed}\n${printFunction(f)}\n${disassemble(instructions).join("\n")}`;
      let got: string;
      try {
        const result = runCode(instructions, w.args, {
          memory: w.memory,
          byteOrder,
          helper: (id, args) => w.helper(id, args[0] ?? 0n),
        });
        got = outcome(result, w);
      } catch (error) {
        expect.fail(`${error}\n${shown()}`);
      }
      if (got !== wanted) expect.fail(`${wanted}\n${got}\n${shown()}`);
    }
    if (cpu === 1) {
      const newer = instructions.filter(({ opcode }) => {
        const group = opcode & 7;
        const jump = opcode & 0xf0;
        const isLess = [JumpOp.Jlt, JumpOp.Jle, JumpOp.Jslt, JumpOp.Jsle].some(
          (operator) => operator === jump,
        );
        return group === InstructionClass.Jmp32 || (group === InstructionClass.Jmp && isLess);
      });
      expect(newer).toEqual([]);
    }
  }
});
