/** Values that the compiler knows: that a test, a choice or an index has one outcome then is no mistake of the program's. */
import { casesOver } from "./cases.js";
import type { ConformanceClass, Group } from "./program.js";

const one = casesOver([0n, 1n, 2n, 5n, 200n]);

/** `elementAt` with an index that is known. */
const elements: ConformanceClass = {
  name: "KnownElements",
  preamble: `interface Point { x: u32; y: u8 }
interface Table { words: FixedArray<u32, 5>; points: FixedArray<Point, 2> }
interface Head { bytes: FixedArray<u8, 4>; halves: FixedArray<u16, 2> }
const primes: FixedArray<u64, 3> = [2n, 3n, 5n];
const FAR = 9;
function at(words: FixedArray<u32, 3>, i: u32): u64 { const w = elementAt(words, i); return w === null ? 7n : u64(w.value); }
function either(a: Ref<u32> | null, b: Ref<u32> | null): u64 { return u64((a ?? b)?.value ?? 0); }
function visit(p: Point | null, f: (p: Point) => void): void { const spare: Point = { x: 5, y: 0 }; f(p ?? spare); }
function first(words: FixedArray<u32, 3>, i: u32): Ref<u32> | null { return elementAt(words, i); }`,
  members: `static readonly tables = new ArrayMap<Table>({ maxEntries: 1 });
static kept: FixedArray<i16, 7> = zeroed<FixedArray<i16, 7>>();
@noinline static valueOr(w: Ref<u32> | null, otherwise: u64): u64 { if (w === null) return otherwise; return u64(w.value) + otherwise; }`,
  cases: [
    one(
      "outsideOfStack",
      "const words: FixedArray<u32, 3> = [10, 20, 30]; io.r = u64(elementAt(words, u64(32n))?.value ?? io.a) + u64(elementAt(words, u8(3))?.value ?? 1000);",
      (a) => a + 1000n,
    ),
    one(
      "outsideByName",
      "const words: FixedArray<u32, 3> = [10, 20, 30]; const w = elementAt(words, FAR); if (w !== null) { w.value += 1; io.r = 1n; } else io.r = 2n; const v = elementAt(words, i32(-1)); io.r += v === null ? 10n : 20n;",
      () => 12n,
    ),
    one(
      "outsideOfConstants",
      "io.r = elementAt(primes, u32(3))?.value ?? u64(io.a); io.r += elementAt(primes, u32(2))?.value ?? 100n;",
      (a) => a + 5n,
    ),
    one(
      "outsideOfStatic",
      "const e = elementAt(KnownElements.kept, u8(195)); if (e !== null) e.value = 3; io.r = u64(e === null) + u64(KnownElements.kept[6] === 0) * 10n;",
      () => 11n,
    ),
    one(
      "outsideOfMap",
      "const t = KnownElements.tables.get(0); if (t === null) return XdpAction.Aborted; const p = elementAt(t.points, u64(1n << 40n)); if (p !== null) { p.x = io.a; return XdpAction.Drop; } const q = elementAt(t.points, u32(1)); if (q === null) return XdpAction.Drop; q.x = io.a; io.r = u64(t.points[1].x);",
      (a) => a,
    ),
    one(
      "outsideOfPacket",
      "const head = ctx.at<Head>(0); if (head === null) return XdpAction.Aborted; io.r = u64(elementAt(head.bytes, u64(4n))?.value ?? 77) * 1000n + u64(elementAt(head.halves, i8(-2))?.value ?? 5); const b = elementAt(head.bytes, u8(2)); if (b !== null && io.a > 5) io.r += u64(b.value);",
      () => 77_005n,
    ),
    one(
      "throughFunctions",
      "const words: FixedArray<u32, 3> = [10, 20, 30]; io.r = at(words, 1) + at(words, 3) * 100n + u64(first(words, 2)?.value ?? 0) * 1000n + u64(first(words, 4)?.value ?? 1) * 100000n;",
      () => 130_720n,
    ),
    one(
      "insideWithChoice",
      "const words: FixedArray<u32, 3> = [10, 20, 30]; const other: FixedArray<u32, 1> = [9]; const w = elementAt(words, u64(1n)) ?? elementAt(other, u64(0n)); io.r = u64(w?.value ?? 4);",
      () => 20n,
    ),
    one(
      "choiceInFunction",
      "const words: FixedArray<u32, 3> = [10, 20, 30]; const other: FixedArray<u32, 1> = [9]; const o = elementAt(other, io.a & 0); const p = elementAt(words, io.a); if (o === null) return XdpAction.Aborted; io.r = either(o, p); if (p !== null) io.r += either(p, o) * 100n;",
      (a) => 9n + (a < 3n ? (a + 1n) * 1000n : 0n),
    ),
    one(
      "choiceInFunctionInPlace",
      "const p: Point = { x: io.a, y: 0 }; let n: u32 = 0; visit(p, (q) => { n += q.x; }); visit(null, (q) => { n += q.x * 1000; }); io.r = u64(n);",
      (a) => a + 5000n,
    ),
    one(
      "stackOrMap",
      "const t = KnownElements.tables.get(0); if (t === null) return XdpAction.Aborted; t.points[1] = { x: 3, y: 4 }; const own: Point = { x: io.a, y: 1 }; const p = io.a > 2 ? own : t.points[1]; p.y += 1; io.r = u64(p.x) * 1000n + u64(own.y) * 10n + u64(t.points[1].y);",
      (a) => (a > 2n ? a * 1000n + 24n : 3015n),
    ),
    one(
      "stackOrPacket",
      "const head = ctx.at<Point>(0); if (head === null) return XdpAction.Aborted; const p: Point = io.a > 2 ? { x: 8, y: 1 } : head; const q: Point = io.a > 1 ? head : { x: 9, y: 2 }; io.r = u64(p.x) * 1000n + u64(q.x);",
      (a) => (a > 2n ? 8000n : a * 1000n) + (a > 1n ? a : 9n),
    ),
    one(
      "keptInVariable",
      "const t = KnownElements.tables.get(0); if (t === null) return XdpAction.Aborted; t.words[2] = io.a; let w = elementAt(t.words, u64(2n)); if (io.a > 4) w = elementAt(t.words, u64(5n)); io.r = w === null ? 99n : u64(w.value);",
      (a) => (a > 4n ? 99n : a),
    ),
    one(
      "givenToFunctions",
      "const words: FixedArray<u32, 3> = [10, 20, 30]; io.r = KnownElements.valueOr(elementAt(words, u64(3n)), 1n) * 100n + KnownElements.valueOr(elementAt(words, u64(0n)), u64(io.a));",
      (a) => 110n + a,
    ),
  ],
};

