/** Numbers that are worth trying. */
import type { Random } from "../shared/random.js";
import { cut, type Scalar, wrap } from "./types.js";

const small = [
  0n,
  1n,
  2n,
  3n,
  7n,
  31n,
  32n,
  63n,
  64n,
  -1n,
  -2n,
  -7n,
  0x5an,
  0xffn,
  0x100n,
  0xffffn,
  0x10000n,
  0xffffffffn,
];

/** A number of the type: of `width` bits when that is given. Often one where arithmetic goes wrong if it does. */
export function randomNumber(random: Random, type: Scalar, width?: number): bigint {
  if (type.kind === "bool") return BigInt(random.below(2));
  if (type.kind === "enum") return random.pick(type.members).value;
  const bits = width ?? type.bits;
  const signed = type.kind === "int" && type.signed;
  const top = 1n << BigInt(bits - 1);
  const value = random.weighted([
    { weight: 4, make: () => random.pick(small) },
    { weight: 2, make: () => top + BigInt(random.below(3) - 1) },
    { weight: 2, make: () => BigInt(random.below(16)) },
    { weight: 3, make: () => random.big(bits) },
  ]);
  return wrap(type, cut(bits, signed, value.make()));
}
