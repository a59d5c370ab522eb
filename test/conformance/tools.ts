/** What tools in C do, in natural TypeScript: histograms, hashes, checksums, buckets, tables that are searched. */
import { type Case, type ConformanceClass, cpus, type Group } from "./program.js";

const r = { r: "u64" } as const;
const low32 = (x: bigint): bigint => BigInt.asUintN(32, x);
const rotate = (x: bigint, n: bigint): bigint => low32((x << n) | (x >> (32n - n)));
/** The position of the highest bit that is set, 0 for 0. */
const log2 = (x: bigint): bigint => (x === 0n ? 0n : BigInt(x.toString(2).length - 1));
const addresses = [0n, 1n, 0x0a00_0001n, 0xc0a8_0101n, 0xffff_ffffn, 0xdead_beefn];

/** `jhash` of Bob Jenkins' lookup3, final mix. */
function jenkins(x: bigint, y: bigint): bigint {
  let [a, b, c] = [low32(x + 0xdead_beefn), low32(y + 0xdead_beefn), 0xdead_beefn];
  const mix = (to: bigint, from: bigint, by: bigint): bigint => low32((to ^ from) - rotate(from, by));
  c = mix(c, b, 14n);
  a = mix(a, c, 11n);
  b = mix(b, a, 25n);
  c = mix(c, b, 16n);
  a = mix(a, c, 4n);
  b = mix(b, a, 14n);
  return mix(c, b, 24n);
}

function onesSum(words: readonly bigint[]): bigint {
  let sum = words.reduce((a, b) => a + b, 0n);
  while (sum > 0xffffn) sum = (sum & 0xffffn) + (sum >> 16n);
  return sum ^ 0xffffn;
}

const fnv = (x: bigint): bigint => {
  let h = 0x811c_9dc5n;
  for (let shift = 0n; shift < 32n; shift += 8n) h = low32((h ^ ((x >> shift) & 0xffn)) * 0x0100_0193n);
  return h;
};

const ranges = Array.from({ length: 16 }, (_, i) => ({ low: BigInt(i * 100), high: BigInt(i * 100 + 49) }));
const findRange = (port: bigint): bigint => {
  const at = ranges.findIndex(({ low, high }) => port >= low && port <= high);
  return at < 0 ? 99n : BigInt(at);
};

/** Tokens after each packet of a bucket of 10 that gains one in 100 units. */
function tokensAfter(times: readonly bigint[]): boolean[] {
  let tokens = 10n;
  let last = 0n;
  return times.map((now) => {
    const gained = (now - last) / 100n;
    tokens = tokens + gained > 10n ? 10n : tokens + gained;
    if (gained > 0n) last = now;
    if (tokens === 0n) return false;
    tokens -= 1n;
    return true;
  });
}
const times = [
  0n,
  1n,
  2n,
  3n,
  4n,
  5n,
  6n,
  7n,
  8n,
  9n,
  10n,
  11n,
  150n,
  151n,
  460n,
  461n,
  462n,
  463n,
  464n,
  99_999n,
];

