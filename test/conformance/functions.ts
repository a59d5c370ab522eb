/** Functions: what they take and give, generics, the forms that they are compiled to. */
import { casesOver } from "./cases.js";
import type { ConformanceClass, Group } from "./program.js";

const mask32 = (value: bigint): bigint => BigInt.asUintN(32, value);
const numbers = [0n, 1n, 2n, 7n, 255n, 65_536n, 0xffff_fff0n];
const one = casesOver(numbers);

/** What functions take. */
const parameters: ConformanceClass = {
  name: "Parameters",
  preamble: `interface Point { x: u32; y: u32; z: u64 }
function scale(x: u64, by: u64 = 3n, add: u64 = by + 1n): u64 { return x * by + add; }
function turned(a: u32, b: u32, on: boolean): u64 { [a, b] = [b, a]; return on ? u64(a) * 1000n + u64(b) : 0n; }
function taken(p: Point, a: u32, b: u32): u64 { ({ x: a, y: b } = p); return u64(a) * 10n + u64(b); }
function countBits(x: u32): u32 { let n: u32 = 0; for (let i: u32 = 0; i < 32; i++) { n += x & 1; x >>= 1; } return n; }
function five(a: u64, b: u64, c: u64, d: u64, e: u64): u64 { return a + b * 2n + c * 3n + d * 4n + e * 5n; }
function move(p: Point, by: u32): void { p.x += by; p.y -= by; by = 0; p.z = u64(by); }
function zOf(p?: Point): u64 { return p ? p.z : 99n; }
function xOr(p: Point | null, otherwise: u64): u64 { if (p === null) return otherwise; return u64(p.x); }
function swapped(a: Point, b: Point): u64 { const c = a; a = b; b = c; return u64(a.x) * 1000n + u64(b.x); }
function small(x: u8, y: i8): i64 { return i64(x) + i64(y); }
function weigh({ x, z: [first, second], p: { y } }: Weighed, [a, b]: FixedArray<u32, 2>): u64 { x += 1; return u64(x) + u64(first) * 10n + u64(second) * 100n + u64(y) * 1000n + u64(a) * 3n + u64(b); }
interface Weighed { x: u32; z: FixedArray<u8, 2>; p: Point }
function flag(on: boolean = true): u64 { return on ? 1n : 0n; }`,
  members: `static helper(a: u64): u64 { return a ^ 5n; }
private static hidden(a: u64): u64 { return Parameters.helper(a) + 1n; }
static base: u64 = 3n;
static plus(a: u64): u64 { const before = this.base; this.base += 1n; return before + this.helper(a); }`,
  cases: [
    one(
      "defaults",
      "const a = u64(io.a); io.r = scale(a) + 1000n * scale(a, 2n) + 1000000n * scale(a, 2n, 5n);",
      (a) => a * 3n + 4n + 1000n * (a * 2n + 3n) + 1_000_000n * (a * 2n + 5n),
    ),
    one(
      "memberOfThis",
      "this.base = 4n; io.r = this.plus(u64(io.a)) + Parameters.base * 10000000000n;",
      (a) => 4n + (a ^ 5n) + 50_000_000_000n,
    ),
    one(
      "contextPattern",
      "const { length, rxQueueIndex: queue, ingressIfindex } = ctx; io.r = u64(length) * 100n + u64(queue) + (ingressIfindex === ctx.ingressIfindex ? 7n : 0n);",
      () => 3207n,
    ),
    one("undefinedDefault", "io.r = scale(u64(io.a), undefined, 7n);", (a) => a * 3n + 7n),
    one("booleanDefault", "io.r = flag() * 10n + flag(io.a > 5);", (a) => 10n + (a > 5n ? 1n : 0n)),
    one(
      "assignedParameter",
      "const a = io.a; io.r = u64(countBits(a)) * 10000000000n + u64(a);",
      (a) => BigInt([...a.toString(2)].filter((bit) => bit === "1").length) * 10_000_000_000n + a,
    ),
    one(
      "parametersOfAPattern",
      "const p: Point = { x: 3, y: 4, z: 5n }; io.r = turned(io.a & 255, 7, true) * 1000n + taken(p, io.a, 1);",
      (a) => (7_000n + (a & 255n)) * 1000n + 34n,
    ),
    one(
      "fiveParameters",
      "const a = u64(io.a); io.r = five(a, a + 1n, a + 2n, a + 3n, a + 4n);",
      (a) => a + (a + 1n) * 2n + (a + 2n) * 3n + (a + 3n) * 4n + (a + 4n) * 5n,
    ),
    one(
      "structByReference",
      "const p: Point = { x: io.a, y: 5, z: 9n }; move(p, 3); io.r = u64(p.x) + (u64(p.y) << 32n) + p.z;",
      (a) => mask32(a + 3n) + (2n << 32n),
    ),
    one(
      "optionalReference",
      "const p: Point = { x: 1, y: 2, z: u64(io.a) }; io.r = zOf(p) * 100n + zOf();",
      (a) => a * 100n + 99n,
    ),
    one(
      "nullableReference",
      "const p: Point = { x: io.a, y: 2, z: 3n }; io.r = xOr(p, 7n) * 100n + xOr(null, 8n);",
      (a) => a * 100n + 8n,
    ),
    one(
      "assignedReference",
      "const p: Point = { x: io.a & 255, y: 2, z: 3n }; const q: Point = { x: 4, y: 5, z: 6n }; io.r = swapped(p, q);",
      (a) => 4000n + (a & 255n),
    ),
    one(
      "narrowParameters",
      "io.r = u64(small(u8(io.a), i8(io.a)));",
      (a) => (a & 255n) + BigInt.asIntN(8, a),
    ),
    one(
      "destructuredParameters",
      "const w: Weighed = { x: io.a, z: [1, 2], p: { x: 1, y: 3, z: 4n } }; const l: FixedArray<u32, 2> = [5, 6]; io.r = weigh(w, l) + u64(w.x);",
      (a) => mask32(a + 1n) + 3210n + 21n + a,
    ),
    one("privateHelper", "io.r = Parameters.hidden(u64(io.a));", (a) => (a ^ 5n) + 1n),
  ],
};

