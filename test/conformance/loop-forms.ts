/** Loops in every form: walked, written out, by `bpf_loop`, by the kernel's iterator. */
import type { Case, ConformanceClass, Group, Run } from "./program.js";

const r = { r: "u64" } as const;
const runs = (inputs: readonly bigint[], expected: (a: bigint) => bigint): Run[] =>
  inputs.map((a) => ({ inputs: { a }, outputs: { r: BigInt.asUintN(64, expected(a)) } }));
/** The sum of what `value` gives for 0 to n - 1. */
const sum = (n: bigint, value: (i: bigint) => bigint): bigint => {
  let total = 0n;
  for (let i = 0n; i < n; i++) total += value(i);
  return total;
};
const bits = (a: bigint): bigint => BigInt(a.toString(2).replaceAll("0", "").length);

/** Ends beyond the iterations that the kernel's loops run, 2^23, and beyond the `int` that its iterator takes. */
const largeEnds = [(1n << 23n) - 1n, 1n << 23n, (1n << 23n) + 1n, 1n << 31n, (1n << 32n) - 1n];

/** A loop up to `a` that the body leaves early, with the same result for every large `a`. */
const leaving = (name: string, body: string, result: bigint): Case => ({
  name: `leaves_${name}`,
  inputs: { a: "u32" },
  outputs: r,
  body: `const a = io.a; let s: u64 = 0n; ${body}`,
  runs: runs(largeEnds, () => result),
});

const useRange = 'import { range } from "@waggle/kernel";\n';

/** Ends that every kernel from 5.3 on can see. */
const walked: readonly Case[] = [
  {
    name: "branches_that_join",
    inputs: { a: "u32" },
    outputs: r,
    body: "const a = io.a; let s: u32 = 0; let odd: u32 = 0; for (let i: u32 = 0; i < 200; i++) { if (((a >> (i & 31)) & 1) === 1) s += i; else s ^= i; if (s > 900) odd++; } io.r = u64(s) * 1000n + u64(odd);",
    runs: runs([0n, 1n, 0xffff_ffffn, 0xdead_beefn], (a) => {
      let s = 0n;
      let odd = 0n;
      for (let i = 0n; i < 200n; i++) {
        s = (a >> (i & 31n)) & 1n ? s + i : s ^ i;
        if (s > 900n) odd++;
      }
      return s * 1000n + odd;
    }),
  },
  {
    name: "branches_in_for_of",
    inputs: { a: "u32" },
    outputs: r,
    body: "const a = io.a; let most: u32 = 0; for (const i of range(100)) { const x = (a >> (i & 15)) & 0xff; if (x > most) most = x; } io.r = u64(most);",
    runs: runs([0n, 0x1234_5678n, 0xffff_0000n], (a) => {
      let most = 0n;
      for (let i = 0n; i < 100n; i++) {
        const x = (a >> (i & 15n)) & 0xffn;
        if (x > most) most = x;
      }
      return most;
    }),
  },
  {
    name: "divides_where_nothing_is_possible",
    inputs: { a: "u32" },
    outputs: r,
    body: "let s = io.a; let k: u32 = 0; while (k < 1) { if (1 >= k) s += 1; else { if (u16(1) / k > u16(1)) s = 0; if (7 % k > 1) s = 1; } k++; } const t: FixedArray<u32, 7> = [1, 2, 3, 4, 5, 6, 7]; for (let i: u32 = 0; i < 5; i++) { if (i > 5) s += t[i % 7]; } io.r = u64(s);",
    runs: runs([0n, 9n], (a) => a + 1n),
  },
  {
    name: "bits_by_shifts",
    inputs: { a: "u32" },
    outputs: r,
    body: "let x = io.a; let n: u64 = 0n; while (x !== 0) { if ((x & 1) === 1) n++; x >>= 1; } io.r = n;",
    runs: runs([0n, 1n, 0xffff_ffffn, 0x8000_0001n, 12345n], bits),
  },
  {
    name: "log2_by_shifts",
    inputs: { a: "u64" },
    outputs: r,
    body: "let x = io.a; let n: u64 = 0n; while (x > 1n) { x >>= 1n; n++; } io.r = n;",
    runs: runs([0n, 1n, 2n, 3n, 1023n, 1024n, (1n << 64n) - 1n], (a) =>
      a === 0n ? 0n : BigInt(a.toString(2).length - 1),
    ),
  },
  {
    name: "endless_with_a_test",
    inputs: { a: "u32" },
    outputs: r,
    body: "const a = io.a; let i: u32 = 0; let s: u32 = 0; while (true) { if (i >= 20) break; s += i * a; i++; } io.r = u64(s);",
    runs: runs([0n, 1n, 7n], (a) => sum(20n, (i) => i * a)),
  },
  {
    name: "endless_with_a_return",
    inputs: { a: "u32" },
    outputs: r,
    body: "const a = io.a; for (let i: u32 = 0; ; i++) { io.r = u64(i); if (i > 30 || i === a) return XdpAction.Drop; }",
    runs: [
      { inputs: { a: 5n }, outputs: { r: 5n }, result: 1 },
      { inputs: { a: 100n }, outputs: { r: 31n }, result: 1 },
    ],
  },
  {
    name: "down_from_a_masked_number",
    inputs: { a: "u32" },
    outputs: r,
    body: "let n = io.a & 63; let s: u32 = 0; while (n >= 1) { s += n; n--; } io.r = u64(s);",
    runs: runs([0n, 1n, 63n, 64n, 0xffff_ffffn], (a) => sum((a & 63n) + 1n, (i) => i)),
  },
  {
    name: "down_from_a_variable",
    inputs: { a: "u32" },
    outputs: r,
    body: "let n: u32 = 100; let s: u32 = 0; while (n > 0) { n -= 1; if (n === io.a) break; s += n; } io.r = u64(s);",
    runs: runs([200n, 0n, 90n], (a) => sum(100n, (i) => (i > a || a >= 100n ? i : 0n))),
  },
  {
    name: "up_to_a_small_field",
    inputs: { a: "u8" },
    outputs: r,
    body: "let s: u32 = 0; for (let i: u32 = 0; i < io.a; i++) s += i; io.r = u64(s);",
    runs: runs([0n, 1n, 10n, 255n], (a) => sum(a, (i) => i)),
  },
];

