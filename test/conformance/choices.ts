/** Values that are chosen among literals, and numbers in bit fields that they fit: neither needs a conversion. */
import { type Case, type ConformanceClass, cpus, type Group } from "./program.js";

const edges = [0n, 1n, 3n, 4n, 5n, 6n, 200n];

const signed = (bits: 32 | 64, value: bigint): bigint => BigInt.asIntN(bits, value);

const sign = (a: bigint): bigint => (a > 5n ? -1n : a > 3n ? 1n : 0n);

/** `body` reads `io.a`, a u32, and sets `io.r`, an i64 (or `io.n`, an i32). */
const choice = (
  name: string,
  body: string,
  expected: (a: bigint) => bigint,
  place: "r" | "n" = "r",
): Case => ({
  name,
  inputs: { a: "u32" },
  outputs: { [place]: place === "r" ? "i64" : "i32" },
  body: `const a = io.a; ${body}`,
  runs: edges.map((a) => ({
    inputs: { a },
    outputs: { [place]: signed(place === "r" ? 64 : 32, expected(a)) },
  })),
});

const wide = "a > 5 ? -1n : a > 3 ? 1n : 0n";
const narrow = "a > 5 ? -1 : a > 3 ? 1 : 0";

const choices: ConformanceClass = {
  name: "Choices",
  preamble: `interface Pair { first: i64; second: i32; more: FixedArray<i32, 2> }
function signOf(a: u32): i64 { return ${wide}; }

function same(x: i32): i32 { return x; }
function total(p: Pair): i64 { return p.first + i64(p.second) * 100n + i64(p.more[0]) * 10000n + i64(p.more[1]); }`,
  cases: [
    choice("assignedWide", `io.r = ${wide};`, sign),
    choice("assignedNarrow", `io.n = ${narrow};`, sign, "n"),
    choice("declared", `const r: i64 = ${wide}; io.r = r;`, sign),
    choice("undeclared", `const r = ${wide}; io.r = r;`, sign),
    choice("innerFirst", "io.r = a > 3 ? (a > 5 ? -1n : 1n) : 0n;", sign),
    choice(
      "threeDeep",
      "io.n = a > 5 ? (a > 100 ? 7 : (-7)) : a > 3 ? 1 : a > 1 ? -3 : 0;",
      (a) => (a > 5n ? (a > 100n ? 7n : -7n) : a > 3n ? 1n : a > 1n ? -3n : 0n),
      "n",
    ),
    choice(
      "afterComma",
      `let calls: u32 = 0; io.r = (calls += 1, ${wide}); io.r += i64(calls);`,
      (a) => sign(a) + 1n,
    ),
    choice("satisfies", `io.r = (${wide}) satisfies i64;`, sign),
    choice("returned", "io.r = signOf(a);", sign),
    choice("returnedBySubprogram", "io.n = Choices.signApart(a);", sign, "n"),
    choice("argument", `io.n = same(${narrow});`, sign, "n"),
    choice(
      "fieldsAndElements",
      `const p: Pair = { first: ${wide}, second: ${narrow}, more: [${narrow}, 5] }; io.r = total(p);`,
      (a) => sign(a) * 10_101n + 5n,
    ),
    choice(
      "compound",
      `let r: i64 = 50n; r += ${wide}; r -= a > 3 ? 1n : 0n; io.r = r;`,
      (a) => 50n + sign(a) - (a > 3n ? 1n : 0n),
    ),
    choice(
      "besideSigned",
      "let n: i32 = i32(a) - 4; n = n * (a > 3 ? 2 : 1); io.n = n;",
      (a) => (a - 4n) * (a > 3n ? 2n : 1n),
      "n",
    ),
    choice("comparedWithSigned", "const n = i64(a) - 4n; io.r = n < (a > 3 ? 1n : 0n) ? 1n : 2n;", (a) =>
      a - 4n < (a > 3n ? 1n : 0n) ? 1n : 2n,
    ),
    choice(
      "literalBesideNarrow",
      "const low = u8(a); io.n = a > 3 ? -1 : low;",
      (a) => (a > 3n ? -1n : a & 255n),
      "n",
    ),
    choice(
      "greaterOfSigned",
      "const n = i32(a) - 4; io.n = max(n, a > 5 ? 1 : 0);",
      (a) => {
        const least = a > 5n ? 1n : 0n;
        return a - 4n > least ? a - 4n : least;
      },
      "n",
    ),
    choice(
      "nullish",
      "const seen = Choices.seen.get(a); io.r = seen?.value ?? (a > 5 ? -1n : a > 3 ? 1n : 0n);",
      sign,
    ),
  ],
  members: `static readonly seen = new HashMap<u32, i64>({ maxEntries: 1 });
@noinline static signApart(a: u32): i32 { return ${narrow}; }`,
};

const sources = {
  u8: [0n, 255n],
  i8: [-128n, 127n],
  u16: [0n, 65_535n],
  i16: [-32_768n, 32_767n],
} as const;
const fields = ["u16", "i16", "u32", "i32"] as const;

/** The least bits of a field of a type that hold every number of another; null when the type itself does not. */
function bitsFor(field: (typeof fields)[number], [min, max]: readonly [bigint, bigint]): number | null {
  const isSigned = field.startsWith("i");
  const size = Number(field.slice(1));
  const least = Array.from({ length: size }, (_, index) => index + 1).find((bits) => {
    const half = 1n << BigInt(bits - 1);
    return isSigned ? min >= -half && max < half : min >= 0n && max < half * 2n;
  });
  return least ?? null;
}

/** Every narrow type in the smallest bit field of every type that holds it. */
const fitting: ConformanceClass = {
  name: "FittingBits",
  cases: Object.entries(sources).flatMap(([source, range]) =>
    fields.flatMap((field): Case[] => {
      const bits = bitsFor(field, range);
      if (bits === null) return [];
      const [min, max] = range;
      return [
        {
          name: `${source}In${bits}BitsOf_${field}`,
          inputs: { x: source as keyof typeof sources },
          outputs: { r: "i64" },
          body: `interface Held { before: Bits<${field}, 3>; held: Bits<${field}, ${bits}>; after: Bits<${field}, 2> }
const h = zeroed<Held>(); h.before = 1; h.after = 1; h.held = io.x; io.r = i64(h.held) + (h.before === 1 && h.after === 1 ? 1000000n : 0n);`,
          runs: [min, min + 1n, -1n, 0n, 1n, max - 1n, max]
            .filter((x) => x >= min && x <= max)
            .map((x) => ({ inputs: { x }, outputs: { r: x + 1_000_000n } })),
        },
      ];
    }),
  ),
};

const classes = [choices, fitting];

export const groups: readonly Group[] = [
  { title: "choices among literals", classes },
  { title: "choices among literals, other cpus", classes, variants: cpus },
];
