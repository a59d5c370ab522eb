/** Arrays that are written out where they are used, tables of a function's own, and what functions tell of their results. */
import { casesOver } from "./cases.js";
import type { ConformanceClass, Group } from "./program.js";

const one = casesOver([0n, 1n, 2n, 3n, 7n, 53n, 443n, 65_535n, 0xffff_fff0n]);
const wrap = (value: bigint): bigint => BigInt.asUintN(32, value);

const lists: ConformanceClass = {
  name: "Lists",
  preamble: "interface Point { x: u32; y: u64 }",
  cases: [
    one(
      "forOfNumbers",
      "for (const port of [53, 80, 443]) { if (io.a === port) { io.r = u64(port); break; } io.r += 1n; }",
      (a) => {
        let r = 0n;
        for (const port of [53n, 80n, 443n]) {
          if (a === port) return port;
          r += 1n;
        }
        return r;
      },
    ),
    one(
      "forOfExpressions",
      "let x = io.a; for (const y of [x + 1, x * 3, 5]) { if (y === 3) continue; x = x ^ y; } io.r = u64(x);",
      (a) => [wrap(a + 1n), wrap(a * 3n), 5n].reduce((x, y) => (y === 3n ? x : x ^ y), a),
    ),
    one(
      "forOfPairs",
      "for (const [low, high] of [[1, 3], [50, 60], [440, 450]] as const) if (io.a >= low && io.a <= high) io.r = u64(high - low);",
      (a) => (a >= 1n && a <= 3n ? 2n : (a >= 50n && a <= 60n) || (a >= 440n && a <= 450n) ? 10n : 0n),
    ),
    one(
      "patternOfList",
      "const [p, q] = [io.a, io.a + 1]; let [s, t] = [1n, 2n]; [s, t] = [t, s + t]; const [, last] = [7, 9]; io.r = u64(p ^ q) * 1000n + s * 100n + t * 10n + u64(last);",
      (a) => (a ^ wrap(a + 1n)) * 1000n + 200n + 30n + 9n,
    ),
    one(
      "copyBySpread",
      "const p: Point = { x: io.a, y: 7n }; const q = { ...p }; q.x += 1; const r = { ...p, y: 9n }; p.y = 100n; io.r = u64(q.x ^ p.x) * 10000n + q.y * 1000n + r.y * 100n + u64(r.x === io.a ? 1 : 0);",
      (a) => (wrap(a + 1n) ^ a) * 10_000n + 7000n + 900n + 1n,
    ),
    one(
      "ownTable",
      "const squares = [0, 1, 4, 9, 16, 25, 36, 49] as const; let s: u32 = squares[io.a & 7]; for (const [i, x] of squares.entries()) if (x === io.a) s += i * 100; io.r = u64(s);",
      (a) => {
        const i = a & 7n;
        return i * i + (a === 1n ? 100n : 0n);
      },
    ),
    one(
      "ownTableOfStructs",
      "const kinds = [{ port: 53, name: 1n }, { port: 443, name: 2n }] as const; for (const { port, name } of kinds) if (port === io.a) io.r = name * 1000n; io.r += kinds[io.a & 1].name;",
      (a) => (a === 53n ? 1000n : a === 443n ? 2000n : 0n) + (a & 1n) + 1n,
    ),
  ],
};

const results: ConformanceClass = {
  name: "Results",
  preamble: `function slotOf(n: u32): u32 { if (n > 1000) return 3; if (n > 100) return 2; return n & 1; }
function weightOf(n: u32): i32 { return n > 5 ? -1 : 4; }`,
  members: `@noinline static third(n: u32): u32 { return n % 3; }
@global static fourth(n: u32): u8 { return u8(n & 3); }`,
  cases: [
    one(
      "indexFromFunction",
      "const t: FixedArray<u32, 4> = [10, 20, 30, 40]; t[slotOf(io.a)] += 5; io.r = u64(t[0]) + u64(t[1]) * 100n + u64(t[2]) * 10000n + u64(t[3]) * 1000000n;",
      (a) => {
        const t = [10n, 20n, 30n, 40n];
        const slot = Number(a > 1000n ? 3n : a > 100n ? 2n : a & 1n);
        t[slot] = (t[slot] ?? 0n) + 5n;
        return t.reduce((sum, x, i) => sum + x * 100n ** BigInt(i), 0n);
      },
    ),
    one(
      "indexFromSubprograms",
      "const t: FixedArray<u32, 4> = [10, 20, 30, 40]; io.r = u64(t[Results.third(io.a)]) * 100n + u64(t[Results.fourth(io.a)]);",
      (a) => (10n + (a % 3n) * 10n) * 100n + 10n + (a & 3n) * 10n,
    ),
    one(
      "signFromFunction",
      "io.r = u64(u32(weightOf(io.a) + 1)) * 10n + (weightOf(io.a) < 0 ? 1n : 2n);",
      (a) => (a > 5n ? 1n : 52n),
    ),
    one(
      "minAndMax",
      "const t: FixedArray<u32, 4> = [10, 20, 30, 40]; io.r = u64(t[min(io.a, 3)]) * 10000n + u64(max(io.a, 500)) + (max(u64(io.a), 1n << 33n) >> 33n);",
      (a) => (10n + (a < 3n ? a : 3n) * 10n) * 10_000n + (a > 500n ? a : 500n) + 1n,
    ),
    one(
      "clamped",
      "const t: FixedArray<u32, 8> = [1, 2, 3, 4, 5, 6, 7, 8]; io.r = u64(t[clamp(io.a, 2, 5)]) * 10n + u64(u32(clamp(i32(io.a), -2, 9)));",
      (a) => {
        const at = a < 2n ? 2n : a > 5n ? 5n : a;
        const signed = BigInt.asIntN(32, a);
        const low = signed < -2n ? -2n : signed > 9n ? 9n : signed;
        return (at + 1n) * 10n + wrap(low);
      },
    ),
  ],
};

export const groups: readonly Group[] = [{ title: "lists and results", classes: [lists, results] }];