const cases: readonly Case[] = [
  {
    name: "log2_histogram",
    inputs: { a: "u64" },
    outputs: { slot: "u32", count: "u64" },
    body: "let slot = log2l(io.a); const h = Tools.hist.get(0); if (h === null) return XdpAction.Aborted; if (slot >= SLOTS) slot = SLOTS - 1; h.slots[slot]++; io.slot = slot; io.count = h.slots[slot];",
    runs: [0n, 1n, 2n, 3n, 1000n, 1023n, 1024n, 1n << 25n, 1n << 40n, (1n << 64n) - 1n].map((a, at, all) => {
      const slotOf = (x: bigint): bigint => (log2(x) > 25n ? 25n : log2(x));
      const count = all.slice(0, at + 1).filter((b) => slotOf(b) === slotOf(a)).length;
      return { inputs: { a }, outputs: { slot: slotOf(a), count: BigInt(count) } };
    }),
  },
  {
    name: "jenkins_hash",
    inputs: { a: "u32", b: "u32" },
    outputs: r,
    body: "io.r = u64(jenkins(io.a, io.b));",
    runs: addresses.map((a) => ({ inputs: { a, b: a ^ 77n }, outputs: { r: jenkins(a, a ^ 77n) } })),
  },
  {
    name: "fnv_bloom",
    inputs: { a: "u32" },
    outputs: { h: "u32", seen: "u8" },
    body: "const h = fnv(io.a); io.h = h; const word = Tools.bits.get((h >> 6) & 1023); if (word === null) return XdpAction.Aborted; if (word.value & (1n << u64(h & 63))) io.seen = 1; else word.value |= 1n << u64(h & 63);",
    runs: [...addresses, ...addresses].map((a, at) => ({
      inputs: { a },
      outputs: { h: fnv(a), seen: at < addresses.length ? 0n : 1n },
    })),
  },
  {
    name: "ones_complement_sum",
    inputs: { a: "be16", b: "be16", c: "be16", d: "be16" },
    outputs: { sum: "be16" },
    body: "let sum = u32(u16(io.a)) + u16(io.b) + u16(io.c) + u16(io.d); for (let i = 0; i < 2; i++) sum = (sum & 0xffff) + (sum >> 16); io.sum = be16(u16(~sum & 0xffff));",
    runs: [
      [0n, 0n, 0n, 0n],
      [0x4500n, 0x0073n, 0x0000n, 0x4000n],
      [0xffffn, 0xffffn, 0xffffn, 0xffffn],
      [0xfffen, 1n, 1n, 0n],
    ].map(([a = 0n, b = 0n, c = 0n, d = 0n]) => ({
      inputs: { a, b, c, d },
      outputs: { sum: onesSum([a, b, c, d]) },
    })),
  },
  {
    name: "token_bucket",
    inputs: { now: "u64" },
    body: "const b = Tools.bucket.get(0); if (b === null) return XdpAction.Aborted; if (b.started === 0) { b.started = 1; b.tokens = 10n; } const gained = (io.now - b.last) / 100n; b.tokens += gained; if (b.tokens > 10n) b.tokens = 10n; if (gained > 0n) b.last = io.now; if (b.tokens === 0n) return XdpAction.Drop; b.tokens--;",
    runs: tokensAfter(times).map((passes, at) => ({
      inputs: { now: times[at] ?? 0n },
      result: passes ? 2 : 1,
    })),
  },
  {
    name: "binary_search",
    inputs: { port: "u16" },
    outputs: r,
    body: "io.r = u64(findRange(io.port));",
    runs: [0n, 49n, 50n, 99n, 100n, 749n, 750n, 800n, 1500n, 1549n, 1550n, 65535n].map((port) => ({
      inputs: { port },
      outputs: { r: findRange(port) },
    })),
  },
  {
    name: "longest_prefix",
    inputs: { a: "u32" },
    outputs: r,
    body: "for (let at = 0; at < 4; at++) { const rule = rules[at]; if ((io.a & rule.mask) === rule.net) { io.r = u64(rule.value); break; } }",
    runs: (
      [
        [0x0a01_0203n, 24n],
        [0x0a01_0503n, 16n],
        [0x0aff_0000n, 8n],
        [0x0b00_0000n, 1n],
      ] as const
    ).map(([a, value]) => ({ inputs: { a }, outputs: { r: value } })),
  },
  {
    name: "count_min",
    inputs: { a: "u32" },
    outputs: { least: "u32" },
    body: "const sketch = Tools.sketch.get(0); if (sketch === null) return XdpAction.Aborted; let least: u32 = 0xffffffff; for (let row = 0; row < 4; row++) { const column = (io.a * (row * 2 + 0x9e3779b1)) >> 24; const n = ++sketch.rows[row][column]; if (n < least) least = n; } io.least = least;",
    runs: [5n, 5n, 6n, 5n, 0x8000_0000n, 6n].map((a, at, all) => ({
      inputs: { a },
      outputs: { least: BigInt(all.slice(0, at + 1).filter((b) => b === a).length) },
    })),
  },
  {
    name: "bubble_sort",
    inputs: { a: "u8", b: "u8", c: "u8", d: "u8" },
    outputs: r,
    body: "const x: FixedArray<u8, 4> = [io.a, io.b, io.c, io.d]; for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) { if (x[j] > x[j + 1]) { const y = x[j]; x[j] = x[j + 1]; x[j + 1] = y; } } let all: u32 = 0; for (const y of x) all = all * 256 + y; io.r = u64(all);",
    runs: [
      [1n, 2n, 3n, 4n],
      [4n, 3n, 2n, 1n],
      [9n, 9n, 0n, 255n],
    ].map((given) => {
      const [a = 0n, b = 0n, c = 0n, d = 0n] = given;
      const sorted = given.map(Number).toSorted((x, y) => x - y);
      return { inputs: { a, b, c, d }, outputs: { r: BigInt(sorted.reduce((all, x) => all * 256 + x, 0)) } };
    }),
  },
];

