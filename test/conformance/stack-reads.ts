/**
 * Numbers on the stack that are read through references: fields in functions that are not put in place, elements at indexes that the
 * verifier knows, and what the bodies of loops that the kernel calls share with the function around. Before 6.8 verifiers took two numbers
 * there for one, and removed the branch that only the second takes. So each case decides on a number that differs from path to path, in
 * ranges that do not overlap.
 */
import { casesOver } from "./cases.js";
import type { Case, ConformanceClass, Group } from "./program.js";

const one = casesOver([0n, 1n, 2n, 7n, 9n, 250n, 0xffff_ffffn]);

/** A number that is 10 to 17, and 0 to 3 for an input of 1; what is below 8 gives 11. */
const mode = (a: bigint): bigint => (a === 1n ? 1n : (a & 7n) + 10n);
const chosen = (a: bigint): bigint => (mode(a) < 8n ? 11n : 22n);
const MODE = "const a = io.a; let mode: u64 = u64(a & 7) + 10n; if (a === 1) mode = u64(a & 3);";
const FIELD = "const a = io.a; const s: State = { mode: u64(a & 7) + 10n, small: u8(a & 7) + 10 };";
const CHANGE = "if (a === 1) { s.mode = u64(a & 3); s.small = u8(a & 3); }";

const fields: readonly Case[] = [
  one("field", `${FIELD} ${CHANGE} io.r = StackReads.ofMode(s);`, chosen),
  one("narrowField", `${FIELD} ${CHANGE} io.r = StackReads.ofSmall(s);`, chosen),
  one("fieldOfACopy", `${FIELD} ${CHANGE} io.r = StackReads.ofCopy(s);`, chosen),
  one(
    "fieldOfOneOfTwo",
    `${FIELD} ${CHANGE} const other: State = { mode: u64(a & 3) + 30n, small: 1 }; const which = a > 8 ? other : s; io.r = which.mode < 8n ? 11n : which.mode > 29n ? 33n : 22n;`,
    (a) => (a > 8n ? 33n : chosen(a)),
  ),
  one(
    "fieldThatTheFunctionChanges",
    `${FIELD} io.r = StackReads.change(s, a) + s.mode;`,
    (a) => chosen(a) + mode(a),
  ),
  one(
    "elementInAWalkedLoop",
    "const a = io.a; const t: FixedArray<u64, 4> = [u64(a & 3), u64(a & 3) + 4n, u64(a & 7) + 10n, 8n]; if (a === 1) t[2] = u64(a & 3) + 30n; let n: u64 = 0n; for (let i: u32 = 0; i < 4; i++) if (t[i] > 20n) n += 33n; io.r = n;",
    (a) => (a === 1n ? 33n : 0n),
  ),
  one(
    "elementInAFunction",
    "const a = io.a; const t: FixedArray<u64, 4> = [u64(a & 3), u64(a & 3) + 4n, u64(a & 7) + 10n, 8n]; if (a === 1) t[2] = u64(a & 3) + 30n; io.r = StackReads.large(t);",
    (a) => (a === 1n ? 1n : 0n),
  ),
];

const stackReads: ConformanceClass = {
  name: "StackReads",
  preamble: "interface State { mode: u64; small: u8 }",
  members: `@noinline static ofMode(s: State): u64 { if (s.mode < 8n) return 11n; return 22n; }
@noinline static ofSmall(s: State): u64 { if (s.small < 8) return 11n; return 22n; }
@noinline static ofCopy(s: State): u64 { const own = copyOf(s); own.small += 1; if (own.mode < 8n) return 11n; return 22n; }
@noinline static change(s: State, a: u32): u64 { if (a === 1) s.mode = u64(a & 3); if (s.mode < 8n) return 11n; return 22n; }
@noinline static large(t: FixedArray<u64, 4>): u64 { let n: u64 = 0n; for (const x of t) if (x > 20n) n += 1n; return n; }`,
  cases: fields,
};

const table = [3n, 1n, 4n, 1n, 5n, 9n, 2n, 6n];
const at = (index: bigint): bigint => table[Number(index)] ?? 0n;
const TABLE = `const t: FixedArray<u32, 8> = [${table.join(", ")}];`;

