/** Loops over arrays, ranges and maps, in every form that they are compiled to. */
import { u64s } from "./cases.js";
import { preamble } from "./flow.js";
import type { Case, ConformanceClass, Group, Run } from "./program.js";

/** One input `a`, one output `r`. */
const map1 = (inputs: readonly bigint[], expected: (a: bigint) => bigint): Run[] =>
  inputs.map((a) => ({ inputs: { a }, outputs: { r: BigInt.asUintN(64, expected(a)) } }));

const loops: readonly Case[] = [
  {
    name: "of_array",
    inputs: { a: "u16" },
    outputs: u64s("r"),
    body: "const t = zeroed<Table>(); t.cells[3] = io.a; t.cells[0] = 1; for (const cell of t.cells) { io.r = io.r * 3n + u64(cell); }",
    runs: map1([0n, 5n, 65535n], (a) => {
      const cells = [1n, 0n, 0n, a, 0n, 0n, 0n, 0n];
      return cells.reduce((sum, cell) => sum * 3n + cell, 0n);
    }),
  },
  {
    name: "of_array_break",
    inputs: { a: "u16" },
    outputs: u64s("r"),
    body: "const t = zeroed<Table>(); t.cells[5] = 9; for (const cell of t.cells) { if (cell === io.a) break; if (cell === 9) continue; io.r += 1n; }",
    runs: map1([0n, 9n, 1n], (a) => (a === 0n ? 0n : a === 9n ? 5n : 7n)),
  },
  {
    name: "of_structs",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "const t = zeroed<Rows>(); for (const row of t.rows) { row.n += io.a; row.n += 1; } for (const { n } of t.rows) io.r += u64(n);",
    runs: map1([0n, 7n, 254n], (a) => (a + 1n) * 3n),
  },
  {
    name: "of_entries",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "const t = zeroed<Table>(); for (const [i, cell] of t.cells.entries()) { t.cells[i] = u16(i * 2 + io.a); io.r += u64(cell); } io.r += u64(t.cells[7]);",
    runs: map1([0n, 7n, 255n], (a) => 14n + a),
  },
  {
    name: "of_packet_array",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "const six = ctx.at<Six>(0); if (six === null) return XdpAction.Drop; for (const [i, byte] of six.bytes.entries()) io.r += u64(byte) * u64(i + 1);",
    runs: map1([0n, 7n, 255n], (a) => a),
  },
  {
    name: "of_bytes_of_text",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: 'const t = zeroed<CString<8>>(); t.set("abc"); t[7] = io.a; for (const byte of t) io.r += u64(byte);',
    runs: map1([0n, 7n, 255n], (a) => 97n + 98n + 99n + a),
  },
  {
    name: "range_end",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "for (const i of range(9)) { if (i === io.a) break; io.r += u64(i); }",
    runs: map1([0n, 4n, 9n, 200n], (a) => {
      const n = a < 9n ? a : 9n;
      return (n * (n - 1n)) / 2n;
    }),
  },
  {
    name: "range_start_step",
    outputs: u64s("r", "down"),
    body: "for (const i of range(3, 20, 4)) io.r = io.r * 100n + u64(i); for (const i of range(5, -1, -2)) io.down = io.down * 10n + u64(i + 1);",
    runs: [{ outputs: { r: 307111519n, down: 642n } }],
  },
  {
    name: "range_run_time",
    inputs: { a: "u8", b: "u8" },
    outputs: u64s("r"),
    body: "for (const i of range(io.a, io.b)) io.r += u64(i) + 1n;",
    runs: [
      [0n, 0n],
      [0n, 255n],
      [250n, 3n],
      [7n, 12n],
    ].map(([a = 0n, b = 0n]) => {
      let r = 0n;
      for (let i = a; i < b; i++) r += i + 1n;
      return { inputs: { a, b }, outputs: { r } };
    }),
  },
  {
    name: "range_nested",
    outputs: u64s("r"),
    body: "for (const i of range(4)) { for (const j of range(3)) { if (j > i) break; io.r += u64(i * 10 + j); } }",
    runs: [{ outputs: { r: 0n + (10n + 11n) + (20n + 21n + 22n) + (30n + 31n + 32n) } }],
  },
  {
    name: "range_empty",
    outputs: u64s("r"),
    body: "for (const i of range(0)) io.r += u64(i) + 1n; for (const i of range(5, 2)) io.r += u64(i) + 1n;",
    runs: [{ outputs: { r: 0n } }],
  },
  {
    name: "of_array_map",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "for (const [i, slot] of Loops.slots) slot.value = u64(i) * u64(io.a); for (const [i, slot] of Loops.slots) { if (i === 3) break; io.r += slot.value; }",
    runs: map1([0n, 7n, 255n], (a) => a * 3n),
  },
];

/** Loops in the forms that newer kernels have; each form counts as programs of its own. */
const newerLoops = (name: string): ConformanceClass[] => [
  {
    name,
    preamble,
    members: "static readonly counts = new HashMap<u32, u64>({ maxEntries: 16 });",
    cases: [
      {
        name: "range_unbounded",
        inputs: { a: "u32" },
        outputs: u64s("r"),
        body: "let sum: u64 = 0n; for (const i of range(io.a)) { if (i === 5000) break; sum += u64(i); } io.r = sum;",
        runs: map1([0n, 1n, 100n, 3000n, 9000n], (a) => {
          const n = a < 5000n ? a : 5000n;
          return (n * (n - 1n)) / 2n;
        }),
      },
      {
        name: "range_long",
        outputs: u64s("r"),
        body: "for (const i of range(100_000)) { if ((i & 1) === 1) continue; io.r += 1n; }",
        runs: [{ outputs: { r: 50_000n } }],
      },
      {
        name: "of_hash_map",
        inputs: { a: "u32" },
        outputs: u64s("r"),
        body: `for (const k of range(4)) ${name}.counts.set(k, u64(k) * u64(io.a)); for (const [key, count] of ${name}.counts) { io.r += count.value + u64(key); count.value = 1n; }`,
        runs: map1([0n, 7n], (a) => 6n * a + 6n),
      },
      {
        name: "range_returns",
        inputs: { a: "u32" },
        body: "for (const i of range(io.a)) { if (i === 7) return XdpAction.Drop; }",
        runs: [
          { inputs: { a: 7n }, result: 2 },
          { inputs: { a: 8n }, result: 1 },
        ],
      },
    ],
  },
];

export const groups: readonly Group[] = [
  {
    title: "loops",
    classes: [
      {
        name: "Loops",
        preamble,
        members: "static readonly slots = new ArrayMap<u64>({ maxEntries: 5 });",
        cases: loops,
      },
    ],
  },
  { title: "loops by callbacks", classes: newerLoops("LoopsByCallbacks"), kernel: "5.17" },
  { title: "loops by iterators", classes: newerLoops("LoopsByIterators"), kernel: "6.4" },
];
