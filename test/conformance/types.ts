/** Programs about types: how structs, unions, bit fields and enums lie in memory, atomics, guarded elements. */
import { casesOver } from "./cases.js";
import type { ConformanceClass, Group } from "./program.js";

const numbers = [0n, 1n, 2n, 7n, 8n, 255n, 4095n, 65_536n, 0xffff_fff0n];
const one = casesOver(numbers);
const low = (bits: number, value: bigint): bigint => BigInt.asUintN(bits, value);

/** Unions, packed and aligned structs. */
const layouts: ConformanceClass = {
  name: "Layouts",
  preamble: `interface Word extends Union { whole: u32; half: u16; bytes: FixedArray<u8, 6>; ends: { first: u8; second: u8 } }
interface Tight extends Packed { tag: u8; number: u32; wide: u64; half: u16; minus: i16; last: u8 }
interface Holder { kind: u8; word: Word; tight: Tight }
interface Lined extends Aligned<16> { x: u8 }
interface CacheLine extends Aligned<64> { x: u64 }
interface Padded { before: u8; line: CacheLine; after: u8 }
interface Outer { a: u8; lined: Lined; b: u8 }
interface Both extends Union, Packed { a: u32; b: u8 }`,
  members: `static readonly tights = new ArrayMap<Tight>({ maxEntries: 4 });
static readonly lines = new ArrayMap<FixedArray<CacheLine, 2>>({ maxEntries: 2 });`,
  cases: [
    one(
      "unionOfOne",
      "const w = union<Word>({ whole: io.a }); w.half = 5; io.r = u64(w.bytes[5]) * 1000n + u64(w.half);",
      () => 5n,
    ),
    one(
      "unionBytes",
      "const w = union<Word>({ whole: io.a }); io.r = u64(u8(w.bytes[0] + w.bytes[1] + w.bytes[2] + w.bytes[3]));",
      (a) =>
        BigInt.asUintN(
          8,
          [0n, 8n, 16n, 24n].reduce((sum, shift) => sum + ((a >> shift) & 255n), 0n),
        ),
    ),
    one(
      "unionStruct",
      "const w = union<Word>({ bytes: [3, 4, 5, 6, 7, 8] }); w.ends.second = u8(io.a); io.r = u64(w.bytes[0]) * 1000n + u64(w.bytes[1]);",
      (a) => 3000n + low(8, a),
    ),
    one(
      "unionSize",
      "io.r = u64(sizeof<Word>()) * 10000n + u64(sizeof<Holder>()) * 100n + u64(sizeof<Both>());",
      () => 83_204n,
    ),
    one(
      "packedFields",
      "const t: Tight = { tag: 1, number: io.a, wide: u64(io.a) << 20n, half: u16(io.a), minus: -3, last: 9 }; io.r = u64(t.tag) + u64(t.number) * 3n + t.wide + u64(t.half) * 7n + u64(t.last) + (t.minus === -3 ? 1000n : 0n);",
      (a) => 1n + a * 3n + (a << 20n) + low(16, a) * 7n + 9n + 1000n,
    ),
    one(
      "packedOffsets",
      'io.r = u64(sizeof<Tight>()) * 1000000n + u64(offsetof<Tight>("number")) * 10000n + u64(offsetof<Tight>("wide")) * 100n + u64(offsetof<Tight>("last"));',
      () => 18_000_000n + 10_000n + 500n + 17n,
    ),
    one(
      "packedInMap",
      "const t = Layouts.tights.get(1); if (t === null) return XdpAction.Aborted; t.wide = u64(io.a) * 5n; t.number = io.a; t.wide += 1n; t.minus = i16(-7); io.r = t.wide + u64(t.number) + u64(i64(t.minus));",
      (a) => a * 5n + 1n + a - 7n,
    ),
    one(
      "packedNested",
      "const h: Holder = { kind: 1, word: union<Word>({ whole: 7 }), tight: { tag: 2, number: io.a, wide: 3n, half: 4, minus: 5, last: 6 } }; h.tight.number += 1; const copy: Tight = { tag: 0, number: 0, wide: 0n, half: 0, minus: 0, last: 0 }; h.tight = copy; copy.number = 9; io.r = u64(h.tight.number) * 100n + u64(h.word.whole) + u64(copy.number) * 1000n;",
      () => 9007n,
    ),
    one(
      "aligned",
      'io.r = u64(sizeof<Lined>()) * 10000n + u64(sizeof<Outer>()) * 100n + u64(offsetof<Outer>("b"));',
      () => 164_832n,
    ),
    one(
      "alignedWide",
      'const p = zeroed<Padded>(); p.after = 7; p.line.x = u64(io.a); const q = { ...p }; q.line.x += 1n; io.r = u64(sizeof<CacheLine>()) * 1000000n + u64(sizeof<Padded>()) * 1000n + u64(offsetof<Padded>("after")) + (q.line.x - p.line.x) * 1000000000n + u64(q.after) * 10000000000n;',
      () => 64_000_000n + 192_000n + 128n + 1_000_000_000n + 70_000_000_000n,
    ),
    one(
      "alignedElements",
      "const lines = Layouts.lines.get(1); if (lines === null) return XdpAction.Aborted; const i = io.a & 1; lines[i].x = u64(io.a); lines[i ^ 1].x = 3n; io.r = lines[0].x * 2n + lines[1].x + u64(sizeof<FixedArray<CacheLine, 2>>()) * 1000000000000n;",
      (a) => ((a & 1n) === 0n ? a * 2n + 3n : 6n + a) + 128_000_000_000_000n,
    ),
  ],
};

