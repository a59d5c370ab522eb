/** Loops that carry state from turn to turn on branches: cursors, flags, sums, in locals, fields, elements and what functions are given. */
import type { Case, ConformanceClass, Group, Run } from "./program.js";

const r = { r: "u64" } as const;
const inputs = [0n, 1n, 0x1234_5678n, 0xffff_ffffn, 0x0100_0200n, 0xdead_beefn] as const;
const runs = (expected: (a: bigint) => bigint, given: readonly bigint[] = inputs): Run[] =>
  given.map((a) => ({ inputs: { a }, outputs: { r: BigInt.asUintN(64, expected(a)) } }));
const over = (name: string, body: string, expected: (a: bigint) => bigint): Case => ({
  name,
  inputs: { a: "u32" },
  outputs: r,
  body: `const a = io.a; ${body}`,
  runs: runs(expected),
});

/** What a turn looks at. */
const part = (a: bigint, i: bigint): bigint => (a >> (i & 31n)) & 7n;
const PART = "const p = (a >> (i & 31)) & 7;";
/** Folds the bytes of a buffer and how many there are into one number. */
const FOLD = (text: string, at: string): string =>
  `let f: u64 = u64(${at}); for (let k: u32 = 0; k < 64; k++) f = f * 31n + u64(${text}[k]); io.r = f;`;
const folded = (bytes: readonly bigint[]): bigint => {
  let f = BigInt(bytes.length);
  for (let k = 0; k < 64; k++) f = BigInt.asUintN(64, f * 31n + (bytes[k] ?? 0n));
  return f;
};
/** The parts that are not 0, as far as a buffer of 64 bytes goes. */
const kept = (a: bigint, turns: bigint): bigint[] => {
  const bytes: bigint[] = [];
  for (let i = 0n; i < turns; i++) if (part(a, i) !== 0n && bytes.length < 64) bytes.push(part(a, i));
  return bytes;
};

const preamble = `import { range } from "@waggle/kernel";
interface Line { text: FixedArray<u8, 64>; at: u32 }
interface Cursor { at: u32; lines: u16 }
interface Page { id: u64; cursor: Cursor; text: FixedArray<u8, 64> }
interface Tally { odd: u32; even: u32; last: u8; seen: boolean }
function onesOf(a: u32, m: u32): u64 { let s: u64 = 0n; for (let j: u32 = 0; j < m; j++) if (((a >> (j & 31)) & 1) === 1) s++; return s; }
function put(line: Line, c: u8): void { const at = line.at; if (at < 64) { line.text[at] = c; line.at = at + 1; } }
`;

const cursors: readonly Case[] = [
  over(
    "cursor_in_a_local",
    `const text = zeroed<FixedArray<u8, 64>>(); let at: u32 = 0; for (let i: u32 = 0; i < 100; i++) { ${PART} if (p !== 0 && at < 64) { text[at] = u8(p); at++; } } ${FOLD("text", "at")}`,
    (a) => folded(kept(a, 100n)),
  ),
  over(
    "cursor_in_a_field",
    `const line = zeroed<Line>(); for (let i: u32 = 0; i < 100; i++) { ${PART} const at = line.at; if (p !== 0 && at < 64) { line.text[at] = u8(p); line.at = at + 1; } } ${FOLD("line.text", "line.at")}`,
    (a) => folded(kept(a, 100n)),
  ),
  over(
    "cursor_in_a_nested_field",
    `const page = zeroed<Page>(); for (const i of range(100)) { ${PART} const at = page.cursor.at; if (p === 0) { page.cursor.lines += 1; continue; } if (at < 64) { page.text[at] = u8(p); page.cursor.at = at + 1; } } ${FOLD("page.text", "page.cursor.at")}`,
    (a) => folded(kept(a, 100n)),
  ),
  over(
    "cursor_in_an_element",
    `const state = zeroed<FixedArray<u32, 4>>(); const text = zeroed<FixedArray<u8, 64>>(); let i: u32 = 0; while (i < 100) { ${PART} i++; const at = state[2]; if (p !== 0 && at < 64) { text[at] = u8(p); state[2] = at + 1; } } ${FOLD("text", "state[2]")}`,
    (a) => folded(kept(a, 100n)),
  ),
  over(
    "cursor_by_a_function",
    `const line = zeroed<Line>(); let i: u32 = 0; do { ${PART} if (p !== 0) put(line, u8(p)); i++; } while (i < 100); ${FOLD("line.text", "line.at")}`,
    (a) => folded(kept(a, 100n)),
  ),
  over(
    "two_loops_one_cursor",
    `const line = zeroed<Line>(); for (let i: u32 = 0; i < 20; i++) { ${PART} if (p >= 4) put(line, u8(p)); } put(line, 9); for (let i: u32 = 0; i < 16; i++) { ${PART} if (p === 0) break; put(line, u8(p)); } ${FOLD("line.text", "line.at")}`,
    (a) => {
      const bytes: bigint[] = [];
      for (let i = 0n; i < 20n; i++) if (part(a, i) >= 4n) bytes.push(part(a, i));
      bytes.push(9n);
      for (let i = 0n; i < 16n && part(a, i) !== 0n; i++) bytes.push(part(a, i));
      return folded(bytes);
    },
  ),
];

