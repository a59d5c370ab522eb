/** What the operators mean, on bigint. */
import { type IntType, wrap } from "./types.js";

type Apply = (type: IntType, left: bigint, right: bigint) => bigint;

/** Bits of a shift's amount that count: narrow numbers are shifted in 32 bits. */
const amount = (type: IntType, by: bigint): bigint => by & (type.bits === 64 ? 63n : 31n);

const operators: Readonly<Record<string, Apply>> = {
  "+": (_, left, right) => left + right,
  "-": (_, left, right) => left - right,
  "*": (_, left, right) => left * right,
  "/": (_, left, right) => (right === 0n ? 0n : left / right),
  "%": (_, left, right) => (right === 0n ? left : left % right),
  "&": (_, left, right) => left & right,
  "|": (_, left, right) => left | right,
  "^": (_, left, right) => left ^ right,
  "<<": (type, left, right) => left << amount(type, right),
  ">>": (type, left, right) => left >> amount(type, right),
};

/** `left sign right`, both of `type`. */
export function compute(type: IntType, sign: string, left: bigint, right: bigint): bigint {
  const apply = operators[sign];
  if (apply === undefined) throw new Error(`no operator ${sign}`);
  return wrap(type, apply(type, left, right));
}

const comparisons: Readonly<Record<string, (left: bigint, right: bigint) => boolean>> = {
  "===": (left, right) => left === right,
  "!==": (left, right) => left !== right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

/** `left sign right`. */
export function holds(sign: string, left: bigint, right: bigint): boolean {
  const test = comparisons[sign];
  if (test === undefined) throw new Error(`no comparison ${sign}`);
  return test(left, right);
}
