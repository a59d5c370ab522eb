/** Indexes that are proved by what a program says of them. `table[i]` is 10 times `i` plus 1. */
import { type Case, type ConformanceClass, cpus, type Group, levels } from "./program.js";

const table = "const table: FixedArray<u32, 8> = [1, 11, 21, 31, 41, 51, 61, 71];\n";

/** `body` reads `io.n`, of `type`, and may set `io.out`; `expected` gives what it must be, 0 where it is not set. */
const proof = (
  name: string,
  type: "u8" | "u16" | "u32" | "u64" | "i32" | "i64",
  body: string,
  expected: (n: bigint) => bigint,
  numbers: readonly bigint[] = [0n, 1n, 3n, 7n, 8n, 31n, 200n],
): Case => ({
  name,
  inputs: { n: type },
  outputs: { out: "u32" },
  body: `${table}${body}`,
  runs: numbers.map((n) => ({ inputs: { n }, outputs: { out: expected(n) } })),
});

const entry = (index: bigint): bigint => index * 10n + 1n;
const guarded = (n: bigint): bigint => (n >= 0n && n < 8n ? entry(n) : 0n);

const proofCases: readonly Case[] = [
  proof("guardedConst", "u32", "const i = io.n; if (i < 8) io.out = table[i];", guarded),
  proof(
    "guardedQuotient",
    "u32",
    "const i = io.n / 3; if (i < 8) io.out = table[i]; const j = io.n / 536870912; if (j < 4) io.out += table[j + 1]; io.out += table[j];",
    (n) => {
      const high = n / 536_870_912n;
      return (n / 3n < 8n ? entry(n / 3n) : 0n) + (high < 4n ? entry(high + 1n) : 0n) + entry(high);
    },
    [0n, 5n, 23n, 24n, 536_870_912n, 0xffff_ffffn],
  ),
  // The verifier knows no bound after a shift by a variable amount; before newer kernels, none after a negation or a change of byte order.
  proof(
    "shiftedByVariable",
    "u32",
    "const n = io.n; io.out = table[u32(7) >> n] + table[u32(7) >> (n & 3)];",
    (n) => entry(7n >> (n & 31n)) + entry(7n >> (n & 3n)),
    [0n, 1n, 2n, 3n, 31n, 32n, 0xffff_ffffn],
  ),
  proof(
    "negated",
    "i32",
    "const n = io.n; if (n > 0 || n < -7) return XdpAction.Pass; io.out = table[-n];",
    (n) => (n <= 0n && n >= -7n ? entry(-n) : 0n),
    [0n, -1n, -7n, -8n, 1n],
  ),
  proof(
    "otherByteOrder",
    "u16",
    "const n = be16(io.n); const i = u16(n); if (i < 8) io.out = table[i];",
    guarded,
    [0n, 7n, 8n, 0x0100n, 0xffffn],
  ),
  proof(
    "elementByPort",
    "u16",
    "const port = be16(io.n); const ports = Proofs.ports.get(0); if (ports === null) return XdpAction.Aborted; ports.names[u16(port)] = 1 + u32(io.n); io.out = ports.names[u16(port)];",
    (n) => n + 1n,
    [0n, 80n, 0xff00n, 0xffffn],
  ),
  proof(
    "guardedLet",
    "u32",
    "let i = io.n; if (i < 8) io.out = table[i]; i = 3; if (i > 9) io.out = 0;",
    guarded,
  ),
  proof(
    "leavingGuardOfLet",
    "u32",
    "let i = io.n; if (i >= 8) return XdpAction.Pass; io.out = table[i]; i += 1; if (i > 99) io.out = 0;",
    guarded,
  ),
  proof("guardedLetOf64Bits", "u64", "let i = io.n; if (i < 8n) io.out = table[u32(i)]; i = 0n;", guarded, [
    0n,
    7n,
    8n,
    1n << 33n,
  ]),
  proof("guardedSignedLet", "i32", "let i = io.n; if (i >= 0 && i < 8) io.out = table[i]; i = 1;", guarded, [
    0n,
    7n,
    8n,
    -1n,
    -2147483648n,
  ]),
  proof(
    "letChangedAndGuardedAgain",
    "u32",
    "let i = io.n; if (i < 8) { io.out = table[i]; i += 1; if (i < 8) io.out += table[i]; }",
    (n) => (n < 7n ? entry(n) + entry(n + 1n) : guarded(n)),
  ),
  proof("clamped", "u32", "let i = io.n; if (i >= 8) i = 7; io.out = table[i];", (n) =>
    entry(n < 8n ? n : 7n),
  ),
  proof(
    "clampedInABlock",
    "u32",
    "let i = io.n + 1; if (i > 5) { const five: u32 = 5; i = five; } else { i += 1; } io.out = table[i];",
    (n) => entry(n + 1n > 5n ? 5n : n + 2n),
  ),
  proof(
    "clampedOnBothSides",
    "i32",
    "let i = io.n; if (i < 0) i = 0; else if (i > 7) i = 7; io.out = table[i];",
    (n) => entry(n < 0n ? 0n : n > 7n ? 7n : n),
    [-5n, -1n, 0n, 3n, 7n, 8n, 100n],
  ),
  proof(
    "assignedInEveryBranch",
    "u32",
    "let i = io.n; if (i === 31) i = 2; else if (i > 100) { i = 4; } else { i = i & 7; } io.out = table[i];",
    (n) => entry(n === 31n ? 2n : n > 100n ? 4n : n & 7n),
  ),
  proof(
    "assignedSmall",
    "u32",
    "let i = io.n; i = i >> 30; io.out = table[i]; i += 4; io.out += table[i];",
    (n) => entry(n >> 30n) + entry((n >> 30n) + 4n),
  ),
  proof("clampedByTernary", "u32", "const n = io.n; const i = n > 7 ? 7 : n; io.out = table[i];", (n) =>
    entry(n < 8n ? n : 7n),
  ),
  proof("indexFromItself", "u32", "let i = io.n; if (i < 8) { i = table[i]; io.out = i; }", guarded),
  proof("steppedBelowTheEnd", "u32", "let i = io.n; if (i < 7) { io.out = table[i + 1]; } i = 0;", (n) =>
    n < 7n ? entry(n + 1n) : 0n,
  ),
  proof(
    "guardInsideALoop",
    "u32",
    "let i = io.n; for (let turn = 0; turn < 12; turn++) { if (i >= 8) break; io.out += table[i]; i += 2; }",
    (n) => {
      let sum = 0n;
      for (let i = n; i < 8n; i += 2n) sum += entry(i);
      return sum;
    },
  ),
  proof(
    "guardBeforeALoop",
    "u32",
    "let i = io.n; let sum: u32 = 0; if (i < 8) { for (let turn = 0; turn < 3; turn++) sum += table[i]; } io.out = sum; i = 0;",
    (n) => 3n * guarded(n),
  ),
  proof("minByTernary", "u32", "const i = io.n; io.out = table[i < 7 ? i : 7];", (n) =>
    entry(n < 7n ? n : 7n),
  ),
  proof(
    "minOfLetByTernary",
    "u32",
    "let i = io.n; i = i < 7 ? i : 7; const at = i > 7 ? 7 : i; io.out = table[at];",
    (n) => entry(n < 7n ? n : 7n),
  ),
  proof(
    "maxByTernary",
    "i32",
    "const i = io.n; const low = i < 0 ? 0 : i; io.out = table[low > 7 ? 7 : low];",
    (n) => entry(n < 0n ? 0n : n > 7n ? 7n : n),
    [-5n, 0n, 4n, 7n, 8n, 2147483647n],
  ),
  proof("quotientOfAByte", "u8", "io.out = table[io.n / 32];", (n) => entry(n / 32n), [0n, 31n, 32n, 255n]),
  proof("quotientOfAWord", "u16", "const i = io.n; io.out = table[i / 8192];", (n) => entry(n / 8192n), [
    0n,
    8191n,
    8192n,
    65535n,
  ]),
  proof("quotientOfAGuarded", "u32", "const i = io.n; if (i < 32) io.out = table[i / 4];", (n) =>
    n < 32n ? entry(n / 4n) : 0n,
  ),
  proof(
    "quotientByARange",
    "u8",
    "const by = (io.n & 3) + 36; io.out = table[io.n / by];",
    (n) => entry(n / ((n & 3n) + 36n)),
    [0n, 37n, 255n],
  ),
  proof("remainder", "u32", "io.out = table[io.n % 8];", (n) => entry(n % 8n)),
  proof("shifted", "u8", "io.out = table[io.n >> 5];", (n) => entry(n >> 5n), [0n, 31n, 32n, 255n]),
  proof(
    "belowAVariable",
    "u32",
    "const n: u32 = 8 - (io.n & 1); const i = io.n; if (i < n) io.out = table[i];",
    (n) => (n < 8n - (n & 1n) ? entry(n) : 0n),
  ),
  proof(
    "belowAVariableAndAConstant",
    "u32",
    "const n = io.n + 1; const i = io.n; if (i < n && i < 8) io.out = table[i];",
    guarded,
  ),
  proof(
    "belowAGuardedVariable",
    "u32",
    "const n = io.n; const i = io.n & 63; if (n <= 8) { if (i < n) io.out = table[i]; else io.out = 9; }",
    (n) => (n <= 8n ? 9n : 0n),
  ),
  proof(
    "letBelowAVariable",
    "u32",
    "const n: u32 = (io.n & 7) + 1; let i: u32 = io.n; if (i < n) io.out = table[i]; i = 0;",
    (n) => (n < (n & 7n) + 1n ? entry(n) : 0n),
  ),
  proof("notOutside", "u32", "let i = io.n; if (!(i >= 8 || i === 3)) io.out = table[i]; i = 0;", (n) =>
    n === 3n ? 0n : guarded(n),
  ),
  proof("exactly", "u32", "let i = io.n; if (i === 7) io.out = table[i]; i = 0;", (n) =>
    n === 7n ? 71n : 0n,
  ),
  proof("maskedLet", "u32", "let i: u32 = io.n & 7; io.out = table[i]; i = 0;", (n) => entry(n & 7n)),
  proof("shiftedLet", "u32", "let i = io.n >> 29; io.out = table[i]; i += 1; if (i > 9) io.out = 0;", (n) =>
    entry(n >> 29n),
  ),
  proof(
    "remainderLet",
    "u32",
    "let i = io.n; i %= 7; io.out = table[i]; i++; io.out += table[i];",
    (n) => entry(n % 7n) + entry((n % 7n) + 1n),
  ),
  proof("maskedInPlace", "u32", "let i = io.n; i &= 3; i <<= 1; io.out = table[i];", (n) =>
    entry((n & 3n) * 2n),
  ),
  proof("minOfLet", "u32", "let i = min(io.n, 7); io.out = table[i]; i = 0;", (n) => entry(n < 7n ? n : 7n)),
  proof(
    "clampOfSigned",
    "i32",
    "let i = clamp(io.n, 0, 7); io.out = table[i]; i = 0;",
    (n) => entry(n < 0n ? 0n : n > 7n ? 7n : n),
    [-5n, 0n, 7n, 8n],
  ),
  proof(
    "maxAndMin",
    "i32",
    "const i = min(max(io.n, 1), 6); io.out = table[i];",
    (n) => entry(n < 1n ? 1n : n > 6n ? 6n : n),
    [-5n, 1n, 6n, 8n],
  ),
  proof(
    "fieldOnStack",
    "u32",
    "const s = zeroed<Counted>(); s.n = io.n; if (s.n < 8) { s.v[s.n] = 5; s.v[s.n] += 2; io.out = s.v[s.n]; }",
    (n) => (n < 8n ? 7n : 0n),
  ),
  proof(
    "fieldGuardedByLeaving",
    "u32",
    "const s = zeroed<Counted>(); s.n = io.n; if (s.n >= 8) return XdpAction.Pass; s.v[s.n] = 5; io.out = s.v[s.n];",
    (n) => (n < 8n ? 5n : 0n),
  ),
  proof(
    "fieldGuardedByElse",
    "u32",
    "const s = zeroed<Counted>(); s.n = io.n; if (s.n < 8) { io.out = 1; } else return XdpAction.Pass; s.v[s.n] = 5; io.out += s.v[s.n];",
    (n) => (n < 8n ? 6n : 0n),
  ),
  proof(
    "innerField",
    "u32",
    "const s = zeroed<Counted>(); s.inner.k = io.n; if (s.inner.k >= 2 && s.inner.k < 8) io.out = table[s.inner.k - 2];",
    (n) => (n >= 2n && n < 8n ? entry(n - 2n) : 0n),
  ),
  proof(
    "fieldInALoop",
    "u32",
    "const s = zeroed<Counted>(); s.n = io.n; if (s.n < 8) for (let i = 0; i < 5; i++) s.v[s.n] += 2; io.out = s.v[0] + s.v[3];",
    (n) => (n === 0n || n === 3n ? 10n : 0n),
  ),
  proof(
    "fieldBumpedAndGuardedAgain",
    "u32",
    "const s = zeroed<Counted>(); s.n = io.n; if (s.n < 8) { io.out = table[s.n]; s.n++; if (s.n < 8) io.out += table[s.n]; }",
    (n) => (n < 7n ? entry(n) + entry(n + 1n) : guarded(n)),
  ),
  proof(
    "fieldChangedByCall",
    "u32",
    "const s = zeroed<Counted>(); s.n = io.n; if (s.n < 8) { bump(s); if (s.n < 8) io.out = table[s.n]; }",
    (n) => (n < 7n ? entry(n + 1n) : 0n),
  ),
  proof(
    "fieldChangedInLoop",
    "u32",
    "const s = zeroed<Counted>(); s.n = io.n; for (let i = 0; i < 9; i++) { if (s.n < 8) { io.out += table[s.n]; s.n += 3; } }",
    (n) => {
      let sum = 0n;
      for (let i = n; i < 8n; i += 3n) sum += entry(i);
      return sum;
    },
  ),
  proof(
    "fieldPushed",
    "u32",
    "const s = zeroed<Counted>(); for (let i: u32 = 0; i < 12; i++) { if (s.n < 8) { s.v[s.n] = io.n + i; s.n += 1; } } io.out = s.n * 100000 + s.v[7];",
    (n) => 800_000n + n + 7n,
    [0n, 5n, 1000n],
  ),
  proof(
    "fieldOfMap",
    "u32",
    "const s = Proofs.states.get(0); if (s === null) return XdpAction.Aborted; s.n = io.n; if (s.n < 8) { s.v[s.n] = 4; io.out = s.v[s.n] + s.n; }",
    (n) => (n < 8n ? n + 4n : 0n),
  ),
  proof("fieldOfPacket", "u32", "if (io.n < 8) io.out = table[io.n];", guarded),
  proof(
    "fieldOfContext",
    "u32",
    "if (ctx.rxQueueIndex < 8) io.out = table[ctx.rxQueueIndex] + io.n;",
    (n) => entry(0n) + n,
    [0n, 7n],
  ),
  proof(
    "staticField",
    "u32",
    "Proofs.slot = io.n; if (Proofs.slot < 8) io.out = table[Proofs.slot];",
    guarded,
  ),
  proof(
    "fieldSwitched",
    "u32",
    "const s = zeroed<Counted>(); s.n = io.n; switch (s.n) { case 1: case 3: io.out = table[s.n]; break; case 7: io.out = table[s.n] + 1; break; default: io.out = 2; }",
    (n) => (n === 1n || n === 3n ? entry(n) : n === 7n ? 72n : 2n),
  ),
  proof(
    "letSwitched",
    "u32",
    "let i = io.n; switch (i) { case 1: case 3: io.out = table[i]; break; default: } i = 0;",
    (n) => (n === 1n || n === 3n ? entry(n) : 0n),
  ),
  proof(
    "assignedInClauses",
    "u32",
    "let i: u32 = 0; switch (io.n) { case 1: i = 5; break; case 3: i = 2; case 7: i = 6; break; case 8: i = io.n & 7; break; default: i = 7; } io.out = table[i];",
    (n) => entry(n === 1n ? 5n : n === 3n ? 6n : n === 7n ? 6n : n === 8n ? 0n : 7n),
  ),
  proof(
    "belowAField",
    "u32",
    "const s = zeroed<Counted>(); s.n = io.n & 7; const i = io.n; const small = zeroed<Counted>(); small.small = u8(io.n); if (i < small.small && small.small <= 8) io.out = table[i]; else if (i <= small.small && small.small < 8) io.out = table[i] + 1;",
    (n) => (n < 8n ? entry(n) + 1n : 0n),
  ),
  proof(
    "belowALimitGivenLater",
    "u32",
    "const i = io.n; const n = io.n + 1; if (i < n && n <= 8) io.out = table[i];",
    guarded,
  ),
  proof(
    "neverBelowALimit",
    "u32",
    "const i = io.n; const n = io.n % 1; if (i < n) io.out = table[i]; const j = i64(io.n); const m = i64(n); if (j < m && j >= 0n) io.out = table[u32(j)]; const p = ctx.at<u8>(i < n ? i : 0); if (p !== null && i < n) io.out += p.value;",
    () => 0n,
  ),
  proof(
    "digitsByDo",
    "u32",
    "const digits = zeroed<FixedArray<u32, 20>>(); let v = io.n; let n: u32 = 0; do { digits[n] = v % 10; v /= 10; n++; } while (v > 0 && n < 20); let sum: u32 = 0; for (let i: u32 = 0; i < n && i < 20; i++) sum = sum * 10 + digits[i]; io.out = sum;",
    (n) => BigInt([...n.toString()].reverse().join("")),
    [0n, 7n, 10n, 1234n, 99_999n],
  ),
  proof(
    "doFromAMask",
    "u32",
    "let i = io.n & 3; let sum: u32 = 0; do { sum += table[i]; i += 2; } while (i < 8); io.out = sum;",
    (n) => {
      let sum = 0n;
      let i = n & 3n;
      do {
        sum += entry(i);
        i += 2n;
      } while (i < 8n);
      return sum;
    },
  ),
  proof(
    "steppedInAWhile",
    "u32",
    "let i: u32 = io.n & 3; let sum: u32 = 0; while (i < 7) { i++; sum += table[i]; } io.out = sum;",
    (n) => {
      let sum = 0n;
      for (let i = (n & 3n) + 1n; i < 8n; i++) sum += entry(i);
      return sum;
    },
  ),
  proof(
    "slotOfALogarithm",
    "u32",
    "let n = io.n; let slot: u32 = 0; while (n > 1 && slot < 7) { n >>= 1; slot++; } io.out = table[slot];",
    (n) => entry(BigInt(Math.min(7, n === 0n ? 0 : n.toString(2).length - 1))),
  ),
  proof(
    "slotFromAMask",
    "u32",
    "let n = io.n; let slot = io.n & 1; do { n >>= 2; slot += 2; } while (n > 0 && slot < 6); io.out = table[slot];",
    (n) => {
      let [rest, slot] = [n, n & 1n];
      do {
        rest >>= 2n;
        slot += 2n;
      } while (rest > 0n && slot < 6n);
      return entry(slot);
    },
  ),
  proof(
    "slotThatGoesDown",
    "u32",
    "let n = io.n; let slot: u32 = 7; while (n > 0 && slot > 0) { n >>= 1; slot--; } io.out = table[slot];",
    (n) => {
      const bits = n === 0n ? 0 : n.toString(2).length;
      return entry(BigInt(Math.max(0, 7 - bits)));
    },
  ),
  proof(
    "leftAtTheEndOfATurn",
    "u32",
    "const out = zeroed<FixedArray<u32, 4>>(); let written: u32 = 0; for (let i: u32 = 0; i < 20; i++) { if (table[i & 7] > io.n) break; out[written] = i + 1; written++; if (written >= 4) break; } io.out = out[0] + out[1] * 10 + out[2] * 100 + out[3] * 1000 + written * 10000;",
    (n) => {
      let [value, written] = [0n, 0n];
      for (let i = 0n; i < 20n; i += 1n) {
        if (entry(i & 7n) > n) break;
        value += (i + 1n) * 10n ** written;
        written += 1n;
        if (written >= 4n) break;
      }
      return value + written * 10_000n;
    },
  ),
  proof("parameterGuarded", "u32", "io.out = pick(table, io.n);", (n) => guarded(n)),
  proof(
    "writtenTwice",
    "u32",
    "let i = io.n; if (i < 8) { table[i] = 5; table[i] += 2; io.out = table[i]; i = 0; }",
    (n) => (n < 8n ? 7n : 0n),
  ),
  proof(
    "loopsWithinLoops",
    "u8",
    `const grid: FixedArray<FixedArray<u32, 2>, 3> = [[0, 0], [0, 0], [0, 0]];
for (let i = 0; i < 3; i++) { for (let j = 0; j < 2; j++) { grid[i][j] = u32(i * 2 + j) * io.n; grid[i][j] += 1; } }
let sum: u32 = 0; for (const row of grid) sum += row[0] + row[1]; io.out = sum;`,
    (n) => 15n * n + 6n,
  ),
  proof(
    "writeGuarded",
    "u32",
    "let i = io.n; if (i < 8) { table[i] = 5; i = 0; } let sum: u32 = 0; for (const x of table) sum += x; io.out = sum;",
    (n) => 288n - (n < 8n ? entry(n) - 5n : 0n),
  ),
];

