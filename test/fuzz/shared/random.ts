/** Random choices that are the same in every run with the same seed. */

/** A source of random choices. */
export interface Random {
  /** 32 random bits, unsigned. */
  bits(): number;
  /** A number from 0 to `limit - 1`. */
  below(limit: number): number;
  /** True `times` in `of` times. */
  chance(times: number, of: number): boolean;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
  /** One of the rows, each as often as its weight says. */
  weighted<T extends { readonly weight: number }>(rows: readonly T[]): T;
  /** A number of `width` random bits, unsigned. */
  big(width: number): bigint;
}

/** Choices that follow from `seed` alone. Neighbouring seeds give unrelated choices. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  // SplitMix32: a counter whose bits are mixed.
  const bits = (): number => {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  for (let turn = 0; turn < 3; turn++) state = bits();
  const below = (limit: number): number => bits() % limit;
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error("pick: the list is empty");
    return item;
  };
  return {
    bits,
    below,
    pick,
    chance: (times, of) => below(of) < times,
    weighted: (rows) => {
      let left = below(rows.reduce((sum, { weight }) => sum + weight, 0));
      for (const row of rows) {
        if (left < row.weight) return row;
        left -= row.weight;
      }
      return pick(rows);
    },
    big: (width) => BigInt.asUintN(width, (BigInt(bits()) << 32n) | BigInt(bits())),
  };
}
