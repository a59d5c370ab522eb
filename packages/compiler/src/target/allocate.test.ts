/** The checker must find what is wrong: it is what the other tests trust. */
import { expect, test } from "vitest";
import { randomFunction } from "../passes/fixtures/random-function.js";
import type { AllocatedFunction, AllocatedInstruction } from "./allocate.js";
import { allocate } from "./allocate.js";
import { checkAllocation } from "./check-allocation.js";
import { sequentialise } from "./copies.js";
import { layoutFrame } from "./frame.js";
import type { MachineFunction } from "./machine.js";
import { definitionsOf, mapRegisters, physical, usesOf } from "./machine.js";
import { selectFunction } from "./select.js";

function machineOf(seed: number): MachineFunction {
  const f = randomFunction(seed, 40);
  return selectFunction(f, { byteOrder: "little", cpu: 3 }, layoutFrame(f.slots));
}

/** The allocation with each instruction replaced by what `change` makes of it. */
function damage(
  f: AllocatedFunction,
  change: (entry: AllocatedInstruction) => readonly AllocatedInstruction[],
): AllocatedFunction {
  return {
    ...f,
    blocks: f.blocks.map((block) => ({ ...block, instructions: block.instructions.flatMap(change) })),
  };
}

test("sound allocations are proven, with all registers and with few", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const machine = machineOf(seed);
    for (const registers of [10, 4])
      expect(checkAllocation(machine, allocate(machine, registers))).toEqual([]);
  }
});

test("few registers force values to the stack", () => {
  const machine = machineOf(3);
  expect(allocate(machine, 4).frameBytes).toBeGreaterThan(machine.frameBytes);
});

test("a reload left out is found", () => {
  const machine = machineOf(3);
  const allocated = allocate(machine, 4);
  const without = damage(allocated, (entry) => (entry.instruction.op === "reload" ? [] : [entry]));
  expect(checkAllocation(machine, without)).not.toEqual([]);
});

test("a reload from another slot is found", () => {
  const machine = machineOf(3);
  const moved = damage(allocate(machine, 4), (entry) =>
    entry.instruction.op === "reload"
      ? [{ ...entry, instruction: { ...entry.instruction, offset: entry.instruction.offset - 8 } }]
      : [entry],
  );
  expect(checkAllocation(machine, moved)).not.toEqual([]);
});

test("each instruction that reads another register is found", () => {
  const machine = machineOf(5);
  const allocated = allocate(machine, 6);
  // Nothing is ever put into r9 here.
  expect(
    allocated.blocks.flatMap(({ instructions }) =>
      instructions.flatMap(({ instruction }) => definitionsOf(instruction)),
    ),
  ).not.toContain(9);
  let damaged = 0;
  for (const target of allocated.blocks.flatMap(({ instructions }) => instructions)) {
    if (usesOf(target.instruction).length === 0 || target.instruction.op === "move") continue;
    // A value that is saved and never fetched again may be anything; calls read fixed registers.
    if (target.origin === null || target.instruction.op.startsWith("call")) continue;
    const [read] = usesOf(target.instruction);
    const swapped = damage(allocated, (entry) =>
      entry === target
        ? [
            {
              ...entry,
              instruction: mapRegisters(entry.instruction, (r) => (r === read ? physical(9) : r)),
            },
          ]
        : [entry],
    );
    expect(checkAllocation(machine, swapped)).not.toEqual([]);
    damaged += 1;
  }
  expect(damaged).toBeGreaterThan(20);
});

test("an instruction left out or changed is found", () => {
  const machine = machineOf(5);
  const allocated = allocate(machine);
  const without = damage(allocated, (entry) => (entry.instruction.op === "store" ? [] : [entry]));
  expect(checkAllocation(machine, without)).toContainEqual(expect.stringContaining("store is missing"));
  const changed = damage(allocated, (entry) =>
    entry.instruction.op === "store"
      ? [{ ...entry, instruction: { ...entry.instruction, offset: 0 } }]
      : [entry],
  );
  expect(checkAllocation(machine, changed)).toContainEqual(expect.stringContaining("store was changed"));
});

test("parallel copies: chains, fans and cycles", () => {
  const r = physical;
  const run = (copies: readonly (readonly [number, number])[]): number[] => {
    const values = new Map(Array.from({ length: 8 }, (_, index) => [index, index]));
    let next = 100;
    const list = sequentialise(
      copies.map(([dst, src]) => ({ dst: r(dst), src: r(src) })),
      () => r(next++),
    );
    for (const { dst, src } of list) values.set(dst, values.get(src) ?? -1);
    return [...values].filter(([place]) => place < 8).map(([, value]) => value);
  };
  expect(
    run([
      [1, 0],
      [2, 1],
      [3, 2],
    ]),
  ).toEqual([0, 0, 1, 2, 4, 5, 6, 7]);
  expect(
    run([
      [0, 1],
      [1, 0],
    ]),
  ).toEqual([1, 0, 2, 3, 4, 5, 6, 7]);
  expect(
    run([
      [0, 1],
      [1, 2],
      [2, 0],
      [3, 0],
      [5, 6],
      [6, 5],
    ]),
  ).toEqual([1, 2, 0, 0, 4, 6, 5, 7]);
});