/** Proofs of indexes. */
/** Arrays in a packet: `bytes` are those of `io.n` and `io.out`, whose order the numbers do not show. */
const packetCases: readonly Case[] = [
  proof(
    "packetBytes",
    "u32",
    "const b = ctx.at<Bytes>(0); if (b === null) return XdpAction.Aborted; let sum: u32 = 0; for (let i: u32 = 0; i < 4; i++) sum += b.all[i]; for (const x of b.all) sum += u32(x) * 1000; io.out = sum;",
    (n) => ((n & 255n) + ((n >> 8n) & 255n)) * 1001n,
    [0n, 7n, 0x1234n],
  ),
  proof(
    "packetIndex",
    "u32",
    "const w = ctx.at<Words>(0); if (w === null) return XdpAction.Aborted; const i = io.n & 1; io.out = w.all[i] + w.all[io.n / 3000000000] * 100 + w.rows[i][io.n & 1] * 10000;",
    (n) => (n & 1n ? 0n : n) + n * 100n + (n & 1n ? 0n : n * 10_000n),
    [0n, 2n, 5n, 8n],
  ),
  proof(
    "packetGuarded",
    "u32",
    "const w = ctx.at<Words>(0); if (w === null) return XdpAction.Aborted; const i = io.n; if (i < 2) { w.all[i] += 3; w.pairs[i].low += 1; w.pairs[i].high += 1; } io.out = w.all[0]; w.all[0] = io.n;",
    (n) => (n === 0n ? 0x10004n : n),
    [0n, 5n],
  ),
  proof(
    "packetWrites",
    "u32",
    "const b = ctx.at<Bytes>(0); if (b === null) return XdpAction.Aborted; for (let i: u32 = 0; i < 4; i++) b.last[i] = u8(io.n); for (let i: u32 = 0; i < 4; i++) b.last[i] ^= 1;",
    (n) => ((n & 255n) ^ 1n) * 0x1010101n,
  ),
];

