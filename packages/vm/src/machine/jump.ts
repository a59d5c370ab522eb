import { JumpOp } from "@waggle/object";
import type { Handler } from "./machine.js";

/** Compares two values given as signed halves. */
type Compare = (aHigh: number, aLow: number, bHigh: number, bLow: number) => boolean;

const above: Compare = (ah, al, bh, bl) => (ah === bh ? al >>> 0 > bl >>> 0 : ah >>> 0 > bh >>> 0);
const greater: Compare = (ah, al, bh, bl) => (ah === bh ? al >>> 0 > bl >>> 0 : ah > bh);

const comparisons: Readonly<Record<number, Compare>> = {
  [JumpOp.Jeq]: (ah, al, bh, bl) => al === bl && ah === bh,
  [JumpOp.Jne]: (ah, al, bh, bl) => al !== bl || ah !== bh,
  [JumpOp.Jset]: (ah, al, bh, bl) => ((al & bl) | (ah & bh)) !== 0,
  [JumpOp.Jgt]: above,
  [JumpOp.Jge]: (ah, al, bh, bl) => !above(bh, bl, ah, al),
  [JumpOp.Jlt]: (ah, al, bh, bl) => above(bh, bl, ah, al),
  [JumpOp.Jle]: (ah, al, bh, bl) => !above(ah, al, bh, bl),
  [JumpOp.Jsgt]: greater,
  [JumpOp.Jsge]: (ah, al, bh, bl) => !greater(bh, bl, ah, al),
  [JumpOp.Jslt]: (ah, al, bh, bl) => greater(bh, bl, ah, al),
  [JumpOp.Jsle]: (ah, al, bh, bl) => !greater(ah, al, bh, bl),
};

const handlers64 = new Map<number, Handler>();
const handlers32 = new Map<number, Handler>();
for (const [key, compare] of Object.entries(comparisons)) {
  handlers64.set(Number(key), ({ lo, hi }, op) =>
    compare(hi[op.dst] as number, lo[op.dst] as number, hi[op.src] as number, lo[op.src] as number)
      ? op.target
      : op.next,
  );
  // Halves that extend the sign keep both orders of 32-bit numbers.
  handlers32.set(Number(key), ({ lo }, op) => {
    const a = lo[op.dst] as number;
    const b = lo[op.src] as number;
    return compare(a >> 31, a, b >> 31, b) ? op.target : op.next;
  });
}

/** The handler of a conditional jump; undefined when there is none such. */
export function jumpHandler(wide: boolean, operation: number): Handler | undefined {
  return (wide ? handlers64 : handlers32).get(operation);
}

/** Goes to the target. */
export const goTo: Handler = (_, op) => op.target;
