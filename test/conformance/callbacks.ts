/** Functions given to functions, and those that the kernel calls back. */
import { casesOver } from "./cases.js";
import type { ConformanceClass, Group } from "./program.js";

const mask64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const numbers = [0n, 1n, 2n, 7n, 255n, 65_536n, 0xffff_fff0n];
const one = casesOver(numbers);

/** Functions that take functions. */
const callbacks: ConformanceClass = {
  name: "Callbacks",
  preamble: `interface Point { x: u64; y: u64 }
function twice(f: (x: u64) => u64, x: u64): u64 { return f(f(x)); }
function inc(x: u64): u64 { return x + 1n; }
function each(n: u32, f: (i: u32) => void): void { for (let i: u32 = 0; i < 8; i++) { if (i >= n) break; f(i); } }
function when(on: boolean, f: () => void): void { if (on) f(); }
function fold<T>(p: FixedArray<T, 4>, start: T, f: (sum: T, x: T) => T): T { let sum = start; for (let i: u32 = 0; i < 4; i++) sum = f(sum, p[i]); return sum; }
function change(p: Point, f: (p: Point) => void): void { f(p); f(p); }
function made(f: (x: u64) => Point, x: u64): u64 { const p = f(x); const q = f(x + 1n); return p.x * 1000n + q.x; }
function pass(f: (x: u64) => u64, x: u64): u64 { return twice(f, x) + twice((y) => f(y) * 2n, x); }
function search(f: (x: u32) => boolean): u32 { for (let i: u32 = 0; i < 40; i++) { if (f(i)) return i; } return 99; }`,
  members: "private static triple(x: u64): u64 { return x * 3n; }",
  cases: [
    one("arrow", "io.r = twice((x) => x * 3n + 1n, u64(io.a));", (a) => (a * 3n + 1n) * 3n + 1n),
    one(
      "functionExpression",
      "io.r = twice(function (x: u64): u64 { if (x > 10n) return x - 10n; return x; }, u64(io.a));",
      (a) => [0, 1].reduce((x) => (x > 10n ? x - 10n : x), a),
    ),
    one(
      "namedFunction",
      "io.r = twice(inc, u64(io.a)) * 100n + twice(Callbacks.triple, 2n);",
      (a) => (a + 2n) * 100n + 18n,
    ),
    one(
      "capturedLet",
      "let calls: u64 = 0n; const r = twice((x) => { calls += 10n; return x + calls; }, u64(io.a)); io.r = r * 100n + calls;",
      (a) => (a + 30n) * 100n + 20n,
    ),
    one(
      "capturedConst",
      "const by = u64(io.a & 15); io.r = twice((x) => x * by, 3n);",
      (a) => 3n * (a & 15n) * (a & 15n),
    ),
    one(
      "capturedReference",
      "const p: Point = { x: 0n, y: 0n }; each(io.a & 7, (i) => { p.x += u64(i); p.y = u64(i); }); io.r = p.x * 100n + p.y;",
      (a) => {
        const n = a & 7n;
        return ((n * (n - 1n)) / 2n) * 100n + (n === 0n ? 0n : n - 1n);
      },
    ),
    one(
      "capturedContext",
      "let n: u64 = 0n; when(io.a > 1, () => { n = u64(ctx.length); }); io.r = n;",
      (a) => (a > 1n ? 32n : 0n),
    ),
    one(
      "genericCallback",
      "const w: FixedArray<u64, 4> = [1n, 2n, 3n, u64(io.a)]; io.r = fold(w, 0n, (sum, x) => sum * 10n + x);",
      (a) => 1230n + a,
    ),
    one(
      "structInACallback",
      "const p: Point = { x: u64(io.a), y: 1n }; change(p, (q) => { q.x += q.y; q.y += 1n; }); io.r = p.x * 10n + p.y;",
      (a) => (a + 3n) * 10n + 3n,
    ),
    one(
      "structFromACallback",
      "io.r = made((x) => ({ x: x * 2n, y: 1n }), u64(io.a));",
      (a) => a * 2000n + (a + 1n) * 2n,
    ),
    one(
      "callbackPassedOn",
      "io.r = pass((x) => x + 5n, u64(io.a));",
      (a) => a + 10n + ((a + 5n) * 2n + 5n) * 2n,
    ),
    one(
      "nestedCallbacks",
      "let n: u64 = 0n; each(3, (i) => { each(2, (j) => { n = n * 3n + u64(i * 2 + j) + u64(io.a & 1); }); }); io.r = n;",
      (a) => [0n, 1n, 2n, 3n, 4n, 5n].reduce((n, x) => n * 3n + x + (a & 1n), 0n),
    ),
    one(
      "earlyReturn",
      "const a = io.a; io.r = u64(search((x) => x * 3 > (a & 63)));",
      (a) => (a & 63n) / 3n + 1n,
    ),
  ],
};

