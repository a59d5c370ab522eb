/** Loops whose bound is a field (of the context, a map's value, a static variable, a struct on the stack) or a variable. */
import { casesOver } from "./cases.js";
import type { ConformanceClass, Group } from "./program.js";

const one = casesOver([0n, 1n, 5n, 40n]);

const bounds: ConformanceClass = {
  name: "LoopBounds",
  preamble: "interface Held { n: u32; sum: u64; small: u8 }",
  members: `static readonly held = new ArrayMap<Held>({ maxEntries: 1 });
static most: u32 = 0;
@config static limit: u32 = 3;`,
  cases: [
    one(
      "context",
      "let sum: u64 = u64(io.a); for (let i: u32 = 0; i < ctx.rxQueueIndex; i++) sum += 3n; io.r = sum;",
      (a) => a,
    ),
    one(
      "contextIndex",
      "let sum: u64 = 0n; for (let i: u32 = 0; i < ctx.ingressIfindex && i < io.a; i++) sum += 3n; io.r = sum < 1000n ? u64(io.a) : 0n;",
      (a) => a,
    ),
    one(
      "valueOfMap",
      "const h = LoopBounds.held.get(0); if (h === null) return XdpAction.Aborted; h.n = io.a; h.sum = 0n; for (let i: u32 = 0; i < h.n; i++) h.sum += u64(i); io.r = h.sum;",
      (a) => (a * (a - 1n)) / 2n,
    ),
    one(
      "smallField",
      "const h = LoopBounds.held.get(0); if (h === null) return XdpAction.Aborted; h.small = u8(io.a); h.sum = 0n; for (let i: u32 = 0; i < h.small; i++) h.sum += 2n; io.r = h.sum;",
      (a) => a * 2n,
    ),
    one(
      "staticField",
      "LoopBounds.most = io.a; let sum: u64 = 0n; for (let i: u32 = 0; i < LoopBounds.most; i++) sum += u64(i) + 1n; io.r = sum;",
      (a) => (a * (a + 1n)) / 2n,
    ),
    one(
      "configField",
      "let sum: u64 = u64(io.a); for (let i: u32 = 0; i < LoopBounds.limit; i++) sum += 10n; io.r = sum;",
      (a) => a + 30n,
    ),
    one(
      "fieldOnStack",
      "const h = zeroed<Held>(); h.n = io.a; for (let i: u32 = 0; i < h.n; i += 2) h.sum += u64(i); io.r = h.sum;",
      (a) => {
        let sum = 0n;
        for (let i = 0n; i < a; i += 2n) sum += i;
        return sum;
      },
    ),
    one(
      "lastIncluded",
      "const h = zeroed<Held>(); h.n = io.a & 0xff; let sum: u64 = 0n; for (let i: u32 = 1; i < h.n + 1; i++) sum += u64(i); io.r = sum;",
      (a) => (a * (a + 1n)) / 2n,
    ),
  ],
};

const triangle = (n: bigint): bigint => (n * (n - 1n)) / 2n;

/** Loops whose bound is a variable: another loop's counter, a `let`. */
const variables: ConformanceClass = {
  name: "BoundByVariables",
  preamble: "interface Held { n: u32; small: u8 }",
  cases: [
    one(
      "counterAround",
      "let n: u64 = u64(io.a); for (let i: u32 = 0; i < 9; i++) for (let j: u32 = 0; j < i; j++) n += u64(j); io.r = n;",
      (a) => a + 84n,
    ),
    one(
      "counterAroundIncluded",
      "let n: u64 = 0n; for (let i: u32 = 0; i < 9; i++) { for (let j: u32 = 0; j <= i; j++) { if (j === io.a) break; n += 1n; } } io.r = n;",
      (a) => {
        let n = 0n;
        for (let i = 0n; i < 9n; i++) n += a <= i ? a : i + 1n;
        return n;
      },
    ),
    one(
      "countsDownAround",
      "let n: u64 = u64(io.a); for (let i: u32 = 6; i > 0; i--) for (let j: u32 = 0; j < i; j++) n += 10n; io.r = n;",
      (a) => a + 210n,
    ),
    one(
      "fromTheCounterAround",
      "let n: u64 = 0n; for (let i: u32 = 0; i < 7; i++) for (let j = i; j < 7; j++) n += u64(i ^ io.a); io.r = n;",
      (a) => {
        let n = 0n;
        for (let i = 0n; i < 7n; i++) n += (7n - i) * (i ^ a);
        return n;
      },
    ),
    one(
      "threeDeep",
      "let n: u64 = u64(io.a); for (let i: u32 = 0; i < 6; i++) for (let j: u32 = 0; j < i; j++) for (let k: u32 = 0; k < j; k++) n += 1n; io.r = n;",
      (a) => a + 20n,
    ),
    one(
      "assignedVariable",
      "let most = io.a; if (most > 20) most = 20; let n: u64 = 0n; for (let i: u32 = 0; i < most; i++) n += u64(i); most = 3; for (let i: u32 = 0; i < most; i++) n += 1000n; io.r = n;",
      (a) => triangle(a > 20n ? 20n : a) + 3000n,
    ),
    one(
      "masked",
      "let most = io.a & 15; most += 2; let n: u64 = 0n; for (let i: u32 = 0; i < most; i++) n += u64(i); io.r = n;",
      (a) => triangle((a & 15n) + 2n),
    ),
  ],
};

