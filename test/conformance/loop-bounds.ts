/** Loops whose bound is a field: of the context, a map's value, a static variable, a struct on the stack. */
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

export const groups: readonly Group[] = ["5.17", "6.4"].map((kernel) => ({
  title: `loops bounded by fields, for ${kernel}`,
  classes: [bounds],
  kernel,
}));
