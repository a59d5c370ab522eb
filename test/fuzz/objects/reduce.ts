/** Finds the fewest changed bytes that still show a fault (delta debugging). */

/** A damaged object with as little damage as was found to be enough. */
export interface Reduced {
  readonly object: Uint8Array;
  /** Places that differ from the seed, and what was there. Null is a byte behind the seed's end. */
  readonly changes: readonly { readonly at: number; readonly from: number | null; readonly to: number }[];
}

/** Objects that are tried at most. */
const ATTEMPTS = 3000;

/**
 * Takes back changes for as long as the fault shows.
 * @param shows whether an object shows the fault; the whole mutant does
 */
export function reduce(
  seed: Uint8Array,
  mutant: Uint8Array,
  shows: (object: Uint8Array) => boolean,
  attempts = ATTEMPTS,
): Reduced {
  let left = attempts;
  const build = (places: readonly number[], length: number): Uint8Array => {
    const object = new Uint8Array(length);
    object.set(seed.subarray(0, length));
    for (const at of places) object[at] = mutant[at] ?? 0;
    return object;
  };
  const fails = (places: readonly number[], length: number): boolean =>
    left-- > 0 && shows(build(places, length));
  const differing = (length: number): number[] =>
    Array.from({ length }, (_, at) => at).filter((at) => seed[at] !== mutant[at]);

  let { length } = mutant;
  // A file of the seed's length is easier to read than one that is cut.
  const whole = differing(Math.min(seed.length, mutant.length));
  if (length !== seed.length && fails(whole, seed.length)) length = seed.length;
  let places = length === mutant.length ? differing(length) : whole;
  for (let pieces = 2; places.length > 0; ) {
    const size = Math.ceil(places.length / pieces);
    const parts = Array.from({ length: Math.ceil(places.length / size) }, (_, part) =>
      places.filter((_place, index) => Math.floor(index / size) !== part),
    );
    const smaller = parts.find((rest) => fails(rest, length));
    if (smaller !== undefined) {
      places = smaller;
      pieces = Math.max(2, pieces - 1);
    } else if (size === 1 || left <= 0) break;
    else pieces = Math.min(places.length, pieces * 2);
  }
  return {
    object: build(places, length),
    changes: places.map((at) => ({ at, from: seed[at] ?? null, to: mutant[at] ?? 0 })),
  };
}