const sums: readonly Case[] = [
  over(
    "fields_on_branches",
    `const s = zeroed<Tally>(); for (let i: u32 = 0; i < 200; i++) { ${PART} if ((p & 1) === 1) s.odd += p; else s.even++; if (p === 5) { s.last = u8(i); s.seen = true; } } io.r = u64(s.odd) * 1000000n + u64(s.even) * 1000n + u64(s.last) + (s.seen ? 500n : 0n);`,
    (a) => {
      let [odd, even, last, seen] = [0n, 0n, 0n, 0n];
      for (let i = 0n; i < 200n; i++) {
        const p = part(a, i);
        if (p & 1n) odd += p;
        else even++;
        if (p === 5n) [last, seen] = [i, 500n];
      }
      return odd * 1_000_000n + even * 1000n + last + seen;
    },
  ),
  over(
    "two_variables",
    "let v: u32 = 0; let w: u32 = a; for (let i: u32 = 0; i < 500; i++) { if ((w & 1) !== 0) v = v < 10 ? v + 1 : 0; w = u32(w * 3) + v; } io.r = u64(v) + u64(w) * 16n;",
    (a) => {
      let [v, w] = [0n, a];
      for (let i = 0; i < 500; i++) {
        if (w & 1n) v = v < 10n ? v + 1n : 0n;
        w = BigInt.asUintN(32, w * 3n + v);
      }
      return v + w * 16n;
    },
  ),
  over(
    "packet_bytes",
    "let v: u32 = 0; for (let i: u32 = 0; i < 1000; i++) { const b = ctx.at<u8>(i & 7); if (b !== null) { if (b.value === 0) v++; else if (b.value === 9) v = 0; } } io.r = u64(v);",
    (a) => {
      const zeros = [0n, 8n, 16n, 24n].filter((shift) => ((a >> shift) & 255n) === 0n).length + 4;
      return 125n * BigInt(zeros);
    },
  ),
  over(
    "small_state_is_an_index",
    `const next = zeroed<FixedArray<u8, 8>>(); next[1] = 3; next[3] = 7; next[7] = 1; let state: u8 = 1; let n: u32 = 0; for (let i: u32 = 0; i < 120; i++) { ${PART} if (p > 3) { if (state < 8) state = next[state]; } else if (p === 2) state = 1; if (state === 7) n++; } io.r = u64(n);`,
    (a) => {
      const next: Readonly<Record<string, bigint>> = { 1: 3n, 3: 7n, 7: 1n };
      let [state, n] = [1n, 0n];
      for (let i = 0n; i < 120n; i++) {
        if (part(a, i) > 3n) state = next[String(state)] ?? 0n;
        else if (part(a, i) === 2n) state = 1n;
        if (state === 7n) n++;
      }
      return n;
    },
  ),
  over(
    "numbers_with_signs",
    `let level: i16 = 0; let lowest: i32 = 0; let sum: i64 = 0n; for (let i: u32 = 0; i < 90; i++) { ${PART} level = i16(p > 3 ? level + 5 : level - 7); if (level < lowest) lowest = level; sum += i64(level); } io.r = u64(sum) + u64(lowest);`,
    (a) => {
      let [level, lowest, sum] = [0n, 0n, 0n];
      for (let i = 0n; i < 90n; i++) {
        level += part(a, i) > 3n ? 5n : -7n;
        if (level < lowest) lowest = level;
        sum += level;
      }
      return sum + lowest;
    },
  ),
  over(
    "nested_with_branches",
    "let w: u32 = a; for (let i: u32 = 0; i < 30; i++) for (let j: u32 = 0; j < 30; j++) if ((w & 3) !== 0) w = u32(w * 31) ^ j; else w += i; io.r = u64(w);",
    (a) => {
      let w = a;
      for (let i = 0n; i < 30n; i++)
        for (let j = 0n; j < 30n; j++)
          w = BigInt.asUintN(32, w & 3n ? BigInt.asUintN(32, w * 31n) ^ j : w + i);
      return w;
    },
  ),
  over(
    "nested_three_deep",
    `const s = zeroed<Tally>(); for (let x: u32 = 0; x < 6; x++) for (let y: u32 = 0; y < 6; y++) { for (let i: u32 = 0; i < 6; i++) { ${PART} if (p > 5) s.odd++; else if (p === x) break; } if (s.odd > 40) s.even++; } io.r = u64(s.odd) * 1000n + u64(s.even);`,
    (a) => {
      let [odd, even] = [0n, 0n];
      for (let x = 0n; x < 6n; x++)
        for (let y = 0n; y < 6n; y++) {
          for (let i = 0n; i < 6n; i++) {
            if (part(a, i) > 5n) odd++;
            else if (part(a, i) === x) break;
          }
          if (odd > 40n) even++;
        }
      return odd * 1000n + even;
    },
  ),
  over(
    "a_struct_begins_anew",
    `let total: u64 = 0n; for (let x: u32 = 0; x < 8; x++) { const s = zeroed<Tally>(); for (let i: u32 = 0; i < 16; i++) { ${PART} if (p > x) s.odd += i; else s.even += p; } total += u64(s.odd) * 3n + u64(s.even); } io.r = total;`,
    (a) => {
      let total = 0n;
      for (let x = 0n; x < 8n; x++)
        for (let i = 0n; i < 16n; i++) total += part(a, i) > x ? i * 3n : part(a, i);
      return total;
    },
  ),
];