const byteOf = (n: bigint, at: bigint): bigint => (n >> (8n * at)) & 255n;
const sumOf = (n: bigint): bigint => [0n, 1n, 2n, 3n].reduce((sum, at) => sum + byteOf(n, at), 0n);

/** References into a packet that functions take and give, indexed there or where they are given. */
const passedCases: readonly Case[] = [
  proof(
    "givenToAFunction",
    "u32",
    "const b = ctx.at<Bytes>(0); if (b === null) return XdpAction.Aborted; io.out = byteAt(b, io.n) + byteAt(b, io.n + 1) * 1000;",
    (n) => byteOf(n, n & 3n) + byteOf(n, (n + 1n) & 3n) * 1000n,
    [0n, 0x01020304n, 0xfffefdfcn],
  ),
  proof(
    "givenOn",
    "u32",
    "const b = ctx.at<Bytes>(0); if (b === null) return XdpAction.Aborted; io.out = mixed(b, io.n) + total(b.first);",
    (n) => {
      let s = n;
      for (const shift of [3n, 5n, 7n, 9n, 11n, 13n]) s = BigInt.asUintN(32, s * 31n) ^ (s >> shift);
      return byteOf(n, n & 3n) * 3n + byteOf(n, s & 3n) + sumOf(n);
    },
    [0n, 0x01020304n, 0xfffefdfcn],
  ),
  proof(
    "givenByAFunction",
    "u32",
    "const b = found(ctx); if (b === null) return XdpAction.Aborted; let first = firstOf(b); let s = u32(b.first[io.n & 3]); for (let i: u32 = 0; i < 4; i++) s += first[i]; io.out = s;",
    (n) => byteOf(n, n & 3n) + sumOf(n),
    [0n, 0x01020304n, 0xfffefdfcn],
  ),
  proof(
    "writtenByAFunction",
    "u32",
    "const n = io.n; const b = ctx.at<Bytes>(8); if (b === null) return XdpAction.Aborted; for (let i: u32 = 0; i < 4; i++) fill(b, i, u8(n)); fill(b, 3, u8(n)); fill(b, n, u8(n));",
    (n) => (n & 255n) * 0x1010101n,
    [0n, 0x01020304n, 0xfffefdfcn],
  ),
  proof(
    "ofItsOwn",
    "u32",
    "const b = ctx.at<Bytes>(0); if (b === null) return XdpAction.Aborted; io.out = PassedPackets.alone(ctx, b, io.n) + PassedPackets.checked(b, io.n);",
    (n) => byteOf(n, n & 3n) * 2n,
    [0n, 0x01020304n, 0xfffefdfcn],
  ),
];

