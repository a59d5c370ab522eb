/**
 * Arrays on the stack that share a word of 8 bytes with other fields: elements are stored at variable indexes, then everything is read. From
 * 5.16 to 6.18 verifiers refused to load the other fields of such a word.
 */
import { casesOver } from "./cases.js";
import type { Case, ConformanceClass, Group } from "./program.js";

const one = casesOver([0n, 1n, 2n, 6n, 7n, 250n, 0xffff_ffffn]);

interface Shape {
  readonly name: string;
  readonly fields: string;
  /** Type of `n`, which is a number beside the array. */
  readonly n: string;
  readonly element: string;
  readonly length: bigint;
}

const shapes: readonly Shape[] = [
  { name: "Before", fields: "n: u32; v: FixedArray<u32, 8>", n: "u32", element: "u32", length: 8n },
  {
    name: "BeforeInWords",
    fields: "big: u64; n: u32; v: FixedArray<u32, 7>",
    n: "u32",
    element: "u32",
    length: 7n,
  },
  { name: "Behind", fields: "v: FixedArray<u32, 5>; n: u32; big: u64", n: "u32", element: "u32", length: 5n },
  { name: "ByteBefore", fields: "n: u8; v: FixedArray<u8, 31>", n: "u8", element: "u8", length: 31n },
  { name: "ShortBefore", fields: "n: u16; v: FixedArray<u8, 30>", n: "u16", element: "u8", length: 30n },
  { name: "ShortBehind", fields: "v: FixedArray<u8, 30>; n: u16", n: "u16", element: "u8", length: 30n },
  {
    name: "Around",
    fields: "big: u64; m: u16; n: u16; v: FixedArray<u8, 9>; k: u8; j: u16; end: u64",
    n: "u16",
    element: "u8",
    length: 9n,
  },
  {
    name: "TwoArrays",
    fields: "v: FixedArray<u16, 3>; n: u16; w: FixedArray<u16, 5>; j: u16",
    n: "u16",
    element: "u16",
    length: 3n,
  },
  {
    name: "Inside",
    fields: "big: u64; n: u32; inner: { at: u32; v: FixedArray<u8, 6> }; j: u16",
    n: "u32",
    element: "u8",
    length: 6n,
  },
];

/** Sums what is in the array, each element times its place and one. */
const sumOf = (array: readonly bigint[]): bigint => array.reduce((sum, x, i) => sum + x * BigInt(i + 1), 0n);

function written({ length }: Shape, a: bigint, turns: bigint): { readonly v: bigint[]; readonly n: bigint } {
  const v = Array<bigint>(Number(length)).fill(0n);
  const add = (index: bigint, by: bigint): void => {
    v[Number(index)] = (v[Number(index)] ?? 0n) + by;
  };
  add(a % length, a & 31n);
  let n = (a & 7n) + 1n;
  for (let k = 0n; k < turns; k++) {
    add((a + k) % length, 2n);
    n += 2n;
  }
  return { v, n };
}

function shapeCase(shape: Shape, turns: bigint): Case {
  const { name, n, element, length } = shape;
  const array = name === "Inside" ? "s.inner.v" : "s.v";
  const loop =
    turns === 0n
      ? ""
      : `for (let k: u32 = 0; k < ${turns}; k++) { const j = (a + k) % ${length}; ${array}[j] += 2; s.n += 2; }`;
  const body = `const a = u32(io.a & 0xff); const s = zeroed<${name}>(); s.n = ${n}(a & 7); const i = a % ${length}; ${array}[i] = ${element}(a & 31); s.n += 1; ${loop}
let sum: u64 = u64(s.n) * 1000000n; for (const [k, x] of ${array}.entries()) sum += u64(x) * u64(k + 1); io.r = sum + u64(${array}[0]) * 1000n;`;
  return one(`${name[0]?.toLowerCase()}${name.slice(1)}${turns === 0n ? "" : "InALoop"}`, body, (given) => {
    const { v, n: count } = written(shape, given & 0xffn, turns);
    return count * 1_000_000n + sumOf(v) + (v[0] ?? 0n) * 1000n;
  });
}

const others: readonly Case[] = [
  one(
    "lineBuffer",
    "const a = io.a; const line = zeroed<Line>(); for (let i: u32 = 0; i < 40; i++) { const c = u8((a >> (i & 31)) & 7); const at = line.at; if (c !== 0 && at < 29) { line.text[at] = c; line.at = at + 1; } } let sum: u64 = u64(line.at) * 1000000n; for (const [k, c] of line.text.entries()) sum += u64(c) * u64(k + 1); io.r = sum;",
    (a) => {
      const text: bigint[] = [];
      for (let i = 0n; i < 40n; i++) {
        const c = (a >> (i & 31n)) & 7n;
        if (c !== 0n && text.length < 29) text.push(c);
      }
      return BigInt(text.length) * 1_000_000n + sumOf(text);
    },
  ),
  one(
    "structsAsElements",
    "const a = io.a; const s = zeroed<Pairs>(); s.n = 3; const i = a % 3; s.v[i].y = 5; s.v[i].x = u16(a & 7); const p: Pair = { x: 9, y: 11 }; s.v[(a + 1) % 3] = p; s.n += 1; io.r = u64(s.n) * 1000000n + u64(s.v[0].x) + u64(s.v[0].y) * 20n + u64(s.v[1].x) * 400n + u64(s.v[1].y) * 8000n + u64(s.v[2].x) * 160000n + u64(s.end);",
    (a) => {
      const v = [0n, 0n, 0n, 0n, 0n, 0n];
      const i = Number(a % 3n);
      const next = Number(((a + 1n) & 0xffff_ffffn) % 3n);
      [v[i * 2], v[i * 2 + 1]] = [a & 7n, 5n];
      [v[next * 2], v[next * 2 + 1]] = [9n, 11n];
      const weights = [1n, 20n, 400n, 8000n, 160_000n, 0n];
      return 4_000_000n + weights.reduce((sum, weight, k) => sum + weight * (v[k] ?? 0n), 0n);
    },
  ),
];

const sharedWords: ConformanceClass = {
  name: "SharedWords",
  preamble: `${shapes.map(({ name, fields }) => `interface ${name} { ${fields} }`).join("\n")}
interface Line { at: u16; text: FixedArray<u8, 29>; end: u8 }
interface Pair { x: u16; y: u16 }
interface Pairs { n: u32; v: FixedArray<Pair, 3>; end: u32 }`,
  cases: [...shapes.flatMap((shape) => [shapeCase(shape, 0n), shapeCase(shape, 5n)]), ...others],
};

export const groups: readonly Group[] = [
  { title: "arrays that share words with fields", classes: [sharedWords] },
  { title: "arrays that share words with fields, for 6.8", classes: [sharedWords], kernel: "6.8" },
];
