/** Loops whose end is a number that shrinks, or a variable that is not the loop's own: a counter of the compiler's ends them for the verifier. */
import type { Case, ConformanceClass, Group, Run } from "./program.js";

const r = { r: "u64" } as const;
const runs = (inputs: readonly bigint[], expected: (a: bigint) => bigint): Run[] =>
  inputs.map((a) => ({ inputs: { a }, outputs: { r: BigInt.asUintN(64, expected(a)) } }));
const digits = (a: bigint, base: number): bigint => (a === 0n ? 0n : BigInt(a.toString(base).length));
const ones = (a: bigint): bigint => BigInt(a.toString(2).replaceAll("0", "").length);
/** Ten times the sum, and how often it was folded. */
const fold = (a: bigint, bits: bigint, most: bigint): bigint => {
  let [s, k] = [a, 0n];
  for (; s > most; k++) s = (s & most) + (s >> bits);
  return s * 10n + k;
};
const u32s = [0n, 1n, 9n, 10n, 99n, 100n, 4_294_967_295n, 4_000_000_000n];
const u64s = [0n, 1n, 10n, 1n << 63n, (1n << 64n) - 1n];

const shrinking: readonly Case[] = [
  {
    name: "decimal_digits",
    inputs: { a: "u32" },
    outputs: r,
    body: "let n = io.a; let k: u32 = 0; while (n > 0) { n /= 10; k++; } io.r = u64(k);",
    runs: runs(u32s, (a) => digits(a, 10)),
  },
  {
    name: "decimal_digits_of_64_bits",
    inputs: { a: "u64" },
    outputs: r,
    body: "let n = io.a; let k: u64 = 0n; for (; n !== 0n; n /= 10n) k++; io.r = k;",
    runs: runs(u64s, (a) => digits(a, 10)),
  },
  {
    name: "decimal_text",
    inputs: { a: "u32" },
    outputs: r,
    body: "const text = zeroed<FixedArray<u8, 10>>(); let n = io.a; let k: u32 = 10; do { k -= 1; if (k < 10) text[k] = u8(48 + n % 10); n = (n / 10); } while (n > 0); let s: u64 = 0n; for (let i: u32 = 0; i < 10; i++) s = s * 251n + u64(text[i]); io.r = s;",
    runs: runs(u32s, (a) =>
      [...`${a}`.padStart(10, "\0")].reduce((s, c) => s * 251n + BigInt(c.charCodeAt(0)), 0n),
    ),
  },
  {
    name: "digits_of_base_7",
    inputs: { a: "u16" },
    outputs: r,
    body: "let n = io.a; let s: u32 = 0; while (n !== 0) { s = s * 7 + n % 7; n = n / 7; } io.r = u64(s);",
    runs: runs([0n, 6n, 7n, 50n, 65_535n], (a) => {
      let s = 0n;
      for (let n = a; n !== 0n; n /= 7n) s = s * 7n + (n % 7n);
      return s;
    }),
  },
  {
    name: "bits_that_are_set",
    inputs: { a: "u32" },
    outputs: r,
    body: "let n = io.a; let k: u32 = 0; while (n !== 0) { n &= n - 1; k++; } io.r = u64(k);",
    runs: runs([...u32s, 0x8000_0001n, 0x5555_5555n], ones),
  },
  {
    name: "bits_that_are_set_of_64",
    inputs: { a: "u64" },
    outputs: r,
    body: "let n = io.a; let k: u64 = 0n; do { k++; n = n & (n - 1n); } while (n !== 0n); io.r = k;",
    runs: runs(u64s, (a) => (a === 0n ? 1n : ones(a))),
  },
  {
    name: "folded_checksum",
    inputs: { a: "u32" },
    outputs: r,
    body: "let s = io.a; let k: u32 = 0; while (s > 0xffff) { s = (s & 0xffff) + (s >> 16); k++; } io.r = u64(s) * 10n + u64(k);",
    runs: runs([...u32s, 65_535n, 65_536n, 131_070n, 131_071n, 0xffff_0001n], (a) => fold(a, 16n, 65_535n)),
  },
  {
    name: "folded_checksum_of_64_bits",
    inputs: { a: "u64" },
    outputs: r,
    body: "let s = io.a; let k: u64 = 0n; while (s >> 16n) { s = (s >> 16n) + (s & 0xffffn); k++; } io.r = s * 10n + k;",
    runs: runs([...u64s, 0xffff_ffff_ffffn, (1n << 48n) - 1n, 65_536n], (a) => fold(a, 16n, 65_535n)),
  },
  {
    name: "folded_bytes",
    inputs: { a: "u32" },
    outputs: r,
    body: "let s = io.a; let k: u32 = 0; for (; (s >> 8) !== 0; s = (s & 255) + (s >> 8)) k++; io.r = u64(s) * 10n + u64(k);",
    runs: runs(u32s, (a) => fold(a, 8n, 255n)),
  },
  {
    name: "bytes_by_shifts",
    inputs: { a: "u64" },
    outputs: r,
    body: "let n = io.a; let k: u64 = 0n; while (n > 255n) { n = n >> 8n; if (n === 7n) continue; k++; } io.r = k * 1000n + n;",
    runs: runs([...u64s, 0x07ffn, 0x0123_0456n], (a) => {
      let [n, k] = [a, 0n];
      while (n > 255n) {
        n >>= 8n;
        if (n !== 7n) k++;
      }
      return k * 1000n + n;
    }),
  },
  {
    name: "down_after_a_guard",
    inputs: { a: "u32" },
    outputs: r,
    body: "let n = io.a; if (n > 50) return XdpAction.Drop; let s: u32 = 0; while (n > 0) { s += n; n--; } io.r = u64(s);",
    runs: [
      ...runs([0n, 1n, 50n], (a) => (a * (a + 1n)) / 2n),
      { inputs: { a: 51n }, outputs: { r: 0n }, result: 1 },
    ],
  },
];