const passed: ConformanceClass = {
  name: "PassedPackets",
  preamble: `interface Bytes { first: FixedArray<u8, 4>; rest: FixedArray<u8, 4> }
function byteAt(b: Bytes, i: u32): u32 { return b.first[i & 3]; }
function mixed(b: Bytes, n: u32): u32 { let s: u32 = n; s = u32(s * 31) ^ (s >> 3); s = u32(s * 31) ^ (s >> 5); s = u32(s * 31) ^ (s >> 7); s = u32(s * 31) ^ (s >> 9); s = u32(s * 31) ^ (s >> 11); s = u32(s * 31) ^ (s >> 13); return byteAt(b, n) * 3 + b.first[s & 3]; }
function total(of: FixedArray<u8, 4>): u32 { let s: u32 = 0; for (const x of of) s += x; return s; }
function found(ctx: XdpContext): Bytes | null { return ctx.at<Bytes>(0); }
function firstOf(b: Bytes): FixedArray<u8, 4> { return b.first; }
function fill(b: Bytes, i: u32, v: u8): void { b.first[i & 3] = v; }`,
  members: `@noinline static alone(ctx: XdpContext, b: Bytes, i: u32): u32 { return b.first[i & 3]; }
@global static checked(b: Bytes, i: u32): u32 { return b.first[i & 3]; }`,
  cases: passedCases,
};