/** Loops whose body is a closure. */
const visits: ConformanceClass = {
  name: "Visits",
  preamble: `interface Point { x: u32; y: u64 }`,
  members: `static readonly array = new ArrayMap<u64>({ maxEntries: 8 });
static readonly hash = new HashMap<u32, Point>({ maxEntries: 8 });
static sum: u64 = 0n;`,
  cases: [
    one(
      "constantLoop",
      "let n: u64 = 0n; loop(10, (i) => { n = n * 3n + u64(i) + u64(io.a); }); io.r = n;",
      (a) => Array.from({ length: 10 }, (_, i) => BigInt(i)).reduce((n, i) => mask64(n * 3n + i + a), 0n),
    ),
    one("largeLoop", "let n: u64 = 0n; loop(1000, (i) => { n += u64(i ^ io.a); }); io.r = n;", (a) =>
      Array.from({ length: 1000 }, (_, i) => BigInt(i)).reduce((n, i) => n + (i ^ a), 0n),
    ),
    one(
      "stoppedLoop",
      "let n: u64 = 0n; const a = io.a & 127; io.r = u64(loop(100, (i) => { if (i === a) return true; n++; })) * 1000n + n;",
      (a) => ((a & 127n) < 100n ? ((a & 127n) + 1n) * 1000n + (a & 127n) : 100_100n),
    ),
    one("expressionBody", "const a = io.a & 31; io.r = u64(loop(50, (i) => i >= a));", (a) => (a & 31n) + 1n),
    one(
      "nestedLoops",
      "let n: u64 = 0n; loop(5, (i) => { loop(4, (j) => { n = n * 3n + u64(i * 4 + j); }); }); io.r = n + u64(io.a);",
      (a) => Array.from({ length: 20 }, (_, i) => BigInt(i)).reduce((n, i) => n * 3n + i, 0n) + a,
    ),
    one(
      "loopOverAnArray",
      "const w: FixedArray<u32, 80> = zeroed<FixedArray<u32, 80>>(); loop(80, (i) => { w[i] = i * 2; }); io.r = u64(w[io.a & 63]);",
      (a) => (a & 63n) * 2n,
    ),
    one(
      "forEachOfAnArray",
      "loop(8, (i) => { Visits.array.set(i, u64(i) * u64(io.a)); }); let n: u64 = 0n; Visits.array.forEach((key, value) => { n = n * 2n + value.value + u64(key.value); }); io.r = n;",
      (a) => [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].reduce((n, i) => mask64(n * 2n + i * a + i), 0n),
    ),
    one(
      "forEachOfAHash",
      "for (let i: u32 = 0; i < 5; i++) { Visits.hash.set(i, { x: i, y: u64(io.a) }); } let n: u64 = 0n; Visits.hash.forEach((key, value) => { n += u64(key.value) * 3n + value.y; value.x += 1; }); Visits.hash.forEach((_key, value) => { n += u64(value.x); }); io.r = n;",
      (a) => 30n + a * 5n + 15n,
    ),
    one(
      "stoppedForEach",
      "loop(8, (i) => { Visits.array.set(i, u64(i)); }); let n: u64 = 0n; const a = u64(io.a & 7); Visits.array.forEach((_key, value) => { if (value.value === a) return true; n += 1n; return false; }); io.r = n;",
      (a) => a & 7n,
    ),
    one(
      "variableCount",
      "let n: u64 = 0n; const turns = loop(io.a & 255, (i) => { n += u64(i); Visits.sum = n; }); io.r = n * 1000n + u64(turns);",
      (a) => {
        const n = a & 255n;
        return ((n * (n - 1n)) / 2n) * 1000n + n;
      },
    ),
    one(
      "returnInForEach",
      "loop(8, (i) => { Visits.array.set(i, u64(i) * 2n); }); let found: u32 = 99; Visits.array.forEach((key, value) => { if (value.value > u64(io.a & 7)) { found = key.value; return true; } }); io.r = u64(found);",
      (a) => (a & 7n) / 2n + 1n,
    ),
  ],
};

/** The same for kernels that have no callbacks: what they can do. */
const oldVisits: ConformanceClass = {
  ...visits,
  name: "OldVisits",
  cases: visits.cases
    .filter(({ name }) => !["forEachOfAHash", "variableCount"].includes(name))
    .map((item) => ({ ...item, body: item.body.replaceAll("Visits.", "OldVisits.") })),
};

export const groups: readonly Group[] = [
  { title: "callbacks", classes: [callbacks] },
  { title: "closures as loops, with callbacks of the kernel", classes: [visits], kernel: "5.17" },
  { title: "closures as loops, without callbacks", classes: [oldVisits] },
];