/** Bit fields. */
const bitFields: ConformanceClass = {
  name: "BitFields",
  preamble: `interface Bitty { version: Bits<u8, 4>; length: Bits<u8, 4>; flags: Bits<u16, 3>; offset: Bits<u16, 13>; ok: Bits<boolean, 1>; delta: Bits<i32, 7>; rest: Bits<u32, 24>; big: Bits<u64, 40>; after: u8 }
interface TightBits extends Packed { a: Bits<u32, 5>; b: Bits<u32, 30>; c: u8; d: Bits<u64, 37> }`,
  members: "static readonly bits = new ArrayMap<Bitty>({ maxEntries: 1 });",
  cases: [
    one(
      "bitLiteral",
      "const b: Bitty = { version: io.a & 15, length: 9, flags: 5, offset: io.a & 8191, ok: io.a > 7, delta: -5, rest: io.a & 0xffffff, big: u64(io.a), after: 3 }; io.r = u64(b.version) + u64(b.length) * 100n + u64(b.flags) * 1000n + u64(b.offset) * 10000n + (b.ok ? 1n : 0n) * 100000000n + u64(b.rest) * 1000000000n + (b.delta === -5 ? 7n : 0n) + b.big;",
      (a) =>
        low(4, a) +
        900n +
        5000n +
        low(13, a) * 10_000n +
        (a > 7n ? 100_000_000n : 0n) +
        low(24, a) * 1_000_000_000n +
        7n +
        a,
    ),
    one(
      "bitNeighbours",
      "const b = zeroed<Bitty>(); b.version = 15; b.length = io.a & 15; b.version = 3; b.flags = 7; b.offset = 0; io.r = u64(b.version) * 10000n + u64(b.length) * 100n + u64(b.flags);",
      (a) => 30_000n + low(4, a) * 100n + 7n,
    ),
    one(
      "bitCompound",
      "const b = zeroed<Bitty>(); b.version = 14; b.version += io.a & 7; b.delta = 60; b.delta += i32(io.a & 7); b.length--; b.big -= 1n; io.r = u64(b.version) * 1000n + u64(i64(b.delta)) + u64(b.length) * 1000000n + b.big;",
      (a) =>
        low(4, 14n + low(3, a)) * 1000n + BigInt.asIntN(7, 60n + low(3, a)) + 15_000_000n + (1n << 40n) - 1n,
    ),
    one(
      "bitInMap",
      "const b = BitFields.bits.get(0); if (b === null) return XdpAction.Aborted; b.rest = io.a & 0xffffff; b.offset = 8191; b.ok = true; b.ok = false; io.r = u64(b.rest) * 100000n + u64(b.offset) + (b.ok ? 50n : 0n);",
      (a) => low(24, a) * 100_000n + 8191n,
    ),
    one(
      "bitPacked",
      "const b: TightBits = { a: 21, b: io.a & 0x3fffffff, c: 77, d: u64(io.a) }; b.c += 1; io.r = u64(b.a) + u64(b.b) * 100n + u64(b.c) * 10000000000n + b.d * 7n;",
      (a) => 21n + low(30, a) * 100n + 780_000_000_000n + a * 7n,
    ),
    one("bitSize", "io.r = u64(sizeof<Bitty>()) * 100n + u64(sizeof<TightBits>());", () => 1600n + 11n),
  ],
};

