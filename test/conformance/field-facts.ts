/** Fields of structs on the stack, which are known as variables are: by what was stored in them, until something may change it. */
import { casesOver } from "./cases.js";
import { type ConformanceClass, cpus, type Group, levels } from "./program.js";

const one = casesOver([0n, 1n, 3n, 7n, 8n, 33n, 200n]);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const entry = (index: bigint): bigint => index * 10n + 1n;

const fields: ConformanceClass = {
  name: "FieldFacts",
  preamble: `interface Inner { len: u16; more: u8 }
interface State { len: u32; cap: u32; wide: i64; inner: Inner; small: Bits<u32, 5> }
function sum(s: State): u64 { return u64(s.len) + u64(s.cap) * 1000n; }`,
  members: `@noinline static length(s: State): u32 { s.cap += 1; return s.len; }`,
  cases: [
    one(
      "assignedPerhaps",
      "const s: State = { len: 0, cap: 5, wide: i64(io.a), inner: { len: 0, more: 2 }, small: 1 }; s.len &&= 9; s.cap &&= 7; s.wide ||= 3n; s.inner.len ||= 4; s.inner.more &&= u8(io.a); io.r = u64(s.len) + u64(s.cap) * 10n + u64(s.inner.len) * 100n + u64(s.inner.more) * 1000n + u64(s.wide) * 1000000n;",
      (a) => 0n + 70n + 400n + (a & 255n) * 1000n + (a === 0n ? 3n : a) * 1_000_000n,
    ),
    one(
      "boundOfLoop",
      "const s = zeroed<State>(); s.len = min(io.a, 32); let n: u64 = 0n; for (let j: u32 = 0; j < s.len; j++) n += u64(j); io.r = n;",
      (a) => {
        const n = least(a, 32n);
        return (n * (n - 1n)) / 2n;
      },
    ),
    one(
      "boundOfLoopThatStores",
      "const s = zeroed<State>(); s.len = io.a & 15; for (let j: u32 = 0; j < s.len; j++) s.cap += j; io.r = u64(FieldFacts.length(s)) + u64(s.cap) * 100n;",
      (a) => {
        const n = a & 15n;
        return n + ((n * (n - 1n)) / 2n + 1n) * 100n;
      },
    ),
    one(
      "index",
      "const t: FixedArray<u32, 8> = [1, 11, 21, 31, 41, 51, 61, 71]; const s = zeroed<State>(); s.len = io.a & 7; s.inner.len = u16(io.a % 5); s.wide = i64(io.a & 3); io.r = u64(t[s.len]) * 10000n + u64(t[s.inner.len]) * 100n + u64(t[u32(s.wide)]);",
      (a) => entry(a & 7n) * 10_000n + entry(a % 5n) * 100n + entry(a & 3n),
    ),
    one(
      "clamped",
      "const t: FixedArray<u32, 8> = [1, 11, 21, 31, 41, 51, 61, 71]; const s: State = { len: io.a, cap: 1, wide: 0n, inner: { len: 2, more: 1 }, small: 3 }; if (s.len > 7) s.len = 7; io.r = u64(t[s.len]) * 100n; if (s.len > 5) { s.len = 2; } else { s.len = 3; } io.r += u64(t[s.len]);",
      (a) => entry(least(a, 7n)) * 100n + entry(least(a, 7n) > 5n ? 2n : 3n),
    ),
    one(
      "clampedBound",
      "const s = zeroed<State>(); s.len = io.a; if (s.len > 20) s.len = 20; for (let j: u32 = 0; j < s.len; j++) s.cap += 2; io.r = sum(s) + u64(FieldFacts.length(s));",
      (a) => least(a, 20n) * 2n + least(a, 20n) * 2000n,
    ),
    one(
      "literal",
      "const t: FixedArray<u32, 8> = [1, 11, 21, 31, 41, 51, 61, 71]; const cap = io.a & 3; const s: State = { len: 3, cap, wide: -1n, inner: { len: u16(io.a & 1), more: 7 }, small: 1 }; io.r = u64(t[s.len]) * 1000000n + u64(t[s.cap]) * 10000n + u64(t[s.inner.more]) * 100n + u64(t[s.inner.len]);",
      (a) => entry(3n) * 1_000_000n + entry(a & 3n) * 10_000n + entry(7n) * 100n + entry(a & 1n),
    ),
    one(
      "compound",
      "const t: FixedArray<u32, 8> = [1, 11, 21, 31, 41, 51, 61, 71]; const s = zeroed<State>(); s.len = io.a; s.len &= 3; io.r = u64(t[s.len]); s.len++; io.r += u64(t[s.len]) * 100n; s.len += 2; s.len += 1; io.r += u64(t[s.len]) * 10000n; s.inner.more = 250; s.inner.more += u8(io.a); io.r += u64(s.inner.more) * 1000000n;",
      (a) => {
        const n = a & 3n;
        return (
          entry(n) + entry(n + 1n) * 100n + entry(n + 4n) * 10_000n + BigInt.asUintN(8, 250n + a) * 1_000_000n
        );
      },
    ),
    one(
      "changedByOthers",
      "const s = zeroed<State>(); const t = s; s.len = 5; t.len = io.a; io.r = u64(s.len); s.cap = 3; const l = FieldFacts.length(s); io.r += u64(s.cap) * 1000n + u64(l) * 10000n; s.len = 1; const u: State = { len: 9, cap: 9, wide: 9n, inner: { len: 9, more: 9 }, small: 9 }; s.inner.len = 4; s.inner = u.inner; io.r += u64(s.inner.len) * 1000000n;",
      (a) => a + 4000n + a * 10_000n + 9_000_000n,
    ),
    one(
      "changedInBranches",
      "const s = zeroed<State>(); s.len = 5; if (io.a > 3) s.len = 6; io.r = u64(s.len); switch (io.a) { case 1: s.len = 8; break; case 3: s.len = 9; default: s.cap = 1; } io.r += u64(s.len) * 10n; for (let i: u32 = 0; i < 3; i++) { io.r += u64(s.len) * 1000n; s.len = i; } io.r += u64(s.len) * 100000n; if (io.a > 2 && (s.len = 50) > 3) s.cap = 2; io.r += u64(s.len) * 1000000n;",
      (a) => {
        const first = a > 3n ? 6n : 5n;
        const second = a === 1n ? 8n : a === 3n ? 9n : first;
        return first + second * 10n + (second + 1n) * 1000n + 200_000n + (a > 2n ? 50n : 2n) * 1_000_000n;
      },
    ),
    one(
      "wrapsAsStored",
      "const s = zeroed<State>(); const b = u8(io.a); s.inner.more = b + 250; s.len = b + 250; io.r = u64(s.inner.more) + u64(s.len) * 1000n; s.small = 9; io.r += u64(s.small) * 1000000n; s.wide = -3n; io.r += u64(s.wide + 4n) * 100000000n;",
      (a) => BigInt.asUintN(8, a + 250n) + (BigInt.asUintN(8, a) + 250n) * 1000n + 9_000_000n + 100_000_000n,
    ),
  ],
};

/** For `field-facts.test.ts`. */
export const groups: readonly Group[] = [
  { title: "fields that are known, for 6.4", classes: [fields], kernel: "6.4" },
  { title: "fields that are known", classes: [fields], variants: [...levels, ...cpus] },
];
