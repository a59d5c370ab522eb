/** References that are chosen between, kept in variables and exchanged in loops: to maps, packets, globals and the stack. */
import { casesOver } from "./cases.js";
import type { ConformanceClass, Group } from "./program.js";

const one = casesOver([0n, 1n, 2n, 7n, 200n]);

/** Two entries that are there, with `n` of 10 and 20. */
const entries = (name: string): string =>
  `${name}.first.set(1, { n: 10, m: 1 }); ${name}.second.set(2, { n: 20, m: 2 });
const a = ${name}.first.get(1); const b = ${name}.second.get(2); if (a === null || b === null) return XdpAction.Drop;`;

const chosen = (name: string): ConformanceClass => ({
  name,
  preamble: `interface Pair { n: u32; m: u32 }
function pick(first: boolean, a: Pair, b: Pair): Pair { return first ? a : b; }
function bump(pair: Pair): void { pair.n += 1; }`,
  members: `static readonly first = new HashMap<u32, Pair>({ maxEntries: 4 });
static readonly second = new ArrayMap<Pair>({ maxEntries: 4 });
static shared: Pair = { n: 0, m: 0 };
@noinline static own(a: Pair, b: Pair, which: u32): u32 { const x = which > 1 ? a : b; x.n += 1; return x.n; }`,
  cases: [
    one(
      "maps",
      `${entries(name)} const x = io.a > 1 ? a : b; x.n += 1; bump(x); io.r = u64(a.n) * 100n + u64(b.n);`,
      (a) => (a > 1n ? 1220n : 1022n),
    ),
    one(
      "lookups",
      `${entries(name)} const x = io.a > 1 ? ${name}.first.get(1) : ${name}.first.get(9); if (x === null) { io.r = 5n; return XdpAction.Pass; } x.n = 3; io.r = u64(a.n);`,
      (a) => (a > 1n ? 3n : 5n),
    ),
    one(
      "otherwise",
      `${entries(name)} const x = ${name}.first.get(io.a) ?? ${name}.shared; x.n = 7; io.r = u64(a.n) * 100n + u64(b.n);`,
      (a) => (a === 1n ? 720n : 1020n),
    ),
    one(
      "packetOrMap",
      `${entries(name)} const p = ctx.at<Pair>(16); if (p === null) return XdpAction.Drop; p.n = 30; const x = io.a > 1 ? a : p; x.n += 1; const n = p.n; p.n = 0; io.r = u64(a.n) * 100n + u64(n);`,
      (a) => (a > 1n ? 1130n : 1031n),
    ),
    one(
      "packets",
      "const x = io.a > 1 ? ctx.at<Pair>(16) : ctx.at<Pair>(24); if (x === null) return XdpAction.Drop; x.m = 5; io.r = u64(x.m) + u64(x.n); x.m = 0;",
      () => 5n,
    ),
    one(
      "stack",
      "const a: Pair = { n: 1, m: 2 }; const b: Pair = { n: io.a, m: 4 }; const x = io.a > 1 ? a : b; x.n += 10; bump(pick(io.a > 2, a, b)); io.r = u64(a.n) * 1000n + u64(b.n);",
      (a) => {
        const [x, y] = a > 1n ? [11n, a] : [1n, a + 10n];
        return a > 2n ? (x + 1n) * 1000n + y : x * 1000n + y + 1n;
      },
    ),
    one(
      "variable",
      `${entries(name)} let x: Pair | null = null; if (io.a > 100) x = a; else if (io.a > 1) x = b; else if (io.a > 0) x = ctx.at<Pair>(16);
if (x === null) { io.r = 1n; return XdpAction.Pass; } x.n = 3; const n = x.n; const here = ctx.at<Pair>(16); if (here !== null) here.n = 0; io.r = u64(a.n) * 10_000n + u64(b.n) * 100n + u64(n);`,
      (a) => (a > 100n ? 32_003n : a > 1n ? 100_303n : a > 0n ? 102_003n : 1n),
    ),
    one(
      "exchanged",
      `${entries(name)} let x = a; for (let i: u32 = 0; i < 10; i++) { x.n += i; x = (i & 1) === 0 ? b : a; } x.m = 9; io.r = u64(a.n) * 1000n + u64(b.n) * 10n + u64(a.m);`,
      () => 30_459n,
    ),
    one(
      "followed",
      `${name}.first.set(4, { n: 5, m: 6 }); ${name}.first.set(6, { n: 6, m: 9 });
let x = ${name}.first.get(4); let n: u64 = 0n; for (let i: u32 = 0; i < 6; i++) { if (x === null) break; n = n * 10n + u64(x.n); x = ${name}.first.get(x.m); }
${name}.first.delete(4); ${name}.first.delete(6); io.r = n;`,
      () => 56n,
    ),
    one(
      "subprogram",
      `${entries(name)} const s: Pair = { n: 5, m: 0 }; const p = ctx.at<Pair>(16); if (p === null) return XdpAction.Drop; p.n = 40; const t = ${name}.own(p, s, io.a) * 1000 + ${name}.own(b, a, io.a); p.n = 0; io.r = u64(t);`,
      (a) => (a > 1n ? 41_021n : 6011n),
    ),
  ],
});

export const groups: readonly Group[] = [
  { title: "references that are chosen between", classes: [chosen("Chosen")] },
  {
    title: "references that are chosen between, from 6.4 on",
    classes: [chosen("ChosenLater")],
    kernel: "6.4",
  },
];