/** What functions give. */
const results: ConformanceClass = {
  name: "Results",
  preamble: `interface Point { x: u32; y: u32; z: u64 }
interface Line { from: Point; to: Point; tag: u8 }
function point(n: u32): Point { return { x: n, y: n + 1, z: u64(n) * 2n }; }
function either(n: u32): Point { if (n > 5) { const p: Point = { x: 1, y: n, z: 1n }; return p; } return { x: 2, y: n, z: 2n }; }
function maybe(n: u32): Point | null { if (n === 7) return null; return point(n); }
function line(a: u32, b: u32): Line { const from = point(a); return { from, to: point(b), tag: 9 }; }
function end(a: u32): Point { const l = line(a, a + 1); return l.to; }
function chosen(n: u32): Point { return n > 100 ? point(n) : point(n + 1); }
function words(n: u32): FixedArray<u32, 4> { return [n, n + 1, n + 2, n + 3]; }
function greatest(a: Point, b: Point): Point { return a.z > b.z ? a : b; }
function five(a: u32, b: u32, c: u32, d: u32, e: u32): Point { return { x: a + b, y: c + d, z: u64(e) }; }
function found(key: u32): Point | null { return Results.points.get(key); }`,
  members: "static readonly points = new ArrayMap<Point>({ maxEntries: 4 });",
  cases: [
    one(
      "structByValue",
      "const p = point(io.a); io.r = u64(p.x) + u64(p.y) * 3n + p.z * 5n;",
      (a) => a + mask32(a + 1n) * 3n + a * 10n,
    ),
    one(
      "twoResultsAtOnce",
      "const p = point(io.a); const q = point(3); p.x += 1; io.r = u64(p.x) * 1000n + u64(q.x) * 10n + u64(q.y);",
      (a) => mask32(a + 1n) * 1000n + 34n,
    ),
    one(
      "resultsInALoop",
      "let sum: u64 = 0n; const first = point(50); for (let i: u32 = 0; i < 5; i++) { const p = point(io.a + i); p.x += 1; sum += u64(p.x) + p.z; } io.r = sum + u64(first.x);",
      (a) => [0n, 1n, 2n, 3n, 4n].reduce((sum, i) => sum + mask32(a + i + 1n) + mask32(a + i) * 2n, 50n),
    ),
    one(
      "resultsOfBranches",
      "const p = either(io.a); io.r = u64(p.x) * 10n + p.z + u64(p.y) * 100n;",
      (a) => (a > 5n ? 11n : 22n) + a * 100n,
    ),
    one("resultOrNull", "const p = maybe(io.a); io.r = p === null ? 1n : p.z + 2n;", (a) =>
      a === 7n ? 1n : a * 2n + 2n,
    ),
    one(
      "nestedResult",
      "const l = line(io.a, 5); io.r = l.from.z + u64(l.to.y) * 3n + u64(l.tag);",
      (a) => a * 2n + 18n + 9n,
    ),
    one("fieldOfResult", "io.r = u64(end(io.a).x) + end(1).z;", (a) => mask32(a + 1n) + 4n),
    one("chosenResult", "io.r = chosen(io.a).z;", (a) => (a > 100n ? a : mask32(a + 1n)) * 2n),
    one(
      "arrayByValue",
      "const w = words(io.a); const v = words(1); io.r = u64(w[0]) + u64(w[3]) * 2n + u64(v[2]);",
      (a) => a + mask32(a + 3n) * 2n + 3n,
    ),
    one(
      "referenceResult",
      "const p = point(io.a); const q = point(9); const best = greatest(p, q); best.x = 77; io.r = u64(p.x) * 1000n + u64(q.x);",
      (a) => (a > 9n ? 77n : a) * 1000n + (a > 9n ? 9n : 77n),
    ),
    one(
      "fiveParametersAndStruct",
      "const p = five(io.a, 1, 2, 3, 4); io.r = u64(p.x) * 100n + u64(p.y) * 10n + p.z;",
      (a) => mask32(a + 1n) * 100n + 54n,
    ),
    one(
      "mapReferenceResult",
      "const p = found(io.a & 3); if (p !== null) { p.z = u64(io.a); } const q = found(io.a & 3); io.r = q === null ? 1n : q.z + 5n;",
      (a) => a + 5n,
    ),
  ],
};