const inclusive = (n: bigint): bigint => n + 1n;

/** Bounds that the verifier does not know, and tests that stand inside of the body. */
const quotients: ConformanceClass = {
  name: "BoundByQuotients",
  cases: [
    one(
      "quotient",
      "const m = (io.a & 255) / 3; let n: u64 = 0n; for (let i: u32 = 0; i < m; i++) n += u64(i); io.r = n;",
      (a) => triangle(a / 3n),
    ),
    one(
      "remainder",
      "let m = io.a % 37; let n: u64 = 0n; for (let i: u32 = 0; i <= m; i++) { if ((i & 1) === 1) continue; n += u64(i); } m = 3; for (let i: u32 = 0; i < m; i++) n += 1000n; io.r = n;",
      (a) => {
        let n = 3000n;
        for (let i = 0n; i <= a % 37n; i += 2n) n += i;
        return n;
      },
    ),
    one(
      "quotientInABreak",
      "const m = (io.a & 255) / 3; let n: u64 = 0n; for (let i: u32 = 0; ; i++) { if (i >= m) break; n += u64(i); } io.r = n;",
      (a) => triangle(a / 3n),
    ),
    one(
      "quotientOfADo",
      "const m = (io.a & 255) / 3; let n: u64 = 0n; let i: u32 = 0; do { n += u64(i); i++; } while (i < m); io.r = n;",
      (a) => triangle(a < 3n ? 1n : a / 3n),
    ),
    one(
      "testAfterTheWork",
      "const m = io.a % 6; let n: u64 = 0n; let i: u32 = 0; while (true) { n += 1n; if (i >= m) break; i++; } io.r = n;",
      (a) => inclusive(a % 6n),
    ),
    one(
      "testAfterTheWorkOfAFor",
      "const m = io.a % 6; let n: u64 = 0n; for (let i: u32 = 0; true; i++) { n += 1n; if (i >= m) break; } io.r = n;",
      (a) => inclusive(a % 6n),
    ),
    one(
      "testAfterTheWorkOfALongFor",
      "const m = io.a & 4095; let n: u64 = 0n; for (let i: u32 = 0; true; i++) { n += 1n; if (i >= m) break; } io.r = n;",
      inclusive,
    ),
    one(
      "readBeforeTheTest",
      "const t: FixedArray<u32, 8> = [3, 1, 4, 1, 5, 9, 2, 6]; let n: u64 = 0n; for (let i: u32 = 0; true; i++) { n += u64(t[i & 7]); if (i >= 7) break; } io.r = n + u64(io.a);",
      (a) => a + 31n,
    ),
    one(
      "beginsBeyondTheTest",
      "const m = io.a & 7; let n: u64 = 0n; let i: u32 = 200; while (true) { n += 1n; if (i >= m) break; i++; } io.r = n;",
      () => 1n,
    ),
    one(
      "testAlreadyPassed",
      "const m = io.a & 7; let n: u64 = 0n; let i: u32 = 9; do { n += 1n; i++; } while (i < m); io.r = n;",
      () => 1n,
    ),
    one(
      "boundOfTheBodyGrows",
      "let m = io.a & 7; let n: u64 = 0n; let i: u32 = 0; while (i < m && i < 30) { if (i === 2) m = 20; n += 1n; i++; } io.r = n;",
      (a) => ((a & 7n) > 2n ? 20n : a & 7n),
    ),
  ],
};

/** For `loop-bounds.test.ts`. */
export const groups: readonly Group[] = [
  ...["5.17", "6.4"].map((kernel) => ({
    title: `loops bounded by fields, for ${kernel}`,
    classes: [bounds],
    kernel,
  })),
  ...["5.10", "5.17", "6.4"].map((kernel) => ({
    title: `loops bounded by variables, for ${kernel}`,
    classes: [variables, quotients],
    kernel,
  })),
];