/** Enums. */
const enums: ConformanceClass = {
  name: "Enums",
  preamble: `enum Colour { Red, Green = 5, Blue }
const enum Sign { Minus = -1, Zero, Plus }
const Level = { Low: 1, High: 9 } as const;
type Level = (typeof Level)[keyof typeof Level];
const Mask = { None: 0n, Low: 1n, Top: 0x8000_0000_0000_0000n } as const;
type Mask = (typeof Mask)[keyof typeof Mask];
const Drift = { Back: -0x100_0000_0000n, Still: 0n } as const;
type Drift = (typeof Drift)[keyof typeof Drift];
interface Wide { mask: Mask; drift: Drift; after: u8 }
interface Paint { colour: Colour; sign: Sign; level: Level; small: Bits<Colour, 3> }
function next(c: Colour): Colour { return c === Colour.Red ? Colour.Green : Colour.Blue; }`,
  members: "static readonly paints = new ArrayMap<Paint>({ maxEntries: 1 });",
  cases: [
    one(
      "enumField",
      "const p: Paint = { colour: io.a > 7 ? Colour.Blue : Colour.Red, sign: Sign.Minus, level: Level.High, small: Colour.Green }; io.r = u64(p.colour) * 1000n + (p.sign === Sign.Minus ? 10n : 0n) + (p.sign < Sign.Zero ? 100n : 0n) + u64(p.level) + u64(p.small) * 10000n;",
      (a) => (a > 7n ? 6000n : 0n) + 119n + 50_000n,
    ),
    one(
      "enumFunction",
      "io.r = u64(next(io.a === 1 ? Colour.Red : Colour.Green)) * 10n + u64(sizeof<Paint>());",
      (a) => (a === 1n ? 50n : 60n) + 16n,
    ),
    one(
      "enumOf64Bits",
      "const w: Wide = { mask: io.a > 7 ? Mask.Top : Mask.Low, drift: Drift.Back, after: 5 }; switch (w.mask) { case Mask.Top: io.r = 1n; break; case Mask.Low: io.r = 2n; break; default: io.r = 3n; } if (w.drift < Drift.Still) io.r += 10n; io.r += u64(w.mask & Mask.Top) >> 56n; io.r += u64(sizeof<Wide>()) * 1000n;",
      (a) => (a > 7n ? 129n : 2n) + 10n + 24_000n,
    ),
    one(
      "enumInMap",
      "const p = Enums.paints.get(0); if (p === null) return XdpAction.Aborted; p.colour = Colour.Green; p.sign = Sign.Plus; io.r = u64(p.colour) + u64(io.a);",
      (a) => 5n + a,
    ),
  ],
};

