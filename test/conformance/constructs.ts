/** Statements, expressions and functions, one by one. */
import { u64s } from "./cases.js";
import { type Case, cpus, type Group, levels } from "./program.js";

const i32max = 2147483647n;

const control: readonly Case[] = [
  {
    name: "sides",
    inputs: { a: "u32", b: "u32" },
    outputs: u64s("calls", "and", "or", "both", "pick", "not"),
    body: `let n: u32 = 0;
      const and = io.a > 1 && (n++ < 9) && io.b !== 0;
      const or = io.b > 5 || ++n === 1 || io.a === 7;
      const both = (io.a < io.b || io.a > 100) && !(io.b === 9 && io.a !== 3);
      const pick = io.a > io.b ? (n += 10) : io.a === io.b ? (n += 100) : (n += 1000);
      io.and = u64(and); io.or = u64(or); io.both = u64(both); io.pick = u64(pick); io.calls = u64(n);
      io.not = u64(!and && !!or);`,
    runs: [0n, 1n, 2n, 3n, 7n, 9n, 200n].flatMap((a) =>
      [0n, 1n, 3n, 6n, 9n].map((b) => {
        let n = 0n;
        const and = a > 1n && n++ < 9n && b !== 0n;
        const or = b > 5n || ++n === 1n || a === 7n;
        const both = (a < b || a > 100n) && !(b === 9n && a !== 3n);
        n += a > b ? 10n : a === b ? 100n : 1000n;
        return {
          inputs: { a, b },
          outputs: {
            and: BigInt(and),
            or: BigInt(or),
            both: BigInt(both),
            pick: n,
            calls: n,
            not: BigInt(!and && or),
          },
        };
      }),
    ),
  },
  {
    name: "chain",
    inputs: { a: "i32" },
    outputs: u64s("r"),
    body: `if (io.a < -5) io.r = 1n; else if (io.a < 0) io.r = 2n; else if (io.a === 0) { io.r = 3n; } else if (io.a < 10) { if (io.a === 4) return XdpAction.Drop; io.r = 4n; } else io.r = 5n;`,
    runs: [
      [-6n, 1n],
      [-5n, 2n],
      [-1n, 2n],
      [0n, 3n],
      [1n, 4n],
      [4n, 0n],
      [9n, 4n],
      [10n, 5n],
      [i32max, 5n],
      [-i32max - 1n, 1n],
    ].map(([a = 0n, r = 0n]) => ({ inputs: { a }, outputs: { r }, ...(a === 4n ? { result: 1 } : {}) })),
  },
  {
    name: "loops",
    inputs: { a: "u32", n: "u8" },
    outputs: u64s("whiles", "dos", "fors", "nested", "down", "bytes", "zero"),
    body: `let whiles: u32 = 0; let i: u32 = 0;
      while (i < 20) { i += 3; if (i === io.a) continue; if (i > 12 && io.a === 1) break; whiles += i; }
      io.whiles = u64(whiles);
      let dos: u64 = 0n; let j: u32 = 5;
      do { dos += u64(j); j++; if (dos > 20n) break; } while (j < 10);
      io.dos = dos;
      let fors: u32 = 1;
      for (let k: u32 = 0; k < 40; k++) { if ((k & 1) === 1) continue; if (k >= io.a) break; fors = fors * 3 + k; }
      io.fors = u64(fors);
      let nested: u32 = 0;
      for (let x: u32 = 0; x < 5; x++) { for (let y: u32 = 0; y <= 6; y += 2) { if (y === x) continue; if (y > io.a) break; nested += x * 10 + y; } if (nested > 300) break; }
      io.nested = u64(nested);
      let down: i32 = 0;
      for (let z: i32 = 6; z >= -3; z -= 3) down = down * 2 + z;
      io.down = u64(down);
      let bytes: u32 = 0;
      const n = io.n; for (let q: u32 = 0; q < n; q++) bytes += q ^ io.a;
      io.bytes = u64(bytes);
      let zero: u32 = 0; for (let w: u32 = 5; w < 5; w++) zero++; io.zero = u64(zero);`,
    runs: [0n, 1n, 3n, 4n, 6n, 9n, 39n, 41n].flatMap((a) =>
      [0n, 1n, 17n, 255n].map((n) => {
        let [whiles, i, dos, j, fors, nested, down, bytes] = [0n, 0n, 0n, 5n, 1n, 0n, 0n, 0n];
        while (i < 20n) {
          i += 3n;
          if (i === a) continue;
          if (i > 12n && a === 1n) break;
          whiles += i;
        }
        do {
          dos += j;
          j++;
          if (dos > 20n) break;
        } while (j < 10n);
        for (let k = 0n; k < 40n && k < a + 2n; k++) {
          if (k % 2n === 1n) continue;
          if (k >= a) break;
          fors = BigInt.asUintN(32, fors * 3n + k);
        }
        for (let x = 0n; x < 5n; x++) {
          for (let y = 0n; y <= 6n; y += 2n) {
            if (y === x) continue;
            if (y > a) break;
            nested += x * 10n + y;
          }
          if (nested > 300n) break;
        }
        for (const z of [6n, 3n, 0n, -3n]) down = down * 2n + z;
        for (let q = 0n; q < n; q++) bytes += q ^ a;
        return {
          inputs: { a, n },
          outputs: { whiles, dos, fors, nested, down: BigInt.asUintN(64, down), bytes, zero: 0n },
        };
      }),
    ),
  },
  {
    name: "functions",
    inputs: { a: "u32", b: "i16", c: "u64", d: "u8", e: "i64" },
    outputs: u64s("five", "fact", "even", "min", "stat", "other", "abs", "deep"),
    body: `io.five = u64(five(io.a, io.b, io.c, io.d, io.e));
      io.fact = factorial(io.d & 15);
      io.even = isEven(io.a) ? 1n : 0n;
      if (isEven(io.a) && !isEven(io.d)) io.even += 10n;
      const box: Box = { low: i32(io.b), high: i32(io.d) };
      order(box); io.min = u64(box.low);
      io.stat = u64(Control.triple(io.d));
      io.other = imported(io.c, io.d);
      io.abs = u64(abs(io.b)); io.deep = u64(deep3(io.a));`,
    runs: [
      { a: 4294967295n, b: -32768n, c: 1n << 63n, d: 255n, e: -1n },
      { a: 0n, b: 0n, c: 0n, d: 0n, e: 0n },
      { a: 12n, b: -7n, c: 99n, d: 5n, e: 1n << 62n },
      { a: 13n, b: 300n, c: 0xffffffffffffffffn, d: 9n, e: -(1n << 63n) },
    ].map(({ a, b, c, d, e }) => {
      let fact = 1n;
      for (let k = 1n; k <= (d & 15n); k++) fact *= k;
      const isEven = a % 2n === 0n;
      return {
        inputs: { a, b, c, d, e },
        outputs: {
          five: BigInt.asUintN(64, a - b * 3n + (c ^ d) - e),
          fact,
          even: BigInt(isEven) + (isEven && d % 2n === 1n ? 10n : 0n),
          min: BigInt.asUintN(64, b - d < 0n ? b : d),
          stat: BigInt.asUintN(8, d * 3n),
          other: BigInt.asUintN(64, c * 1000n + d),
          abs: BigInt.asUintN(64, b < 0n ? BigInt.asIntN(16, -b) : b),
          deep: BigInt.asUintN(32, ((a + 1n) * 2n + 1n) * 2n + 1n),
        },
      };
    }),
  },
  {
    name: "sequence",
    inputs: { a: "u8", b: "u16" },
    outputs: u64s("swap", "shadow", "chain", "order"),
    body: `let x: u32 = io.a; let y: u32 = io.b; const t = x; x = y; y = t; io.swap = u64(x * 65536 + y);
      const s: u32 = 1; { const s: u32 = 5; io.shadow = u64(s); } io.shadow += u64(s);
      let p: u32 = 0; let q: u32 = 0; p = q = io.a; p += q *= 2; io.chain = u64(p * 1000 + q);
      let o: u32 = 1; o = o++ + o * 10 + ++o * 100; io.order = u64(o);`,
    runs: [
      [1n, 2n],
      [255n, 65535n],
      [0n, 7n],
    ].map(([a = 0n, b = 0n]) => ({
      inputs: { a, b },
      outputs: {
        swap: BigInt.asUintN(32, b * 65536n + a),
        shadow: 6n,
        chain: a * 3n * 1000n + a * 2n,
        order: 1n + 20n + 300n,
      },
    })),
  },
  {
    name: "packet",
    inputs: { off: "u8", big: "u32" },
    outputs: u64s("length", "at", "far", "word"),
    body: `io.length = u64(ctx.length);
      const byte = ctx.at<u8>(io.off); if (byte !== null) { io.at = u64(byte.value) + 1n; }
      const far = ctx.at<u16>(io.big); io.far = far === null ? 7n : u64(far.value);
      const word = ctx.at<be16>(4 + (io.off & 3)); if (word) io.word = u64(word.value) + 1n;`,
    runs: [
      { inputs: { off: 0n, big: 70000n }, outputs: { length: 64n, at: 1n, far: 7n, word: 1n } },
      { inputs: { off: 63n, big: 4294967295n }, outputs: { length: 64n, at: 1n, far: 7n, word: 256n } },
      { inputs: { off: 64n, big: 63n }, outputs: { at: 0n, far: 7n } },
      { inputs: { off: 255n, big: 62n }, outputs: { at: 0n, far: 0n } },
      { inputs: { off: 1n, big: 65536n }, result: 0, length: 63 },
      { result: 0, length: 14 },
    ],
  },
  {
    name: "write",
    inputs: { a: "be16", i: "u8" },
    outputs: { copy: "be16", fixed: "be32", pos: "u64" },
    body: `const x = ctx.at<be16>(16); if (x === null) return XdpAction.Drop; x.value = io.a;
      const y = ctx.at<be32>(24); if (y === null) return XdpAction.Drop; y.value = be32(0x01020304);
      const z = ctx.at<u8>(32 + (io.i & 7)); if (z === null) return XdpAction.Drop; z.value = 0xff; z.value -= 1;
      io.pos = io.pos !== 0n ? 1n : 0n;`,
    runs: [0n, 0x1234n, 0xffffn].map((a) => ({
      inputs: { a, i: a },
      outputs: { copy: a, fixed: 0x01020304n, pos: 1n },
    })),
  },
  {
    name: "consts",
    outputs: u64s("a", "b", "c", "d", "e", "f", "g", "h", "i"),
    body: `io.a = u64(LIMIT); io.b = u64(Mode.Fast); io.c = HUGE; io.d = u64(sizeof<Mixed>()); io.e = u64(sizeof<u16>() + sizeof<CString<9>>());
      io.f = u64(i64(NEGATIVE)); io.g = u64(Control.turns) + u64(SHARED); io.h = u64(Colour.Blue); io.i = u64(LIMIT * 2 + 1);`,
    runs: [
      {
        outputs: {
          a: 1000n,
          b: 2n,
          c: 0xfedcba9876543210n,
          d: 32n,
          e: 11n,
          f: 0xfffffffffffffffdn,
          g: 49n,
          h: 6n,
          i: 2001n,
        },
      },
    ],
  },
  {
    name: "helpers",
    outputs: u64s("time", "cpu", "random"),
    body: `const before = ktimeGetNs(); const after = ktimeGetNs(); io.time = after >= before && before > 0n ? 1n : 0n;
      io.cpu = getSmpProcessorId() < 4096 ? 1n : 0n;
      const r = getPrandomU32() % 10; io.random = r < 10 ? 1n : 0n;`,
    runs: [{ outputs: { time: 1n, cpu: 1n, random: 1n } }],
  },
];

