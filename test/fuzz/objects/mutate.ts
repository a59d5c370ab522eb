/** Damages objects: at random, and where readers decide. */
import type { Random } from "../shared/random.js";
import type { Field, FieldGroup } from "./fields.js";
import type { Seed } from "./seeds.js";

/** How often fields of each group are changed: most of a file's bytes are strings and data, which decide little. */
const groups: readonly { readonly group: FieldGroup; readonly weight: number }[] = [
  { group: "elf header", weight: 2 },
  { group: "section header", weight: 6 },
  { group: "symbol", weight: 6 },
  { group: "relocation", weight: 5 },
  { group: "btf", weight: 12 },
  { group: "btf.ext", weight: 6 },
  { group: "code", weight: 8 },
  { group: "strings", weight: 4 },
  { group: "data", weight: 3 },
];

type Change = (object: Uint8Array, random: Random, seeds: readonly Seed[]) => Uint8Array;

/** Changes of the whole file, which come after those of fields. */
const wholes: readonly { readonly weight: number; readonly change: Change }[] = [
  { weight: 80, change: (object) => object },
  { weight: 4, change: (object, random) => object.slice(0, random.below(object.length + 1)) },
  { weight: 6, change: swapSections },
  { weight: 5, change: splice },
  { weight: 5, change: overwrite },
];

/** One to four fields of the seed changed, then maybe the whole. */
export function mutate(seed: Seed, random: Random, seeds: readonly Seed[]): Uint8Array {
  const object = seed.object.slice();
  for (let changes = 1 + (random.chance(1, 2) ? 0 : random.below(4)); changes > 0; changes--) {
    const fields = seed.fields.get(random.weighted(groups).group);
    if (fields === undefined) continue;
    changeField(object, random.pick(fields), fields, seed.littleEndian, random);
  }
  return random.weighted(wholes).change(object, random, seeds);
}

function changeField(
  object: Uint8Array,
  field: Field,
  siblings: readonly Field[],
  little: boolean,
  random: Random,
): void {
  const { at, width } = field;
  const bits = width * 8;
  const top = 1n << BigInt(bits - 1);
  const old = read(object, field, little);
  const others = siblings.filter((other) => other.width === width);
  const size = BigInt(object.length);
  const made: readonly (() => bigint)[] = [
    () => 0n,
    () => 1n,
    () => -1n,
    () => top,
    () => top - 1n,
    () => old + 1n,
    () => old - 1n,
    () => old + 8n,
    () => old - 8n,
    () => old * 2n,
    () => old + (1n << BigInt(random.below(bits))),
    () => old ^ (1n << BigInt(random.below(bits))),
    () => ~old,
    () => size - BigInt(random.below(16)),
    () => BigInt(random.below(64)),
    () => 1n << BigInt(random.below(bits)),
    () => random.big(bits),
    () => read(object, random.pick(others), little),
    () => read(object, random.pick(others), little),
  ];
  write(object, at, width, random.pick(made)(), little);
}

function read(object: Uint8Array, { at, width }: Field, little: boolean): bigint {
  let value = 0n;
  for (let index = 0; index < width; index++) {
    const place = little ? width - 1 - index : index;
    value = (value << 8n) | BigInt(object[at + place] ?? 0);
  }
  return value;
}

function write(object: Uint8Array, at: number, width: number, value: bigint, little: boolean): void {
  for (let index = 0; index < width; index++) {
    const place = little ? index : width - 1 - index;
    object[at + place] = Number((value >> BigInt(8 * index)) & 0xffn);
  }
}

/** Two section headers change places, and with them the numbers by which others name the sections. */
function swapSections(object: Uint8Array, random: Random): Uint8Array {
  const view = new DataView(object.buffer);
  const little = object[5] !== 2;
  const start = Number(BigInt.asUintN(32, view.getBigUint64(40, little)));
  const count = view.getUint16(60, little);
  const places = [random.below(count + 1), random.below(count + 1)].map((index) => start + index * 64);
  const [first = 0, second = 0] = places;
  if (Math.max(first, second) + 64 > object.length) return object;
  const kept = object.slice(first, first + 64);
  object.copyWithin(first, second, second + 64);
  object.set(kept, second);
  return object;
}

/** The start of the object and the end of another, or a piece of another in its midst. */
function splice(object: Uint8Array, random: Random, seeds: readonly Seed[]): Uint8Array {
  const other = random.pick(seeds).object;
  const at = random.below(object.length);
  const from = random.below(other.length);
  if (random.chance(1, 2)) {
    const joined = new Uint8Array(at + other.length - from);
    joined.set(object.subarray(0, at));
    joined.set(other.subarray(from), at);
    return joined;
  }
  object.set(other.subarray(from, from + Math.min(random.below(256), object.length - at)), at);
  return object;
}

/** A run of bytes of one value, or random ones. */
function overwrite(object: Uint8Array, random: Random): Uint8Array {
  const at = random.below(object.length);
  const end = Math.min(object.length, at + 1 + random.below(64));
  const fill = random.pick([0, 0x7f, 0x80, 0xff, null]);
  for (let index = at; index < end; index++) object[index] = fill ?? random.below(256);
  return object;
}