/** Atomic operations, which kernels have from 5.12 on but for adding. */
const atomics: ConformanceClass = {
  name: "Atomics",
  preamble: `interface Cell { narrow: u32; minus: i32; wide: u64; words: FixedArray<u64, 3> }`,
  members: `static readonly cells = new ArrayMap<Cell>({ maxEntries: 1 });
static readonly counts = new ArrayMap<u64>({ maxEntries: 1 });
static total: u64 = 5n;`,
  cases: [
    one(
      "atomicField",
      "const c = Atomics.cells.get(0); if (c === null) return XdpAction.Aborted; c.narrow = 7; c.minus = -1; c.wide = 9n; atomic.add(c.narrow, io.a); atomic.add(c.minus, 3); atomic.add(c.wide, u64(io.a)); io.r = u64(c.narrow) * 16n + u64(i64(c.minus)) + (c.wide << 40n);",
      (a) => low(32, a + 7n) * 16n + 2n + ((a + 9n) << 40n),
    ),
    one(
      "atomicRef",
      "const n = Atomics.counts.get(0); if (n === null) return XdpAction.Aborted; n.value = 1n; atomic.add(n.value, u64(io.a)); io.r = n.value;",
      (a) => a + 1n,
    ),
    one(
      "atomicElement",
      "const c = Atomics.cells.get(0); if (c === null) return XdpAction.Aborted; c.words[io.a % 3] = 4n; atomic.add(c.words[io.a % 3], 6n); io.r = c.words[io.a % 3];",
      () => 10n,
    ),
    one(
      "atomicVariable",
      "Atomics.total = 5n; atomic.add(Atomics.total, u64(io.a)); io.r = Atomics.total;",
      (a) => a + 5n,
    ),
    one(
      "atomicStack",
      "const c: Cell = { narrow: 1, minus: 2, wide: 3n, words: [1n, 2n, 3n] }; atomic.add(c.words[1], u64(io.a)); io.r = c.words[1];",
      (a) => a + 2n,
    ),
  ],
};

/** The operations of kernel 5.12. */
const fetching: ConformanceClass = {
  name: "Fetching",
  preamble: `interface Cell { narrow: u32; minus: i32; wide: u64 }`,
  members: "static readonly cells = new ArrayMap<Cell>({ maxEntries: 1 });",
  cases: [
    one(
      "fetchAdd",
      "const c = Fetching.cells.get(0); if (c === null) return XdpAction.Aborted; c.wide = 9n; const old = atomic.add(c.wide, u64(io.a)); io.r = old + c.wide * 16n;",
      (a) => 9n + (a + 9n) * 16n,
    ),
    one(
      "fetchAnd",
      "const c = Fetching.cells.get(0); if (c === null) return XdpAction.Aborted; c.narrow = io.a; const old = atomic.and(c.narrow, 0xf0); atomic.or(c.narrow, 3); io.r = u64(old) * 1000n + u64(c.narrow);",
      (a) => a * 1000n + ((a & 0xf0n) | 3n),
    ),
    one(
      "fetchXor",
      "const c = Fetching.cells.get(0); if (c === null) return XdpAction.Aborted; c.minus = -1; const old = atomic.xor(c.minus, 5); io.r = u64(i64(old) * 100n + i64(c.minus));",
      () => -100n - 6n,
    ),
    one(
      "exchange",
      "const c = Fetching.cells.get(0); if (c === null) return XdpAction.Aborted; c.wide = u64(io.a); const old = atomic.exchange(c.wide, 77n); io.r = old * 100n + c.wide;",
      (a) => a * 100n + 77n,
    ),
    one(
      "compareExchange",
      "const c = Fetching.cells.get(0); if (c === null) return XdpAction.Aborted; c.narrow = io.a; const old = atomic.compareExchange(c.narrow, 7, 1000); io.r = u64(old) * 10000n + u64(c.narrow);",
      (a) => a * 10_000n + (a === 7n ? 1000n : a),
    ),
  ],
};