/** The sum of what `value` gives for the turns of two loops. */
const overBoth = (outer: bigint, inner: bigint, value: (i: bigint, j: bigint) => bigint): bigint => {
  let total = 0n;
  for (let i = 0n; i < outer; i++) for (let j = 0n; j < inner; j++) total += value(i, j);
  return total;
};

const bounds: readonly Case[] = [
  over(
    "counter_compared_with_a_number",
    "let n: u64 = 0n; for (let j: u32 = 0; j < 1000; j++) { if (j === a) n += 3000n; else n += 1n; if (j + 5 >= a) n += 7n; } io.r = n;",
    (a) => {
      let n = 0n;
      for (let j = 0n; j < 1000n; j++) n += (j === a ? 3000n : 1n) + (j + 5n >= a ? 7n : 0n);
      return n;
    },
  ),
  over(
    "counters_of_two_loops_compared_with_a_number",
    "const b = a & 31; let n: u64 = 0n; for (let i: u32 = 0; i < 30; i++) { for (let j: u32 = 0; j < 20; j++) { if (i === b) n += 100n; if (b !== j) n += 1n; if (i * 20 + j > a) n += 3n; } } io.r = n;",
    (a) => {
      const b = a & 31n;
      let n = 0n;
      for (let i = 0n; i < 30n; i++)
        for (let j = 0n; j < 20n; j++)
          n += (i === b ? 100n : 0n) + (b !== j ? 1n : 0n) + (i * 20n + j > a ? 3n : 0n);
      return n;
    },
  ),
  over(
    "shrinking_around_a_long_loop",
    "let n: u64 = 0n; let k = a & 255; while (k !== 0) { for (const j of range(1000)) { if (j === a) n += 3n; else n ^= 1n; } k >>= 3; } io.r = n;",
    (a) => {
      let n = 0n;
      for (let k = a & 255n; k !== 0n; k >>= 3n)
        for (let j = 0n; j < 1000n; j++) n = j === a ? n + 3n : n ^ 1n;
      return n;
    },
  ),
  over(
    "condition_that_indexes_by_the_counter",
    "const t: FixedArray<u16, 5> = [1, 0, 3, 4, 5]; t[2] += u16(a & 1); let n: u64 = 0n; for (let k: i32 = 4; k > 0 && t[k] !== 0; k--) n += u64(t[k]); for (let k: u32 = 0; k < 5 && t[k] !== 4; k++) n += 100n; io.r = n;",
    (a) => 12n + (a & 1n) + ((a & 1n) === 1n ? 200n : 300n),
  ),
  over(
    "inner_bound_from_outside",
    "const m = a & 15; let s: u64 = 0n; for (let i: u32 = 0; i < 20; i++) { for (let j: u32 = 0; j < m; j++) { if (((a >> (j & 31)) & 1) === 1) s += u64(i); else s += 3n; } } io.r = s;",
    (a) => overBoth(20n, a & 15n, (i, j) => ((a >> j) & 1n ? i : 3n)),
  ),
  over(
    "inner_bound_of_a_narrow_type",
    "const m = u8(u8(a) & 31); let s: u64 = 0n; let i: u32 = 0; while (i < 12) { i++; for (let j: u8 = 2; j <= m; j++) { if (((a >> (j & 31)) & 1) === 1) continue; s += u64(i) + u64(j); } } io.r = s;",
    (a) => overBoth(12n, 32n, (i, j) => (j >= 2n && j <= (a & 31n) && !((a >> j) & 1n) ? i + 1n + j : 0n)),
  ),
  over(
    "inner_bound_of_a_while",
    "const m = (a >> 4) & 7; let s: u64 = 0n; for (const i of range(200)) { let j: u32 = 0; while (j < m) { if (((a >> (j & 31)) & 1) === 1) s += u64(i); j++; } } io.r = s;",
    (a) => overBoth(200n, (a >> 4n) & 7n, (i, j) => ((a >> j) & 1n ? i : 0n)),
  ),
];