/** `switch` over what is known. */
const switches: ConformanceClass = {
  name: "KnownSwitches",
  preamble: `enum Kind { None, Small = 3, Large = 9 }
function named(kind: Kind): u64 { switch (kind) { case Kind.None: return 1n; case Kind.Small: return 2n; case Kind.Large: return 3n; default: return 4n; } }
function many(n: u8): u64 { switch (n) { case 0: return 10n; case 1: return 11n; case 2: return 12n; case 3: return 13n; case 4: return 14n; case 5: return 15n; case 200: return 16n; } return 17n; }
const LEVEL = 2;`,
  cases: [
    one(
      "constantNumber",
      "switch (i64(1n)) { case 0n: io.r = 5n; break; case 1n: io.r = 6n; break; default: io.r = 7n; }",
      () => 6n,
    ),
    one(
      "namedConstant",
      "switch (u32(LEVEL)) { case 0: io.r = 5n; break; case 1: io.r = 6n; break; default: io.r = u64(io.a); }",
      (a) => a,
    ),
    one(
      "constantArgument",
      "io.r = named(Kind.Small) * 100n + named(Kind.Large) * 10n + many(4) * 1000n + many(77);",
      () => 14_247n,
    ),
    one(
      "masked",
      "switch (io.a & 3) { case 0: io.r = 1n; break; case 1: io.r = 2n; break; case 7: io.r = 3n; break; default: io.r = 4n; }",
      (a) => ((a & 3n) === 0n ? 1n : (a & 3n) === 1n ? 2n : 4n),
    ),
    one(
      "compared",
      "const a = io.a; if (a < 3) { switch (a) { case 1: io.r = 1n; break; case 5: io.r = 5n; break; } }",
      (a) => (a === 1n ? 1n : 0n),
    ),
    one(
      "countedBelow",
      "for (let i: u32 = 0; i < 3; i++) { switch (i) { case 0: io.r += 1n; break; case 2: io.r += u64(io.a); break; case 3: io.r += 1000n; break; } }",
      (a) => 1n + a,
    ),
  ],
};

/** Objects of a function's own stack that it gives, whatever call makes them. */
const made: ConformanceClass = {
  name: "MadeObjects",
  preamble: `interface Pair { x: u32; y: u64 }
const start: Pair = { x: 3, y: 4n };
function copied(a: u32): Pair { const p: Pair = { x: a, y: 2n }; p.y += u64(a); return copyOf(p); }
function chosen(a: u32): Pair { if (a > 2) return copyOf(start); if (a > 1) { const z = zeroed<Pair>(); z.x = 1; return z; } return { x: 9, y: 9n }; }
function kept(p: Pair): Pair { const q = copyOf(p); q.x += 1; return q; }`,
  cases: [
    one(
      "copyOfOwn",
      "const p = copied(io.a); const q = copied(io.a + 1); io.r = u64(p.x) * 1000n + p.y * 100n + u64(q.x) * 10n + q.y;",
      (a) => a * 1000n + (a + 2n) * 100n + (a + 1n) * 10n + a + 3n,
    ),
    one(
      "copyOfOther",
      "const p = chosen(io.a); const q = chosen(io.a & 1); io.r = u64(p.x) * 1000n + p.y * 100n + u64(q.x) * 10n + q.y;",
      (a) => (a > 2n ? 3400n : a > 1n ? 1000n : 9900n) + 99n,
    ),
    one(
      "copyOfGiven",
      "const p: Pair = { x: io.a, y: 1n }; const q = kept(p); const s = kept(q); io.r = u64(p.x) + u64(q.x) * 1000n + u64(s.x) * 1000000n;",
      (a) => a + (a + 1n) * 1000n + (a + 2n) * 1_000_000n,
    ),
  ],
};

/** For `known-values.test.ts`. */
export const groups: readonly Group[] = [
  { title: "what is known is no mistake", classes: [elements, switches, made] },
];