const preamble = `import { imported, SHARED } from "./shared.js";
const LIMIT = 1000; const HUGE = 0xfedcba9876543210n; const NEGATIVE: i32 = -3;
const Mode = { Slow: 1, Fast: 2 } as const;
enum Colour { Red = 5, Blue }
interface Mixed { a: u8; b: u64; c: u16; d: u32; e: u8 }
interface Box { low: i32; high: i32 }
function five(a: u32, b: i16, c: u64, d: u8, e: i64): i64 { return i64(a) - i64(b) * 3n + i64(c ^ u64(d)) - e; }
function factorial(n: u32): u64 { let r: u64 = 1n; for (let k: u32 = 1; k <= 15; k++) { if (k > n) return r; r *= u64(k); } return r; }
function isEven(n: u32): boolean { return (n & 1) === 0; }
function order(box: Box): void { if (box.low <= box.high) return; const t = box.low; box.low = box.high; box.high = t; }
function abs(n: i16): i16 { if (n < 0) return i16(-n); return n; }
function deep1(n: u32): u32 { return n + 1; }
function deep2(n: u32): u32 { return deep1(n) * 2 + 1; }
function deep3(n: u32): u32 { return deep2(n) * 2 + 1; }
`;

export const groups: readonly Group[] = [
  {
    title: "constructs",
    classes: [
      {
        name: "Control",
        preamble,
        members: "static readonly turns = 7; static triple(n: u8): u8 { return u8(n * 3); }",
        cases: control,
      },
    ],
    variants: [...levels, ...cpus],
    extra: {
      "shared.ts": `import { u64 } from "@waggle/kernel"; import type { u8 } from "@waggle/kernel";
export const SHARED = 42;
export function imported(a: u64, b: u8): u64 { return a * 1000n + u64(b); }
`,
    },
  },
];