/** Functions for every type. */
const generics: ConformanceClass = {
  name: "Generics",
  preamble: `interface Pair<T> { a: T; b: T }
interface Tagged<T, N extends number> { tag: u8; values: FixedArray<T, N> }
function largest<T extends u32 | u64>(a: T, b: T): T { return a > b ? a : b; }
function pair<T>(a: T, b: T): Pair<T> { return { a, b }; }
function swap<T>(p: Pair<T>): Pair<T> { return pair(p.b, p.a); }
function bytes<T>(): u64 { return u64(sizeof<T>()); }
function sum<N extends number>(values: FixedArray<u32, N>): u64 { let n: u64 = 0n; for (let i: u32 = 0; i < values.length; i++) { n += u64(values[i]); } return n; }
function first<T, N extends number>(t: Tagged<T, N>): T { return t.values[0]; }
function same<T>(x: T): T { return x; }
function nested<T>(x: T): Pair<Pair<T>> { const p = pair(x, x); return { a: p, b: p }; }
interface Point { x: u32; y: u32 }`,
  cases: [
    one(
      "genericNumbers",
      "io.r = u64(largest(io.a, u32(100))) + largest(u64(io.a), 5000000000n) * 2n;",
      (a) => (a > 100n ? a : 100n) + 10_000_000_000n,
    ),
    one(
      "genericStructs",
      "const p = swap(pair<u64>(u64(io.a), 2n)); const q = swap(pair<u8>(u8(io.a), 2)); io.r = p.a * 1000n + p.b + u64(q.b) * 7n + u64(q.a);",
      (a) => 2000n + a + (a & 255n) * 7n + 2n,
    ),
    one(
      "genericSizes",
      "io.r = bytes<Pair<u8>>() + bytes<Pair<u64>>() * 10n + bytes<Tagged<u16, 3>>() * 100n + bytes<Pair<Pair<u32>>>() * 1000n + u64(io.a);",
      (a) => 2n + 160n + 800n + 16_000n + a,
    ),
    one(
      "genericLength",
      "const four: FixedArray<u32, 4> = [io.a, 2, 3, 4]; const two: FixedArray<u32, 2> = [io.a, 1]; io.r = sum(four) * 3n + sum(two);",
      (a) => (a + 9n) * 3n + a + 1n,
    ),
    one(
      "twoTypeParameters",
      "const t: Tagged<u64, 2> = { tag: 1, values: [u64(io.a) + 1n, 2n] }; const s: Tagged<u8, 3> = { tag: 1, values: [u8(io.a), 2, 3] }; io.r = first(t) * 1000n + u64(first(s));",
      (a) => (a + 1n) * 1000n + (a & 255n),
    ),
    one(
      "genericReference",
      "const p: Point = { x: io.a, y: 2 }; const q = same(p); q.y = 9; io.r = u64(p.y) + u64(same(q.x));",
      (a) => 9n + a,
    ),
    one(
      "genericOfGeneric",
      "const p = nested(u64(io.a)); p.a.a += 1n; io.r = p.a.a * 10n + p.b.b;",
      (a) => (a + 1n) * 10n + a,
    ),
  ],
};