const bytesIn = (a: bigint): bigint => (a & 255n) + ((a >> 8n) & 255n) + ((a >> 16n) & 255n) + (a >> 24n);

/** Bytes of the packet at counters, while other references to the packet are in use: a packet of 32 bytes. */
const packets: readonly Case[] = [
  over(
    "packet_by_the_counter",
    "let s: u64 = 0n; for (let j: u32 = 0; j < 400; j++) { const b = ctx.at<u8>(j); if (b === null) { s += 5n; continue; } if (b.value === 0) s += 3n; else s += u64(b.value); } io.r = s;",
    (a) => {
      const zeros =
        28n + [0n, 8n, 16n, 24n].reduce((n, shift) => n + (((a >> shift) & 255n) === 0n ? 1n : 0n), 0n);
      return bytesIn(a) + zeros * 3n + 368n * 5n;
    },
  ),
  over(
    "packet_by_the_inner_counter",
    "let s: u64 = 0n; for (let i: u32 = 0; i < 8; i++) for (let j: u32 = 0; j < 40; j++) { const b = ctx.at<u8>(j); if (b !== null) s += u64(b.value); else s += u64(i); } io.r = s;",
    (a) => bytesIn(a) * 8n + 28n * 8n,
  ),
  over(
    "packet_by_both_counters",
    "let s: u64 = 0n; for (let i: u32 = 0; i < 8; i++) for (let j: u32 = 0; j < 40; j++) { const b = ctx.at<u8>(i * 40 + j); if (b !== null) s += u64(b.value); else s += 2n; } io.r = s;",
    (a) => bytesIn(a) + 288n * 2n,
  ),
  over(
    "packet_in_an_inner_reference",
    "let s: u64 = 0n; for (let i: u32 = 0; i < 8; i++) { const c = ctx.at<u8>(i); if (c === null) break; for (let j: u32 = 0; j < 40; j++) { const b = ctx.at<u8>(j); if (b === null) s += 1n; else if (b.value === 0) s += u64(c.value); } } io.r = s;",
    (a) => {
      const zeros =
        28n + [0n, 8n, 16n, 24n].reduce((n, shift) => n + (((a >> shift) & 255n) === 0n ? 1n : 0n), 0n);
      return zeros * bytesIn(a) + 64n;
    },
  ),
];

/** A table and three indexes of it, for bodies that the kernel calls. */
const captured = [3n, 1n, 4n, 1n, 5n, 9n, 2n, 6n];
const CAPTURED = `const t: FixedArray<u32, 8> = [${captured.join(", ")}]; const x = a & 7; const y = (a >> 3) & 7; const z = u8(u8(a) & 3); let s: u64 = 0n;`;
const overCaptured = (a: bigint, turns: bigint, sumOfTurns: bigint): bigint => {
  const at = (index: bigint): bigint => captured[Number(index)] ?? 0n;
  return turns * (at(a & 7n) * 3n + at((a >> 3n) & 7n)) + at(a & 3n) * sumOfTurns;
};