const upTo = [0n, 1n, 2n, 3n, 4n, 5n, 63n, 1000n];

/** Turns that are known only when they run, or that are too many to be walked: kernel 5.17. */
const counted: readonly Case[] = [
  {
    name: "to_a_number",
    inputs: { a: "u32" },
    outputs: r,
    body: "const n = io.a; let s: u64 = 0n; for (let i: u32 = 0; i < n; i++) s += u64(i); io.r = s;",
    runs: runs([...upTo, 100_000n], (a) => sum(a, (i) => i)),
  },
  {
    name: "to_a_variable",
    inputs: { a: "u32" },
    outputs: r,
    body: "let n = io.a; if (n > 4) n *= 10; let s: u64 = 0n; for (let i: u32 = 0; n > i; i += 1) s += u64(i) * 3n; io.r = s;",
    runs: runs(upTo, (a) => sum(a > 4n ? a * 10n : a, (i) => i * 3n)),
  },
  {
    name: "to_a_sum",
    inputs: { a: "u32" },
    outputs: r,
    body: "const n = u32(io.a & 0xffff); let s: u64 = 0n; for (let i: u32 = 1; i < n * 2 + 2; i++) s += u64(i); io.r = s;",
    runs: runs(upTo, (a) => sum((a & 0xffffn) * 2n + 1n, (i) => i + 1n)),
  },
  {
    name: "to_a_setting",
    inputs: { a: "u32" },
    outputs: r,
    body: "const a = io.a; let s: u64 = 0n; for (let i: u32 = 0; i < Counted.limit; i++) s += u64(i * a); io.r = s;",
    runs: runs([0n, 1n, 3n], (a) => sum(12n, (i) => i * a)),
  },
  {
    name: "in_steps",
    inputs: { a: "u32" },
    outputs: r,
    body: "const n = io.a; let s: u64 = 0n; for (let i: u32 = 3; i < n; i += 4) { if ((i & 8) === 8) continue; s += u64(i); } io.r = s;",
    runs: runs(upTo, (a) => {
      let s = 0n;
      for (let i = 3n; i < a; i += 4n) if ((i & 8n) === 0n) s += i;
      return s;
    }),
  },
  {
    name: "downwards",
    inputs: { a: "u32" },
    outputs: r,
    body: "const a = io.a; let s: u64 = 0n; for (let i: i32 = 5000; i > 0; i -= 3) { if (u32(i) === a) break; s += u64(u32(i)); } io.r = s;",
    runs: runs([0n, 5000n, 4997n, 2n], (a) => {
      let s = 0n;
      for (let i = 5000n; i > 0n; i -= 3n) {
        if (i === a) break;
        s += i;
      }
      return s;
    }),
  },
  {
    name: "compared_after_it",
    inputs: { a: "u32" },
    outputs: r,
    body: "let s: u32 = 0; let n: u32 = 0; for (let i: i32 = 5000; i > 0; i -= 3) { s += u32(i); n++; } io.r = s === io.a || n === 3 ? 1n : 2n;",
    runs: runs([0n, 4_169_167n, sum(1667n, (i) => 5000n - i * 3n)], (a) =>
      a === sum(1667n, (i) => 5000n - i * 3n) ? 1n : 2n,
    ),
  },
  {
    name: "returns_from_it",
    inputs: { a: "u32" },
    outputs: r,
    body: "const n = io.a; for (let i: u32 = 0; i < n; i++) { io.r = u64(i); if (i * i >= n) return XdpAction.Drop; }",
    runs: [
      { inputs: { a: 0n }, outputs: { r: 0n } },
      { inputs: { a: 1n }, outputs: { r: 0n } },
      { inputs: { a: 50n }, outputs: { r: 8n }, result: 1 },
      { inputs: { a: 1_000_000n }, outputs: { r: 1000n }, result: 1 },
    ],
  },
  {
    name: "with_more_conditions",
    inputs: { a: "u32" },
    outputs: r,
    body: "const n = io.a; let s: u64 = 0n; for (let i: u32 = 0, left: u32 = 40; i < n && left > 2; i++, left -= 2) s += u64(left); io.r = s;",
    runs: runs(upTo, (a) => {
      let s = 0n;
      for (let i = 0n, left = 40n; i < a && left > 2n; i++, left -= 2n) s += left;
      return s;
    }),
  },
  {
    name: "wide_counter",
    inputs: { a: "u64" },
    outputs: r,
    body: "const a = io.a; let s: u64 = 0n; for (let i: u64 = 0n; i < 5000n; i++) s += i ^ a; io.r = s;",
    runs: runs([0n, 1n, 1n << 40n], (a) => sum(5000n, (i) => i ^ a)),
  },
  {
    name: "many_by_many",
    inputs: { a: "u32" },
    outputs: r,
    body: "const a = io.a; let s: u64 = 0n; for (let i: u32 = 0; i < 150; i++) for (let j: u32 = 0; j < 150; j++) s += u64((i ^ j) & a); io.r = s;",
    runs: runs([0n, 3n], (a) => sum(150n, (i) => sum(150n, (j) => (i ^ j) & a))),
  },
  leaving(
    "before_a_large_end_0",
    "for (const i of range(0, a)) { if (i > 300) break; s += u64(i) + 1n; } io.r = s;",
    sum(301n, (i) => i + 1n),
  ),
  leaving(
    "before_a_large_end_1",
    "for (const i of range(0, a, 2)) { if (i > 300) break; s += u64(i) + 1n; } io.r = s;",
    sum(151n, (i) => i * 2n + 1n),
  ),
  leaving(
    "before_a_large_end_2",
    "for (let i: u32 = 0; i < a; i++) { if (i > 300) break; s += u64(i) + 1n; } io.r = s;",
    sum(301n, (i) => i + 1n),
  ),
  leaving(
    "before_a_large_end_downwards",
    "for (let i = a; i > 5; i--) { if (a - i >= 10) break; s += u64(a - i) + 1n; } io.r = s;",
    55n,
  ),
  leaving(
    "before_a_large_end_of_calls",
    "const n = loop(a, (i) => { s += u64(i); return i === 20; }); io.r = s * 100n + u64(n);",
    21_021n,
  ),
  {
    name: "leaves_between_distant_signed_ends",
    inputs: { a: "i32" },
    outputs: r,
    body: "const a = io.a; let s: u64 = 0n; for (let i: i32 = -2147483647; i < a; i++) { if (i > -2147483640) break; s += 1n; } io.r = s;",
    runs: [
      ...runs([0n, 2_147_483_647n], () => 8n),
      ...runs([-2_147_483_640n], () => 7n),
      ...runs([-2_147_483_648n, -2_147_483_647n], () => 0n),
    ],
  },
  {
    name: "elements_of_a_large_array",
    inputs: { a: "u32" },
    outputs: r,
    body: "const t = Counted.tables.get(0); if (t === null) return XdpAction.Aborted; let s: u64 = 0n; const n = io.a; for (let i: u32 = 0; i < 4096; i++) t.cells[i] = i; for (let i: u32 = 0; i < n && i < 4096; i++) s += u64(t.cells[i]); io.r = s;",
    runs: runs([0n, 1n, 4095n, 4096n, 5000n], (a) => sum(a > 4096n ? 4096n : a, (i) => i)),
  },
];