/** Subprograms, and functions that are verified on their own. */
const forms: ConformanceClass = {
  name: "Forms",
  preamble: `interface Point { x: u32; y: u64 }
let calls: u64 = 0n;`,
  members: `@noinline static sum(a: u64, b: u64): u64 { return a * 3n + b; }
@noinline static made(n: u32): Point { return { x: n, y: 7n }; }
@noinline static change(p: Point): void { p.x += 1; p.y = u64(p.x); }
@noinline static same<T extends u32 | u64>(x: T): T { return x; }
@global static squared(a: u32): u64 { return u64(a) * u64(a); }
@global static total(p: Point, by: u32): u64 { return u64(p.x) * u64(by) + p.y; }
@global static fill(p: Point, n: u32): void { p.x = n; p.y = 5n; }
@global static length(ctx: XdpContext): u32 { return ctx.length; }
@global static isLarge(a: u32): boolean { return a > 100; }
@global static signed(a: i32): i64 { return i64(a) - 1n; }
@global static zOr(p: Point | null): u64 { return p === null ? 9n : p.y; }
@global static outer(a: u32): u64 { return Forms.squared(a) + Forms.sum(1n, 2n); }`,
  cases: [
    one("noinline", "io.r = Forms.sum(u64(io.a), 4n) + Forms.sum(1n, 1n);", (a) => a * 3n + 8n),
    one(
      "noinlineStruct",
      "const p = Forms.made(io.a); const q = Forms.made(3); io.r = u64(p.x) * 10n + p.y + u64(q.x);",
      (a) => a * 10n + 10n,
    ),
    one(
      "noinlineReference",
      "const p: Point = { x: io.a, y: 0n }; Forms.change(p); io.r = p.y * 2n + u64(p.x);",
      (a) => mask32(a + 1n) * 3n,
    ),
    one("noinlineGeneric", "io.r = Forms.same(u64(io.a)) * 2n + u64(Forms.same(io.a));", (a) => a * 3n),
    one("globalNumbers", "io.r = Forms.squared(io.a) + Forms.squared(2);", (a) => a * a + 4n),
    one(
      "globalReference",
      "const p: Point = { x: io.a, y: 6n }; io.r = Forms.total(p, 3);",
      (a) => a * 3n + 6n,
    ),
    one(
      "globalWithoutResult",
      "const p: Point = { x: 0, y: 0n }; Forms.fill(p, io.a); io.r = u64(p.x) + p.y;",
      (a) => a + 5n,
    ),
    one("globalContext", "io.r = u64(Forms.length(ctx)) + u64(io.a);", (a) => a + 32n),
    one("globalBoolean", "io.r = Forms.isLarge(io.a) ? 1n : 2n;", (a) => (a > 100n ? 1n : 2n)),
    one("globalSigned", "io.r = u64(Forms.signed(i32(io.a)));", (a) => BigInt.asIntN(32, a) - 1n),
    one(
      "globalNullable",
      "const p: Point = { x: 1, y: u64(io.a) }; io.r = Forms.zOr(p) * 10n;",
      (a) => a * 10n,
    ),
    one("globalOfGlobal", "io.r = Forms.outer(io.a);", (a) => a * a + 5n),
  ],
};

export const groups: readonly Group[] = [
  { title: "functions", classes: [parameters, results, generics] },
  { title: "subprograms and global functions", classes: [forms], kernel: "5.12" },
];