const indexes: readonly Case[] = [
  {
    name: "least_of_a_table",
    inputs: { a: "u32" },
    outputs: r,
    body: "const t: FixedArray<u32, 6> = [9, io.a, 7, 3, 8, 5]; let least: u32 = 0; for (let i: u32 = 1; i < 6; i++) if (t[i] < t[least]) least = i; t[least] = 100; io.r = u64(least) * 1000n + u64(t[3]);",
    runs: runs([0n, 3n, 4n, 50n], (a) => (a < 3n || a === 3n ? 1003n : 3100n)),
  },
  {
    name: "last_of_entries",
    inputs: { a: "u32" },
    outputs: r,
    body: "const t: FixedArray<u32, 5> = [1, 2, 3, 2, 1]; let at: u32 = 4; let found: u32 = 0; for (const [i, x] of t.entries()) { if (x === io.a) { at = i; found += t[at]; } } io.r = u64(t[at]) * 100n + u64(at) * 10n + u64(found);",
    runs: runs([0n, 1n, 2n, 3n], (a) => {
      const t = [1n, 2n, 3n, 2n, 1n];
      const all = t.flatMap((x, i) => (x === a ? [BigInt(i)] : []));
      const at = all.at(-1) ?? 4n;
      return (t[Number(at)] ?? 0n) * 100n + at * 10n + a * BigInt(all.length);
    }),
  },
  {
    name: "index_of_while",
    inputs: { a: "u32" },
    outputs: r,
    body: "const t: FixedArray<u32, 8> = [1, 2, 3, 4, 5, 6, 7, 8]; let i: u32 = 0; let s: u32 = 0; while (i < 8) { s += t[i] * io.a; i++; } io.r = u64(s) + u64(i);",
    runs: runs([0n, 1n, 5n], (a) => 36n * a + 8n),
  },
  {
    name: "index_chosen_by_state",
    inputs: { a: "u32" },
    outputs: r,
    body: "const t: FixedArray<u32, 4> = [10, 20, 30, 40]; let state: u32 = 0; let s: u32 = 0; for (let i: u32 = 0; i < 12; i++) { s += t[state]; if (((io.a >> i) & 1) === 1) state = 3; else if (state === 3) state = 2; else state = 0; } io.r = u64(s) * 10n + u64(state);",
    runs: runs([0n, 1n, 0b1010_1100_0011n, 0xfffn], (a) => {
      const t = [10n, 20n, 30n, 40n];
      let [state, s] = [0, 0n];
      for (let i = 0n; i < 12n; i++) {
        s += t[state] ?? 0n;
        state = ((a >> i) & 1n) === 1n ? 3 : state === 3 ? 2 : 0;
      }
      return s * 10n + BigInt(state);
    }),
  },
];