/** Elements that are compared with the length. */
const elements: ConformanceClass = {
  name: "Elements",
  preamble: `interface Table { words: FixedArray<u32, 5>; pairs: FixedArray<FixedArray<u16, 3>, 2>; points: FixedArray<{ x: u32; y: u8 }, 4> }`,
  members: "static readonly tables = new ArrayMap<Table>({ maxEntries: 1 });",
  cases: [
    one(
      "guardedElement",
      "const t = Elements.tables.get(0); if (t === null) return XdpAction.Aborted; t.words[4] = 40; t.words[1] = 10; const w = elementAt(t.words, io.a); io.r = w === null ? 99n : u64(w.value);",
      (a) => (a >= 5n ? 99n : a === 1n ? 10n : 0n),
    ),
    one(
      "guardedStruct",
      "const t = Elements.tables.get(0); if (t === null) return XdpAction.Aborted; const p = elementAt(t.points, u64(io.a)); if (p === null) { io.r = 77n; return XdpAction.Pass; } p.x = io.a + 1; p.y = 3; io.r = u64(p.x) * 10n + u64(p.y);",
      (a) => (a >= 4n ? 77n : (a + 1n) * 10n + 3n),
    ),
    one(
      "guardedStack",
      "const words: FixedArray<u32, 3> = [10, 20, 30]; const w = elementAt(words, io.a); io.r = w === null ? 5n : u64(w.value);",
      (a) => (a >= 3n ? 5n : (a + 1n) * 10n),
    ),
    one(
      "guardedSigned",
      "const words: FixedArray<u32, 3> = [10, 20, 30]; const w = elementAt(words, i32(io.a) - 1); io.r = w === null ? 5n : u64(w.value);",
      (a) => (a >= 4n || a === 0n ? 5n : a * 10n),
    ),
    one(
      "nestedArrays",
      "const t = Elements.tables.get(0); if (t === null) return XdpAction.Aborted; t.pairs[io.a & 1][io.a % 3] = 6; io.r = u64(t.pairs[io.a & 1][io.a % 3]);",
      () => 6n,
    ),
  ],
};

/** Structs and arrays whose contents are exchanged: what is copied, and when. */
const exchanges: ConformanceClass = {
  name: "Exchanges",
  preamble: `interface Point { x: u32; y: u32 }
interface Line { from: Point; to: Point; left: FixedArray<u8, 6>; right: FixedArray<u8, 6> }
function turned(p: Point): Point { return { x: p.y, y: p.x }; }`,
  members: "static readonly lines = new ArrayMap<Line>({ maxEntries: 1 });",
  cases: [
    one(
      "swapStructs",
      "const l = Exchanges.lines.get(0); if (l === null) return XdpAction.Aborted; l.from = { x: io.a, y: 1 }; l.to = { x: 2, y: 3 }; [l.from, l.to] = [l.to, l.from]; io.r = u64(l.from.x) * 1000n + u64(l.from.y) * 100n + u64(l.to.x) * 10n + u64(l.to.y);",
      (a) => 2n * 1000n + 3n * 100n + a * 10n + 1n,
    ),
    one(
      "swapArrays",
      "const l = zeroed<Line>(); l.left[5] = u8(io.a); l.right[5] = 9; [l.left, l.right] = [l.right, l.left]; io.r = u64(l.left[5]) * 256n + u64(l.right[5]);",
      (a) => 9n * 256n + (a & 255n),
    ),
    one(
      "swapByCopy",
      "const l = zeroed<Line>(); l.from.x = io.a; l.to.x = 4; const from = copyOf(l.from); l.from = l.to; l.to = from; from.x = 77; io.r = u64(l.from.x) * 1000n + u64(l.to.x);",
      (a) => 4n * 1000n + a,
    ),
    one(
      "literalOfItself",
      "const l = Exchanges.lines.get(0); if (l === null) return XdpAction.Aborted; l.from = { x: io.a, y: 5 }; l.from = { x: l.from.y, y: l.from.x }; io.r = u64(l.from.x) * 1000n + u64(l.from.y);",
      (a) => 5n * 1000n + a,
    ),
    one(
      "resultOfItself",
      "const l = Exchanges.lines.get(0); if (l === null) return XdpAction.Aborted; l.to = { x: io.a, y: 6 }; l.to = turned(l.to); io.r = u64(l.to.x) * 1000n + u64(l.to.y);",
      (a) => 6n * 1000n + a,
    ),
    one(
      "nameFollowsMemory",
      "const l = zeroed<Line>(); const from = l.from; l.from.x = io.a; io.r = u64(from.x); from.y = 8; io.r += u64(l.from.y) * 1_000_000n;",
      (a) => a + 8_000_000n,
    ),
  ],
};

export const groups: readonly Group[] = [
  { title: "types", classes: [layouts, bitFields, enums, atomics, elements, exchanges] },
  { title: "atomics that fetch", classes: [fetching], kernel: "5.12" },
];
