import { AluOp } from "@waggle/object";
import type { Handler, Machine } from "./machine.js";
import { multiplyHigh, swap32, toBigInt } from "./word.js";

/** Changes register slot `d` by register slot `s`. */
type Operation64 = (lo: Int32Array, hi: Int32Array, d: number, s: number) => void;
/** Computes 32 bits from two signed operands. */
type Operation32 = (a: number, b: number) => number;

const at = (halves: Int32Array, index: number): number => halves[index] as number;

const shiftLeft64: Operation64 = (lo, hi, d, s) => {
  const count = at(lo, s) & 63;
  const low = at(lo, d);
  if (count >= 32) {
    hi[d] = low << (count - 32);
    lo[d] = 0;
  } else if (count > 0) {
    hi[d] = (at(hi, d) << count) | (low >>> (32 - count));
    lo[d] = low << count;
  }
};

const shiftRight64: Operation64 = (lo, hi, d, s) => {
  const count = at(lo, s) & 63;
  const high = at(hi, d);
  if (count >= 32) {
    lo[d] = high >>> (count - 32);
    hi[d] = 0;
  } else if (count > 0) {
    lo[d] = (at(lo, d) >>> count) | (high << (32 - count));
    hi[d] = high >>> count;
  }
};

const shiftRightSigned64: Operation64 = (lo, hi, d, s) => {
  const count = at(lo, s) & 63;
  const high = at(hi, d);
  if (count >= 32) {
    lo[d] = high >> (count - 32);
    hi[d] = high >> 31;
  } else if (count > 0) {
    lo[d] = (at(lo, d) >>> count) | (high << (32 - count));
    hi[d] = high >> count;
  }
};

/** Halves below 2^21 make a number below 2^53, which a double holds exactly. */
const exactHigh = 0x20_0000;

/** Division by zero gives 0 and the remainder is then the dividend (RFC 9669, section 4.1). */
function divide64(remainder: boolean): Operation64 {
  return (lo, hi, d, s) => {
    const aHigh = at(hi, d) >>> 0;
    const bHigh = at(hi, s) >>> 0;
    if (aHigh < exactHigh && bHigh < exactHigh) {
      const a = aHigh * 0x1_0000_0000 + (at(lo, d) >>> 0);
      const b = bHigh * 0x1_0000_0000 + (at(lo, s) >>> 0);
      if (b === 0 && remainder) return;
      // `%` of doubles is exact, so that the quotient is taken of a multiple.
      const rest = b === 0 ? 0 : a % b;
      const value = remainder ? rest : b === 0 ? 0 : (a - rest) / b;
      lo[d] = value;
      hi[d] = value / 0x1_0000_0000;
      return;
    }
    const a = toBigInt(at(hi, d), at(lo, d));
    const b = toBigInt(at(hi, s), at(lo, s));
    if (b === 0n && remainder) return;
    setBig(lo, hi, d, b === 0n ? 0n : remainder ? a % b : a / b);
  };
}

function divideSigned64(remainder: boolean): Operation64 {
  return (lo, hi, d, s) => {
    const a = BigInt.asIntN(64, toBigInt(at(hi, d), at(lo, d)));
    const b = BigInt.asIntN(64, toBigInt(at(hi, s), at(lo, s)));
    if (b === 0n && remainder) return;
    setBig(lo, hi, d, b === 0n ? 0n : remainder ? a % b : a / b);
  };
}

function setBig(lo: Int32Array, hi: Int32Array, d: number, value: bigint): void {
  lo[d] = Number(BigInt.asIntN(32, value));
  hi[d] = Number(BigInt.asIntN(32, value >> 32n));
}

/** Class Alu64 by operation. */
const operations64: Readonly<Record<number, Operation64>> = {
  [AluOp.Add]: (lo, hi, d, s) => {
    const a = at(lo, d);
    const low = (a + at(lo, s)) | 0;
    hi[d] = at(hi, d) + at(hi, s) + (low >>> 0 < a >>> 0 ? 1 : 0);
    lo[d] = low;
  },
  [AluOp.Sub]: (lo, hi, d, s) => {
    const a = at(lo, d);
    const b = at(lo, s);
    hi[d] = at(hi, d) - at(hi, s) - (a >>> 0 < b >>> 0 ? 1 : 0);
    lo[d] = a - b;
  },
  [AluOp.Mul]: (lo, hi, d, s) => {
    const a = at(lo, d);
    const b = at(lo, s);
    hi[d] = multiplyHigh(a, b) + Math.imul(a, at(hi, s)) + Math.imul(at(hi, d), b);
    lo[d] = Math.imul(a, b);
  },
  [AluOp.Div]: divide64(false),
  [AluOp.Mod]: divide64(true),
  [AluOp.Or]: (lo, hi, d, s) => {
    lo[d] = at(lo, d) | at(lo, s);
    hi[d] = at(hi, d) | at(hi, s);
  },
  [AluOp.And]: (lo, hi, d, s) => {
    lo[d] = at(lo, d) & at(lo, s);
    hi[d] = at(hi, d) & at(hi, s);
  },
  [AluOp.Xor]: (lo, hi, d, s) => {
    lo[d] = at(lo, d) ^ at(lo, s);
    hi[d] = at(hi, d) ^ at(hi, s);
  },
  [AluOp.Lsh]: shiftLeft64,
  [AluOp.Rsh]: shiftRight64,
  [AluOp.Arsh]: shiftRightSigned64,
  [AluOp.Neg]: (lo, hi, d) => {
    const low = at(lo, d);
    lo[d] = -low;
    hi[d] = ~at(hi, d) + (low === 0 ? 1 : 0);
  },
  [AluOp.Mov]: (lo, hi, d, s) => {
    lo[d] = at(lo, s);
    hi[d] = at(hi, s);
  },
};

