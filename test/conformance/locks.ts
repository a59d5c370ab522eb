/** What a lock allows: loops without calls, and functions whose bodies are put in place of their calls. */
import { casesOver } from "./cases.js";
import type { ConformanceClass, Group, Variant } from "./program.js";

const small = casesOver([0n, 1n, 6n, 255n]);
const mask64 = (value: bigint): bigint => BigInt.asUintN(64, value);
/** The sum of `of` over 0 to `count - 1`. */
const sum = (count: bigint, of: (i: bigint) => bigint): bigint => {
  let total = 0n;
  for (let i = 0n; i < count; i++) total += of(i);
  return mask64(total);
};

const guarded = `const row = CLASS.rows.getOrInsert(1, zeroed()); if (row === null) return XdpAction.Drop;
withLock(row.lock, () => { row.sum = 0n; for (let i = 0; i < 8; i++) row.words[i] = 0; row.words[0] = io.a; row.words[7] = 9; });`;

const locked = (name: string): ConformanceClass => ({
  name,
  preamble: `interface Row { lock: SpinLock; sum: u64; words: FixedArray<u32, 8> }
function add(row: Row, by: u64): void { row.sum += by; }
function total(words: FixedArray<u32, 8>): u64 { let sum: u64 = 0n; for (const word of words) sum += u64(word); return sum; }
function each(count: u32, f: (i: u32) => void): void { for (let i: u32 = 0; i < count && i < 16; i++) f(i); }`,
  members: "static readonly rows = new HashMap<u32, Row>({ maxEntries: 4 });",
  cases: [
    small(
      "long",
      "withLock(row.lock, () => { for (let i: u32 = 0; i < 2000; i++) row.sum += u64(io.a) + u64(i); }); io.r = row.sum;",
      (a) => sum(2000n, (i) => a + i),
    ),
    small(
      "branching",
      "withLock(row.lock, () => { for (let i: u32 = 0; i < 1024; i++) { if (row.words[i & 7] & 1) row.sum += 3n; else if (row.words[i & 7] & 2) row.sum ^= 5n; else row.words[i & 7] += 1; } }); io.r = row.sum;",
      (a) => {
        const words = [a, 0n, 0n, 0n, 0n, 0n, 0n, 9n];
        let seen = 0n;
        for (let i = 0; i < 1024; i++) {
          const word = words[i & 7] ?? 0n;
          if (word & 1n) seen += 3n;
          else if (word & 2n) seen ^= 5n;
          else words[i & 7] = word + 1n;
        }
        return seen;
      },
    ),
    small(
      "called",
      "withLock(row.lock, () => { for (let i: u32 = 0; i < 1500; i++) add(row, 2n); add(row, total(row.words)); }); io.r = row.sum;",
      (a) => 3000n + a + 9n,
    ),
    small(
      "closure",
      "withLock(row.lock, () => { each(io.a, (i) => add(row, u64(i) + 1n)); }); io.r = row.sum;",
      (a) => sum(a < 16n ? a : 16n, (i) => i + 1n),
    ),
    small(
      "listed",
      "io.r = withLock(row.lock, () => { let n: u64 = 0n; for (const [i, word] of row.words.entries()) n += u64(word) * u64(i + 1); return n; });",
      (a) => a + 72n,
    ),
    small(
      "counted",
      "withLock(row.lock, () => { loop(3000, (i) => { row.sum += u64(i & 1); }); }); io.r = row.sum;",
      () => 1500n,
    ),
    small(
      "breaks",
      "withLock(row.lock, () => { for (let i: u32 = 0; i < 1400; i++) { if (i > io.a) break; if (i & 1) continue; row.sum += 1n; } }); io.r = row.sum;",
      (a) => a / 2n + 1n,
    ),
  ].map((item) => ({ ...item, body: `${guarded.replace("CLASS", name)}\n${item.body}` })),
});

const unbounded: ConformanceClass = {
  ...locked("LocksLater"),
  cases: [
    small(
      "unknown",
      `${guarded.replace("CLASS", "LocksLater")}
const n = io.a; withLock(row.lock, () => { for (let i: u32 = 0; i < n; i++) row.sum += 2n; loop(n, () => { row.sum += 1n; }); }); io.r = row.sum;`,
      (a) => 3n * a,
    ),
  ],
};

/** The forms of loops follow from the kernel; levels and byte orders are tried elsewhere. */
const variants: readonly Variant[] = [
  { byteOrder: "little", optimize: 0, cpu: 3 },
  { byteOrder: "little", optimize: 2, cpu: 3 },
];

export const groups: readonly Group[] = [
  ...["5.10", "5.17", "6.1", "6.4", "6.14"].map((kernel) => ({
    title: `loops while a lock is held, from ${kernel} on`,
    classes: [locked("Locks")],
    kernel,
    variants,
  })),
  { title: "loops of unknown length while a lock is held", classes: [unbounded], kernel: "6.14", variants },
];
