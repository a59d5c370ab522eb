/** Copies of byte arrays of many sizes at many alignments: from map to stack to map, and from the packet. */
import { type Case, type ConformanceClass, cpus, type Group } from "./program.js";

const sizes = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64];
const starts = [0, 1, 2, 4];

const hash = (bytes: readonly bigint[]): bigint =>
  bytes.reduce((sum, byte) => BigInt.asUintN(64, sum * 31n + byte), 0n);
const hashOf = (array: string, size: number): string =>
  `for (let i: u32 = 0; i < ${size}; i++) sum = sum * 31n + u64(${array}[i]);`;

const typeOf = (start: number, size: number): string =>
  `interface T${start}_${size} { ${start === 0 ? "" : `before: FixedArray<u8, ${start}>; `}data: FixedArray<u8, ${size}>; after: u8 }\n`;

const pairs = starts.flatMap((start) => sizes.map((size) => ({ start, size })));

const mapCase = ({ start, size }: (typeof pairs)[number]): Case => ({
  name: `at${start}_of${size}`,
  inputs: { n: "u32" },
  outputs: { r: "u64", rest: "u32" },
  body: `const a = Copies.m${start}_${size}.get(0); const b = Copies.m${start}_${size}.get(1);
if (a === null || b === null) return XdpAction.Aborted;
for (let i: u32 = 0; i < ${size}; i++) a.data[i] = u8(io.n + i * 7);
a.after = 1; b.after = 165;
const s = zeroed<T${start}_${size}>(); s.data = a.data; b.data = s.data;
let sum: u64 = 0n; ${hashOf("b.data", size)}
io.r = sum; io.rest = u32(b.after) * 1000 + s.after;`,
  runs: [0n, 250n].map((n) => ({
    inputs: { n },
    outputs: {
      r: hash(Array.from({ length: size }, (_, index) => BigInt.asUintN(8, n + BigInt(index) * 7n))),
      rest: 165_000n,
    },
  })),
});

const words = 10;
const inputs = Object.fromEntries(
  Array.from({ length: words }, (_, index) => [`p${index}`, "be64" as const]),
);
const packetBytes = Array.from({ length: words * 8 }, (_, index) => BigInt((index * 37 + 11) % 256));
const packetInputs = Object.fromEntries(
  Array.from({ length: words }, (_, index) => [
    `p${index}`,
    packetBytes.slice(index * 8, index * 8 + 8).reduce((sum, byte) => sum * 256n + byte, 0n),
  ]),
);

const packetCase = ({ start, size }: (typeof pairs)[number]): Case => ({
  name: `packetAt${start}_of${size}`,
  inputs,
  outputs: { r: "u64" },
  body: `const p = ctx.at<FixedArray<u8, ${size}>>(${start + 10}); if (p === null) return XdpAction.Aborted;
const s = zeroed<T${start}_${size}>(); s.data = p; let sum: u64 = 0n; ${hashOf("s.data", size)} io.r = sum + u64(s.after);`,
  runs: [
    {
      inputs: packetInputs,
      outputs: { r: hash(packetBytes.slice(start + 10, start + 10 + size)) },
    },
  ],
});

const preamble = pairs.map(({ start, size }) => typeOf(start, size)).join("");

const copies: ConformanceClass = {
  name: "Copies",
  preamble,
  members: pairs
    .map(
      ({ start, size }) =>
        `static readonly m${start}_${size} = new ArrayMap<T${start}_${size}>({ maxEntries: 2 });`,
    )
    .join("\n"),
  cases: pairs.map(mapCase),
};

const packets: ConformanceClass = { name: "PacketCopies", preamble, cases: pairs.map(packetCase) };

/** What a packet has in the padding of a struct is no part of a key. */
const padding: ConformanceClass = {
  name: "Padding",
  preamble: `interface Key { a: u16; b: u32; n: i16 }
interface Nested { first: u8; keys: FixedArray<Key, 2>; last: u8 }
interface Bitty { x: Bits<u16, 3>; y: Bits<u16, 6>; z: u32; flag: boolean }
interface Paired { key: Key; other: u64 }
function has(key: Key): u64 { return u64(Padding.keys.has(key)); }`,
  members: `static readonly keys = new HashMap<Key, u64>({ maxEntries: 8 });
static readonly nested = new HashMap<Nested, u64>({ maxEntries: 8 });
static readonly bitty = new HashMap<Bitty, u64>({ maxEntries: 8 });
static readonly values = new ArrayMap<Key>({ maxEntries: 1 });`,
  cases: [
    {
      name: "plain",
      inputs,
      outputs: { r: "u64" },
      body: `const k = ctx.at<Key>(3); if (k === null) return XdpAction.Aborted;
Padding.keys.set({ a: k.a, b: k.b, n: k.n }, 1n); const pair: Paired = { key: k, other: 1n }; const whole = { ...k, n: k.n }; const copy = copyOf(k); const later = zeroed<Key>(); later.b = 5; pair.key = k;
io.r = has(copy) + has(k) * 10n + has(pair.key) * 100n + has(whole) * 1000n + has(later) * 10000n;`,
      runs: [{ inputs: packetInputs, outputs: { r: 1111n } }],
    },
    {
      name: "inside",
      inputs,
      outputs: { r: "u64" },
      body: `const k = ctx.at<Nested>(5); if (k === null) return XdpAction.Aborted;
const made: Nested = { first: k.first, keys: [{ a: k.keys[0].a, b: k.keys[0].b, n: k.keys[0].n }, { ...k.keys[1] }], last: k.last };
Padding.nested.set(made, 1n); io.r = u64(Padding.nested.has(copyOf(k))) + u64(Padding.nested.has(k)) * 10n;`,
      runs: [{ inputs: packetInputs, outputs: { r: 11n } }],
    },
    {
      name: "bits",
      inputs,
      outputs: { r: "u64" },
      body: `const k = ctx.at<Bitty>(8); if (k === null) return XdpAction.Aborted;
Padding.bitty.set({ x: k.x, y: k.y, z: k.z, flag: false }, 1n); const c = copyOf(k); c.flag = false;
io.r = u64(Padding.bitty.has(c)) + u64(c.x === k.x && c.y === k.y && c.z === k.z) * 10n;`,
      runs: [{ inputs: packetInputs, outputs: { r: 11n } }],
    },
  ],
};

export const groups: readonly Group[] = [
  { title: "copies", classes: [copies, packets, padding] },
  { title: "copies, other cpus", classes: [copies, packets, padding], variants: cpus },
];