/** More turns than the verifier walks where it need not. */
const many: readonly Case[] = [
  {
    name: "while_of_many_turns",
    inputs: { a: "u32" },
    outputs: r,
    body: "let i: u32 = 0; let s: u64 = 0n; while (i < 5000) { if ((i & io.a) !== 0) s += u64(i); i += 2; } io.r = s * 10000n + u64(i);",
    runs: runs([0n, 2n, 4096n], (a) => {
      let s = 0n;
      for (let i = 0n; i < 5000n; i += 2n) if ((i & a) !== 0n) s += i;
      return s * 10_000n + 5000n;
    }),
  },
  {
    name: "do_of_many_turns",
    inputs: { a: "u32" },
    outputs: r,
    body: "let i: u32 = 3; let s: u64 = 0n; do { i = i + 1; if (i === io.a) break; if ((i & 1) === 1) continue; s += u64(i); } while (i < 4000); io.r = s * 10000n + u64(i);",
    runs: runs([0n, 5n, 3999n], (a) => {
      let [s, i] = [0n, 3n];
      do {
        i++;
        if (i === a) break;
        if ((i & 1n) === 0n) s += i;
      } while (i < 4000n);
      return s * 10_000n + i;
    }),
  },
  {
    name: "for_with_another_variable",
    inputs: { a: "u32" },
    outputs: r,
    body: "let i: u32 = 1; let s: u64 = 0n; for (; i <= 3000; i++) { if (i * 3 === io.a) break; s ^= u64(i * 7); } io.r = s * 10000n + u64(i);",
    runs: runs([0n, 300n, 9000n], (a) => {
      let [s, i] = [0n, 1n];
      for (; i <= 3000n; i++) {
        if (i * 3n === a) break;
        s ^= i * 7n;
      }
      return s * 10_000n + i;
    }),
  },
  {
    name: "returns_from_while",
    inputs: { a: "u32" },
    outputs: r,
    body: "let i: u32 = 0; while (i < 3000) { io.r = u64(i); if (i * i >= io.a) return XdpAction.Drop; i++; }",
    runs: [
      { inputs: { a: 0n }, outputs: { r: 0n }, result: 1 },
      { inputs: { a: 50n }, outputs: { r: 8n }, result: 1 },
      { inputs: { a: 4_000_000_000n }, outputs: { r: 2999n } },
    ],
  },
  {
    name: "out_of_two_whiles",
    inputs: { a: "u32" },
    outputs: r,
    body: "let i: u32 = 0; let s: u64 = 0n; out: while (i < 100) { let j: u32 = 0; while (j < 70) { s++; if (i * 70 + j === io.a) break out; j++; } i++; } io.r = s;",
    runs: runs([0n, 700n, 20_000n], (a) => (a < 7000n ? a + 1n : 7000n)),
  },
];

const few: readonly ConformanceClass[] = [
  { name: "Shrinking", cases: shrinking },
  { name: "Indexes", cases: indexes },
];
const all: readonly ConformanceClass[] = [...few, { name: "Many", cases: many }];

export const groups: readonly Group[] = [
  { title: "loops by other ends, walked", classes: all },
  { title: "loops by other ends, written out", classes: few, kernel: "5.2" },
  { title: "loops by other ends, with bpf_loop", classes: all, kernel: "5.17" },
  { title: "loops by other ends, by iterators", classes: all, kernel: "6.4" },
];