const preamble = `
const SLOTS = 26;
interface Hist { slots: FixedArray<u64, 26> }
interface Bucket { tokens: u64; last: u64; started: u32 }
interface Sketch { rows: FixedArray<FixedArray<u32, 256>, 4> }
interface Rule { net: u32; mask: u32; value: u32 }
const rules: FixedArray<Rule, 4> = [
  { net: 0x0a010200, mask: 0xffffff00, value: 24 },
  { net: 0x0a010000, mask: 0xffff0000, value: 16 },
  { net: 0x0a000000, mask: 0xff000000, value: 8 },
  { net: 0, mask: 0, value: 1 },
];
interface Ports { low: u16; high: u16 }
const ports: FixedArray<Ports, 16> = [${ranges.map(({ low, high }) => `{ low: ${low}, high: ${high} }`).join(", ")}];
function findRange(port: u16): u32 {
  let low: u32 = 0;
  let high: u32 = 16;
  for (let i = 0; i < 5 && low < high; i++) {
    const middle = (low + high) >> 1;
    if (middle >= 16) break;
    const range = ports[middle];
    if (port < range.low) high = middle;
    else if (port > range.high) low = middle + 1;
    else return middle;
  }
  return 99;
}
function log2(v: u32): u32 {
  let r: u32 = v > 0xffff ? 16 : 0;
  v >>= r;
  let shift: u32 = v > 0xff ? 8 : 0;
  v >>= shift;
  r |= shift;
  shift = v > 0xf ? 4 : 0;
  v >>= shift;
  r |= shift;
  shift = v > 0x3 ? 2 : 0;
  v >>= shift;
  r |= shift;
  r |= v >> 1;
  return r;
}
function log2l(v: u64): u32 {
  const high = u32(v >> 32n);
  return high ? log2(high) + 32 : log2(u32(v));
}
function rotate(x: u32, n: u32): u32 { return (x << n) | (x >> (32 - n)); }
function jenkins(a: u32, b: u32): u32 {
  let c: u32 = 0xdeadbeef;
  a += 0xdeadbeef; b += 0xdeadbeef;
  c ^= b; c -= rotate(b, 14);
  a ^= c; a -= rotate(c, 11);
  b ^= a; b -= rotate(a, 25);
  c ^= b; c -= rotate(b, 16);
  a ^= c; a -= rotate(c, 4);
  b ^= a; b -= rotate(a, 14);
  c ^= b; c -= rotate(b, 24);
  return c;
}
function fnv(x: u32): u32 {
  let h: u32 = 0x811c9dc5;
  for (let shift = 0; shift < 32; shift += 8) { h ^= (x >> shift) & 0xff; h *= 0x01000193; }
  return h;
}
`;
const members = `
static readonly hist = new ArrayMap<Hist>({ maxEntries: 1 });
static readonly bits = new ArrayMap<u64>({ maxEntries: 1024 });
static readonly bucket = new ArrayMap<Bucket>({ maxEntries: 1 });
static readonly sketch = new ArrayMap<Sketch>({ maxEntries: 1 });
`;

const tools: readonly ConformanceClass[] = [{ name: "Tools", preamble, members, cases }];

export const groups: readonly Group[] = [
  { title: "what tools do", classes: tools },
  { title: "what tools do, other cpus", classes: tools, variants: cpus },
];