const callbacks: readonly Case[] = [
  over(
    "small_counters_that_are_captured",
    "let n: u64 = 0n; for (const i of range(300)) { let k: u8 = 0; while (k < 15) { if (i === 250 && k === 9 && (a & 7) === 1) { io.r = u64(k) * 1000n + u64(i); return XdpAction.Pass; } k += 3; } let m: i16 = -20; while (m < 0) { if (i === 251 && (a & 7) === 0 && m === -10) { io.r = u64(i64(m)); return XdpAction.Pass; } m += 5; } n++; } io.r = n;",
    (a) => ((a & 7n) === 1n ? 9250n : (a & 7n) === 0n ? -10n : 300n),
  ),
  over(
    "counters_that_index_in_a_callback",
    "const t: FixedArray<u8, 2> = [5, 7]; let s: u64 = 0n; for (let k: i32 = 0; k < 2 && a !== 1; k++) { loop(4, (i) => { s += u64(t[k]) * u64(i + 1); }); loop(100, () => { s += u64(t[k]); }); } io.r = s;",
    (a) => (a === 1n ? 0n : 12n * 110n),
  ),
  over(
    "captured_by_a_callback",
    `const line = zeroed<Line>(); let n: u32 = 0; loop(300, (i) => { ${PART} if (p !== 0) put(line, u8(p)); else n++; }); ${FOLD("line.text", "line.at")} io.r += u64(n);`,
    (a) => {
      let n = 0n;
      for (let i = 0n; i < 300n; i++) if (part(a, i) === 0n) n++;
      return folded(kept(a, 300n)) + n;
    },
  ),
  over(
    "long_loops",
    `const s = zeroed<Tally>(); const line = zeroed<Line>(); for (let i: u32 = 0; i < 5000; i++) { ${PART} if (p === 7) put(line, u8(i)); else if (p > 3) s.odd++; else { s.even += p; if (s.even > 900) s.even = 0; } } ${FOLD("line.text", "line.at")} io.r += u64(s.odd) + u64(s.even);`,
    (a) => {
      const bytes: bigint[] = [];
      let [odd, even] = [0n, 0n];
      for (let i = 0n; i < 5000n; i++) {
        const p = part(a, i);
        if (p === 7n) {
          if (bytes.length < 64) bytes.push(i & 255n);
        } else if (p > 3n) odd++;
        else {
          even += p;
          if (even > 900n) even = 0n;
        }
      }
      return folded(bytes) + odd + even;
    },
  ),
  over(
    "indexes_that_are_captured",
    `${CAPTURED} loop(300, (i) => { s += u64(t[x]) * 3n + u64(t[y]) + u64(t[z]) * u64(i); }); io.r = s;`,
    (a) => overCaptured(a, 300n, 44_850n),
  ),
];

/** Loops whose bodies the kernel calls, in loops that are short enough to be walked. */
const repeating: readonly Case[] = [
  over(
    "a_while_in_a_long_loop",
    "let s: u64 = 0n; for (const i of range(177)) { let n: u16 = u16(a) & 255; while (n !== 0) { if ((n & 1) === 1) s += u64(i); n >>= 4; } } io.r = s;",
    (a) => overBoth(177n, 2n, (i, j) => (((a & 255n) >> (4n * j)) & 1n ? i : 0n)),
  ),
  over(
    "a_call_in_a_long_loop",
    "const m = a & 63; let s: u64 = 0n; for (let i: u32 = 0; i < 200; i++) { loop(m, (j) => { if (((a >> (j & 31)) & 1) === 1) s += u64(i); else s += 2n; }); } io.r = s;",
    (a) => overBoth(200n, a & 63n, (i, j) => ((a >> (j & 31n)) & 1n ? i : 2n)),
  ),
  over(
    "a_function_with_a_loop_in_a_long_loop",
    "const m = a & 63; let s: u64 = 0n; for (let i: u32 = 0; i < 200; i++) { s += onesOf(a, m); } io.r = s;",
    (a) => 200n * overBoth(1n, a & 63n, (_, j) => (a >> (j & 31n)) & 1n),
  ),
];

const walkIn = (turns: bigint): Case =>
  over(
    `a_walk_in_a_loop_of_${turns}`,
    `let s: u64 = 0n; for (let i: u32 = 0; i < ${turns}; i++) { for (const [key, value] of MapWalks.six) { if (((a >> key) & 1) === 1) s += u64(i) + value.value; } } io.r = s;`,
    (a) => overBoth(turns, 6n, (i, j) => ((a >> j) & 1n ? i : 0n)),
  );