/** Turns are written out: before 5.3. */
const writtenOut: readonly Case[] = [
  {
    name: "every_form_of_statement",
    inputs: { a: "u32" },
    outputs: r,
    body: "const a = io.a; let s: u64 = 0n; for (let i: u32 = 0; i < 9; i++) { if (i === 4) continue; s += u64(i * a); if (i === 7) break; } let k: u32 = 0; while (k < 5) { s += 2n; k++; } do { s++; k++; } while (k < 8); for (const i of range(3)) s += u64(i); io.r = s;",
    runs: runs(
      [0n, 1n, 9n],
      (a) => [0n, 1n, 2n, 3n, 5n, 6n, 7n].reduce((s, i) => s + i * a, 0n) + 10n + 3n + 3n,
    ),
  },
  {
    name: "bits_of_a_byte",
    inputs: { a: "u8" },
    outputs: r,
    body: "let x = io.a; let n: u64 = 0n; while (x !== 0) { n += u64(x & 1); x >>= 1; } io.r = n;",
    runs: runs([0n, 1n, 255n, 129n], bits),
  },
];

const walkedLoops: readonly ConformanceClass[] = [{ name: "Walked", preamble: useRange, cases: walked }];
const countedLoops: readonly ConformanceClass[] = [
  {
    name: "Counted",
    preamble: `${useRange}interface Cells { cells: FixedArray<u32, 4096> }`,
    members:
      "static readonly tables = new PerCpuArrayMap<Cells>({ maxEntries: 1 });\n@config static limit: u32 = 12;",
    cases: counted,
  },
];
const loopsWrittenOut: readonly ConformanceClass[] = [
  { name: "WrittenOut", preamble: useRange, cases: writtenOut },
];

export const groups: readonly Group[] = [
  { title: "loops that the verifier walks", classes: walkedLoops },
  { title: "loops of many turns", classes: countedLoops, kernel: "5.17" },
  { title: "loops that are written out", classes: loopsWrittenOut, kernel: "5.2" },
  { title: "loops of many turns, by iterators", classes: countedLoops, kernel: "6.4" },
];
