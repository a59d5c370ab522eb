/** Narrow arithmetic that goes to something wider: all of the result is taken. In a narrow place it wraps. */
import { type Case, type ConformanceClass, cpus, type Group, type PlaceType } from "./program.js";

type Narrow = "u8" | "i8" | "u16" | "i16";

const edges: Readonly<Record<Narrow, readonly bigint[]>> = {
  u8: [0n, 1n, 127n, 128n, 250n, 255n],
  i8: [-128n, -3n, 0n, 5n, 127n],
  u16: [0n, 1n, 255n, 40_000n, 65_535n],
  i16: [-32_768n, -3n, 0n, 255n, 32_767n],
};

/** What a result is in a place of its own type, and of a wider one. `a + 3` of a `u8` is at most 258 in the second. */
const operations: readonly {
  readonly name: string;
  readonly text: string;
  readonly exact: (a: bigint, b: bigint) => bigint;
  /** The result in the operands' own type, given how numbers wrap there. */
  readonly wrapped: (a: bigint, b: bigint, wrap: (x: bigint) => bigint) => bigint;
}[] = [
  { name: "sum", text: "io.a + io.b", exact: (a, b) => a + b, wrapped: (a, b, w) => w(a + b) },
  {
    name: "sumOfThree",
    text: "io.a + io.b + 3",
    exact: (a, b) => a + b + 3n,
    wrapped: (a, b, w) => w(a + b + 3n),
  },
  { name: "difference", text: "io.a - io.b", exact: (a, b) => a - b, wrapped: (a, b, w) => w(a - b) },
  { name: "product", text: "io.a * io.b", exact: (a, b) => a * b, wrapped: (a, b, w) => w(a * b) },
  { name: "shift", text: "io.a << 3", exact: (a) => a << 3n, wrapped: (a, _b, w) => w(a << 3n) },
  {
    name: "sumOfProducts",
    text: "io.a * 4 + io.b * 2",
    exact: (a, b) => a * 4n + b * 2n,
    wrapped: (a, b, w) => w(a * 4n + b * 2n),
  },
  { name: "negated", text: "-io.a", exact: (a) => -a, wrapped: (a, _b, w) => w(-a) },
  {
    name: "chosen",
    text: "io.b > 3 ? io.a + 5 : io.a",
    exact: (a, b) => (b > 3n ? a + 5n : a),
    wrapped: (a, b, w) => (b > 3n ? w(a + 5n) : a),
  },
];

const bitsOf = (type: PlaceType): number => Number(type.slice(1));
const wrapIn = (type: PlaceType, value: bigint): bigint =>
  type.startsWith("i") ? BigInt.asIntN(bitsOf(type), value) : BigInt.asUintN(bitsOf(type), value);

/** Each operation given to an i32 and to a place of its own type, in one program. */
const both = (type: Narrow): Case[] =>
  operations.map(({ name, text, exact, wrapped }) => ({
    name: `${name}_${type}`,
    inputs: { a: type, b: type },
    outputs: { wide: "i32", own: type, converted: "i64" },
    body: `${type === "u16" && name === "product" ? "io.wide = i32(io.a * io.b);" : `io.wide = ${text};`} io.own = ${text}; io.converted = i64(${text});`,
    runs: edges[type].flatMap((a) =>
      edges[type].map((b) => ({
        inputs: { a, b },
        outputs: {
          wide: BigInt.asIntN(32, exact(a, b)),
          own: wrapped(a, b, (x) => wrapIn(type, x)),
          converted: exact(a, b),
        },
      })),
    ),
  }));

/** Operations that shrink what could have wrapped, of bytes: the quotient of all of the sum goes to a wider place. */
const shrinking: Case[] = [
  { name: "quotient", text: "(io.a + io.b) / 3", apply: (x: bigint) => x / 3n },
  { name: "remainder", text: "(io.a + io.b) % 7", apply: (x: bigint) => x % 7n },
  { name: "shifted", text: "(io.a + io.b) >> 2", apply: (x: bigint) => x >> 2n },
  { name: "masked", text: "(io.a + io.b) & 0x3c", apply: (x: bigint) => x & 0x3cn },
  { name: "combined", text: "(io.a + io.b) | 1", apply: (x: bigint) => x | 1n },
].map(
  ({ name, text, apply }): Case => ({
    name,
    inputs: { a: "u8", b: "u8", base: "u32" },
    outputs: { wide: "u32", own: "u8", sum: "u32" },
    body: `io.wide = ${text}; io.own = ${text}; let sum: u32 = io.base; sum += ${text}; io.sum = sum;`,
    runs: edges.u8.flatMap((a) =>
      edges.u8.map((b) => ({
        inputs: { a, b, base: 1000n },
        outputs: {
          wide: apply(a + b),
          own: BigInt.asUintN(8, apply(BigInt.asUintN(8, a + b))),
          sum: 1000n + apply(a + b),
        },
      })),
    ),
  }),
);

const table = "const table = Widening.tables.get(0); if (table === null) return XdpAction.Aborted;";

const uses: readonly Case[] = [
  {
    name: "index",
    inputs: { a: "u8", b: "u8" },
    outputs: { r: "u32", s: "u32" },
    body: `${table} const at = u32(io.a) + io.b; table[io.a + io.b] = at * 2; io.r = at < 512 ? table[at] : 1; table[0] = 9; table[1] = 8; table[io.b > 3 ? io.a + 1 : 0] = 7; io.s = table[0] * 10 + table[1];`,
    runs: edges.u8.flatMap((a) =>
      edges.u8.map((b) => ({
        inputs: { a, b },
        outputs: { r: (a + b) * 2n, s: b <= 3n ? 78n : a === 0n ? 97n : 98n },
      })),
    ),
  },
  {
    name: "compared",
    inputs: { a: "u8", b: "u8", limit: "u32" },
    outputs: { r: "u32" },
    body: "io.r = io.a + io.b > io.limit ? 1 : 2;",
    runs: edges.u8.map((a) => ({
      inputs: { a, b: 200n, limit: 255n },
      outputs: { r: a + 200n > 255n ? 1n : 2n },
    })),
  },
  {
    name: "keptNarrow",
    inputs: { a: "u8" },
    outputs: { r: "u32", s: "u32" },
    body: "let n: u8 = io.a + 5; n += 5; io.r = n; io.s = u8(io.a + 10);",
    runs: edges.u8.map((a) => ({
      inputs: { a },
      outputs: { r: BigInt.asUintN(8, a + 10n), s: BigInt.asUintN(8, a + 10n) },
    })),
  },
];

const widening: ConformanceClass = {
  name: "Widening",
  members: "static readonly tables = new ArrayMap<FixedArray<u32, 512>>({ maxEntries: 1 });",
  cases: [...both("u8"), ...both("i8"), ...both("u16"), ...both("i16"), ...shrinking, ...uses],
};

export const groups: readonly Group[] = [
  { title: "narrow arithmetic that widens", classes: [widening] },
  { title: "narrow arithmetic that widens, other cpus", classes: [widening], variants: cpus },
];