const mapWalks: readonly Case[] = [
  over(
    "a_walk_that_returns_at_once",
    "io.r = 1n; for (const [key, value] of MapWalks.six) return XdpAction.Pass; io.r = 5n;",
    () => 1n,
  ),
  over(
    "a_walk_that_returns_what_it_finds",
    "let s: u64 = 3n; for (const [key, value] of MapWalks.six) { s += u64(a & 7) + u64(key) + value.value; io.r = s; return XdpAction.Pass; } io.r = 5n;",
    (a) => 3n + (a & 7n),
  ),
  walkIn(64n),
  over(
    "indexes_that_are_captured",
    `${CAPTURED} for (const [key, value] of MapWalks.six) { s += u64(t[x]) * 3n + u64(t[y]) + u64(t[z]) * u64(key) + value.value; } io.r = s;`,
    (a) => overCaptured(a, 6n, 15n),
  ),
];

const keyStep = (by: number): string => `{
  const x = (a >> ${by}) & 255;
  const last = Keys.five.get(6 - (x & 7));
  if (last !== null) {
    s += Keys.five.get(k & 7)?.value ?? ((last.value >> 2n) | (Keys.five.get(x & 3)?.value ?? last.value));
    last.value += 1n;
  } else {
    Keys.five.set(k & 7, x > 3 ? u64(x / (k + 1)) : (Keys.five.get(x & 7)?.value ?? u64(first.value)));
  }
}`;
/** Keys and values on the stack that only some paths write: the verifier must not follow the paths apart for what they leave there. */
const keysLeft: readonly Case[] = [
  {
    name: "keys_in_branches",
    inputs: { a: "u32" },
    outputs: r,
    body: `const a = io.a; let s: u64 = 0n;
for (const k of range(0, 27, 3)) {
  const first = Keys.three.get(k & 7);
  if (first !== null) {${[0, 8, 16, 24].map(keyStep).join("\n")} }
}
for (let i: u32 = 0; i < 5; i++) { const v = Keys.five.get(i); if (v !== null) { s = s * 31n + v.value; v.value = 0n; } }
io.r = s;`,
    runs: runs((a) => {
      const t = [0n, 8n, 16n, 24n].map((by) => (a >> by) & 255n);
      const five = [0n, 0n, 0n, 0n, 0n];
      const at = (index: bigint): bigint | undefined => five[Number(index)];
      let s = 0n;
      for (let k = 0n; k < 27n; k += 3n) {
        if ((k & 7n) >= 3n) continue;
        for (const x of t) {
          const last = at(BigInt.asUintN(32, 6n - (x & 7n)));
          if (last !== undefined) {
            s += at(k & 7n) ?? (last >> 2n) | (at(x & 3n) ?? last);
            five[Number(6n - (x & 7n))] = last + 1n;
          } else five[Number(k & 7n)] = x > 3n ? x / (k + 1n) : (at(x & 7n) ?? 0n);
        }
      }
      for (const value of five) s = s * 31n + value;
      return s;
    }),
  },
];

const walked: readonly ConformanceClass[] = [
  { name: "Cursors", preamble, cases: cursors },
  { name: "Sums", preamble, cases: sums },
  { name: "Bounds", preamble, cases: bounds },
  { name: "Packets", preamble, cases: packets },
  {
    name: "Keys",
    preamble,
    members:
      "static readonly three = new ArrayMap<u32>({ maxEntries: 3 }); static readonly five = new ArrayMap<u64>({ maxEntries: 5 });",
    cases: keysLeft,
  },
];
const visited = (cases: readonly Case[]): ConformanceClass => ({
  name: "MapWalks",
  preamble,
  members: "static readonly six = new ArrayMap<u64>({ maxEntries: 6 });",
  cases,
});
const called: readonly ConformanceClass[] = [
  ...walked,
  { name: "Callbacks", preamble, cases: [...callbacks, ...repeating] },
  visited([...mapWalks, walkIn(100n)]),
];

const titled = (oldest: string): string => `state of loops, from Linux ${oldest} on`;
export const groups: readonly Group[] = [
  { title: titled("5.10"), classes: walked },
  { title: titled("5.13"), classes: [visited(mapWalks)], kernel: "5.13" },
  ...["5.17", "6.4"].map((kernel) => ({ title: titled(kernel), classes: called, kernel })),
];
