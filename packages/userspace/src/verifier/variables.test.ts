import type { FunctionNames } from "@waggle/object";
import { describe, expect, it } from "vitest";
import * as f from "../fixtures/specs.js";
import { variablesOf } from "./variables.js";

const read = (at: number, register: number, name: string) => ({ first: at, last: at, register, name });
const names = new Map<string, FunctionNames>([
  [
    "count",
    { registers: [read(2, 6, "n"), read(4, 0, "seen")], frame: [{ offset: -16, size: 8, name: "key" }] },
  ],
  ["sum", { registers: [read(1, 6, "inner")], frame: [] }],
]);
const functions = [
  { instruction: 0, name: "count", type: null },
  { instruction: 10, name: "sum", type: null },
];
const program = f.program("count", "xdp", [], { names, functions });

/** What `register` holds before the last of these steps: `[instruction, text]`. */
const held = (register: number, ...steps: (readonly [number, string])[]) =>
  variablesOf(
    program,
    steps.map(([instruction, text]) => ({ instruction, text })),
  )(register, steps.length - 1);

describe("variables of registers", () => {
  it("are those that the compiler names at the instruction", () => {
    expect(held(0, [4, "r1 = *(u64 *)(r0 +0)"])).toBe("seen");
    expect(held(1, [4, "r1 = *(u64 *)(r0 +0)"])).toBeNull();
  });
  it("are followed through copies, indexes and scaling", () => {
    expect(held(2, [2, "r2 = r6"], [3, "call bpf_csum_diff#28"])).toBe("n");
    expect(held(0, [2, "r6 <<= 3"], [3, "r0 += r6"], [5, "r1 = *(u64 *)(r0 +8)"])).toBe("n");
    expect(held(6, [2, "if w6 >= 0x64 goto pc+7"], [5, "r0 += r6"])).toBe("n");
  });
  it("are places of the frame", () => {
    expect(held(2, [5, "r2 = r10"], [6, "r2 += -16"], [7, "call bpf_map_lookup_elem#1"])).toBe("key");
    expect(held(2, [5, "r2 = r10"], [6, "r2 += -24"], [7, "call bpf_map_lookup_elem#1"])).toBeNull();
  });
  it("end where the register is written anew, and at calls", () => {
    expect(held(6, [2, "if r6 == 0x0 goto pc+7"], [3, "r6 = *(u32 *)(r1 +0)"], [5, "r0 += r6"])).toBeNull();
    expect(
      held(0, [4, "r1 = *(u64 *)(r0 +0)"], [5, "call bpf_get_prandom_u32#7"], [6, "r1 = r0"]),
    ).toBeNull();
  });
  it("are not those of a function that has returned", () => {
    const inside = [
      [5, "call pc+4"],
      [11, "r0 = r6"],
      [12, "exit"],
    ] as const;
    expect(held(6, ...inside, [6, "r0 += r6"])).toBeNull();
    expect(held(6, [2, "r0 = r6"], ...inside, [6, "r0 += r6"])).toBe("n");
    expect(held(6, [2, "r0 = r6"], [5, "call pc+4"], [13, "r0 += r6"])).toBeNull();
  });
});