const packets: ConformanceClass = {
  name: "PacketIndexes",
  preamble: `interface Bytes { all: FixedArray<u8, 8>; last: FixedArray<u8, 4> }
interface Half { low: u16; high: u16 }
interface Words extends Union { all: FixedArray<u32, 2>; rows: FixedArray<FixedArray<u32, 2>, 2>; pairs: FixedArray<Half, 2> }`,
  cases: packetCases,
};

const proofs: ConformanceClass = {
  name: "Proofs",
  preamble:
    "interface Ports { names: FixedArray<u32, 65536> } interface Counted { n: u32; v: FixedArray<u32, 8>; small: u8; inner: { k: u32; more: u32 } } function bump(s: Counted): void { s.n += 1; } function pick(from: FixedArray<u32, 8>, at: u32): u32 { if (at >= 8) at = 8; if (at < 8) return from[at]; return 0; }",
  members:
    "static readonly states = new ArrayMap<Counted>({ maxEntries: 1 }); static readonly ports = new ArrayMap<Ports>({ maxEntries: 1 }); static slot: u32 = 0;",
  cases: proofCases,
};

export const groups: readonly Group[] = [
  { title: "proofs of indexes", classes: [proofs, packets] },
  { title: "proofs of indexes, other cpus", classes: [proofs, packets], variants: cpus },
  // Global functions take references from 5.12 on.
  ...["5.12", "6.4"].map((kernel) => ({
    title: `packets given to functions, for ${kernel}`,
    classes: [passed],
    kernel,
    variants: levels.filter(({ byteOrder }) => byteOrder === "little"),
  })),
];