const bodies: readonly Case[] = [
  one("number", `${MODE} let n: u64 = 0n; loop(300, () => { if (mode < 8n) n++; }); io.r = n;`, (a) =>
    mode(a) < 8n ? 300n : 0n,
  ),
  one(
    "numbersOfAllWidths",
    `const a = io.a; let w: u8 = 200; let x: i8 = -100; let y: u16 = 60000; let z: i32 = -5; let on = a > 8; if (a === 1) { w = 3; x = 7; y = 9; z = 11; }
    let n: i64 = 0n; loop(300, (i) => { if (w < 8) n += 1n; if (x > 0) n += 10n; if (y < 10) n += 100n; if (z > 0) n += 1000n; if (on) n -= 1n; on = !on; if (i === 299) { w = u8(w + 100); x = i8(x - 50); y += 6000; z -= 3; } });
    io.r = u64(n) + u64(w) * 3n + u64(i64(x)) * 5n + u64(y) * 7n + u64(i64(z)) * 9n + (on ? 1n : 0n);`,
    (a) => {
      const isOne = a === 1n;
      const n = (isOne ? 300n * 1111n : 0n) - 150n;
      const w = BigInt.asUintN(8, (isOne ? 3n : 200n) + 100n);
      const x = BigInt.asIntN(8, (isOne ? 7n : -100n) - 50n);
      const y = BigInt.asUintN(16, (isOne ? 9n : 60_000n) + 6000n);
      const z = (isOne ? 11n : -5n) - 3n;
      return BigInt.asUintN(64, n + w * 3n + x * 5n + y * 7n + z * 9n + (a > 8n ? 1n : 0n));
    },
  ),
  one(
    "indexes",
    `const a = io.a; ${TABLE} const x = a & 7; const c = clamp(a, 1, 6); let k = a; if (k > 7) k = 0; let s: u64 = 0n; loop(300, () => { s += u64(t[x]) * 3n + u64(t[c]) + u64(t[k]) * 5n; }); io.r = s + u64(t[x]);`,
    (a) => {
      const c = a < 1n ? 1n : a > 6n ? 6n : a;
      return 300n * (at(a & 7n) * 3n + at(c) + at(a > 7n ? 0n : a) * 5n) + at(a & 7n);
    },
  ),
  one(
    "indexThatIsComparedBefore",
    `const a = io.a; ${TABLE} const s: Cell = { at: a, sum: 0n }; if (a < 8 && s.at < 8) { loop(300, () => { s.sum += u64(t[a]); }); } io.r = s.sum;`,
    (a) => (a < 8n ? 300n * at(a) : 0n),
  ),
  one(
    "loopsInTheBody",
    "const a = io.a; let n: u64 = 0n; let k: u8 = 0; loop(300, (i) => { k = 0; while (k < 15) { if (i === 250 && k === 9 && (a & 7) === 1) n += 1000n; k += 3; } let m: i16 = -20; while (m < 0) { if (m === -10 && (a & 7) === 0) n += 1n; m += 5; } }); io.r = n + u64(k);",
    (a) => ((a & 7n) === 1n ? 1000n : (a & 7n) === 0n ? 300n : 0n) + 15n,
  ),
  one(
    "loopsInLoops",
    `${MODE} let n: u64 = 0n; let last: u32 = 0; loop(40, (i) => { for (let k: u32 = 0; k < 2; k++) { loop(90, (j) => { if (mode < 8n && k === 1) n += u64(i); if (j === 80 && i === 39) last = j + k; }); } if (last > 80) mode += 5n; }); io.r = n + u64(last) * 1000000n + mode * 100000000n;`,
    (a) => (mode(a) < 8n ? 90n * 780n : 0n) + 81_000_000n + (mode(a) + 5n) * 100_000_000n,
  ),
  one(
    "waysOut",
    `${MODE} let n: u64 = 5n; for (const i of range(300)) { const x = u64(i) * 3n; if (x === 600n && mode < 8n) { n = x + 1n; break; } if (i === 250) { io.r = x + n + mode; return XdpAction.Pass; } if ((i & 1) === 1) continue; n += 1n; mode = mode; } io.r = n;`,
    (a) => (mode(a) < 8n ? 601n : 750n + 5n + 125n + mode(a)),
  ),
  one(
    "references",
    "const a = io.a; const first = Bodies.cells.get(0); const cell = Bodies.cells.get(a & 3); const own = zeroed<Cell>(); let n: u64 = 0n; loop(300, (i) => { if (cell !== null && first !== null) { cell.sum = 1n; if (i === 299) cell.sum = 0n; n += first.sum + 1n; } own.at = i; own.sum += 2n; }); io.r = n + own.sum + u64(own.at);",
    (a) => ((a & 3n) === 0n ? 299n * 2n + 1n : 300n) + 600n + 299n,
  ),
  one(
    "overAMap",
    `${MODE} let n: u64 = 0n; let last: u32 = 9; for (const [key] of Bodies.cells) { if (mode < 8n) n += 1n; if (key === 2) { last = key; break; } mode = mode + 1n > 200n ? 0n : mode; } io.r = n * 10n + u64(last) + mode * 1000n;`,
    (a) => (mode(a) < 8n ? 30n : 0n) + 2n + mode(a) * 1000n,
  ),
];

const calledBodies: ConformanceClass = {
  name: "Bodies",
  preamble: 'import { range } from "@waggle/kernel"; interface Cell { at: u32; sum: u64 }',
  members: "static readonly cells = new ArrayMap<Cell>({ maxEntries: 4 });",
  cases: bodies,
};

export const groups: readonly Group[] = [
  { title: "numbers on the stack through references", classes: [stackReads] },
  ...["5.17", "6.8"].map((kernel) => ({
    title: `what bodies that the kernel calls share, from Linux ${kernel} on`,
    classes: [calledBodies],
    kernel,
  })),
];