/** Class Alu by operation. */
const operations32: Readonly<Record<number, Operation32>> = {
  [AluOp.Add]: (a, b) => (a + b) | 0,
  [AluOp.Sub]: (a, b) => (a - b) | 0,
  [AluOp.Mul]: Math.imul,
  [AluOp.Div]: (a, b) => (b === 0 ? 0 : Math.floor((a >>> 0) / (b >>> 0)) | 0),
  [AluOp.Mod]: (a, b) => (b === 0 ? a : ((a >>> 0) % (b >>> 0)) | 0),
  [AluOp.Or]: (a, b) => a | b,
  [AluOp.And]: (a, b) => a & b,
  [AluOp.Xor]: (a, b) => a ^ b,
  [AluOp.Lsh]: (a, b) => a << (b & 31),
  [AluOp.Rsh]: (a, b) => (a >>> (b & 31)) | 0,
  [AluOp.Arsh]: (a, b) => a >> (b & 31),
  [AluOp.Neg]: (a) => -a | 0,
  [AluOp.Mov]: (_, b) => b,
};

/** Division and remainder with offset 1: signed, truncating (RFC 9669, section 4.1). */
const signed64: Readonly<Record<number, Operation64>> = {
  [AluOp.Div]: divideSigned64(false),
  [AluOp.Mod]: divideSigned64(true),
};
const signed32: Readonly<Record<number, Operation32>> = {
  [AluOp.Div]: (a, b) => (b === 0 ? 0 : (a / b) | 0),
  [AluOp.Mod]: (a, b) => (b === 0 ? a : (a % b) | 0),
};

const signExtend: Readonly<Record<number, (low: number) => number>> = {
  8: (low) => (low << 24) >> 24,
  16: (low) => (low << 16) >> 16,
  32: (low) => low,
};

function handler64(operation: Operation64): Handler {
  return (machine, op) => {
    operation(machine.lo, machine.hi, op.dst, op.src);
    return op.next;
  };
}

function handler32(operation: Operation32): Handler {
  return (machine, op) => {
    const { lo } = machine;
    lo[op.dst] = operation(at(lo, op.dst), at(lo, op.src));
    machine.hi[op.dst] = 0;
    return op.next;
  };
}

// One handler per row, made once: an engine compiles each on its own.
const mapRows = <From>(rows: Readonly<Record<number, From>>, make: (row: From) => Handler) =>
  new Map(Object.entries(rows).map(([key, row]) => [Number(key), make(row)]));

const handlers64 = mapRows(operations64, handler64);
const handlers32 = mapRows(operations32, handler32);
const signedHandlers64 = mapRows(signed64, handler64);
const signedHandlers32 = mapRows(signed32, handler32);

/** The handler of an arithmetic operation; undefined when there is none such. `offset` selects the variant. */
export function aluHandler(wide: boolean, operation: number, offset: number): Handler | undefined {
  if (offset === 0) return (wide ? handlers64 : handlers32).get(operation);
  if (offset === 1) return (wide ? signedHandlers64 : signedHandlers32).get(operation);
  const extend = signExtend[offset];
  if (operation !== AluOp.Mov || extend === undefined || (!wide && offset === 32)) return undefined;
  return (machine, op) => {
    const low = extend(at(machine.lo, op.src));
    machine.lo[op.dst] = low;
    machine.hi[op.dst] = wide ? low >> 31 : 0;
    return op.next;
  };
}

/** The 64-bit move, which wide loads use too. */
export const move64: Handler = handler64((lo, hi, d, s) => {
  lo[d] = at(lo, s);
  hi[d] = at(hi, s);
});

/** The handler that cuts a register to `bits` and reverses its bytes when `swap`; undefined for other widths. */
export function endHandler(bits: number, swap: boolean): Handler | undefined {
  const change = swap ? swaps[bits] : cuts[bits];
  if (change === undefined) return undefined;
  return (machine, op) => {
    change(machine, op.dst);
    return op.next;
  };
}

type Change = (machine: Machine, register: number) => void;

const cuts: Readonly<Record<number, Change>> = {
  16: (machine, d) => {
    machine.lo[d] = at(machine.lo, d) & 0xffff;
    machine.hi[d] = 0;
  },
  32: (machine, d) => {
    machine.hi[d] = 0;
  },
  64: () => {},
};

const swaps: Readonly<Record<number, Change>> = {
  16: (machine, d) => {
    machine.lo[d] = swap32(at(machine.lo, d)) >>> 16;
    machine.hi[d] = 0;
  },
  32: (machine, d) => {
    machine.lo[d] = swap32(at(machine.lo, d));
    machine.hi[d] = 0;
  },
  64: (machine, d) => {
    const low = at(machine.lo, d);
    machine.lo[d] = swap32(at(machine.hi, d));
    machine.hi[d] = swap32(low);
  },
};
