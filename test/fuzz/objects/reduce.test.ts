import { expect, test } from "vitest";
import { reduce } from "./reduce.js";

const seed = Uint8Array.from({ length: 100 }, (_, index) => index);

test("what is not needed is taken back", () => {
  const mutant = seed.map((byte, index) => (index % 3 === 0 ? 255 - byte : byte));
  const { object, changes } = reduce(seed, mutant, (bytes) => bytes[9] === 246 && bytes[60] === 195);
  expect(changes).toEqual([
    { at: 9, from: 9, to: 246 },
    { at: 60, from: 60, to: 195 },
  ]);
  expect(object).toHaveLength(100);
  expect([...object].filter((byte, index) => byte !== index)).toEqual([246, 195]);
});

test("a cut file is whole again where the cut is not to blame", () => {
  const mutant = seed.slice(0, 50);
  mutant[7] = 1;
  expect(reduce(seed, mutant, (bytes) => bytes[7] === 1).object).toHaveLength(100);
  expect(reduce(seed, mutant, (bytes) => bytes.length === 50)).toEqual({
    object: seed.slice(0, 50),
    changes: [],
  });
});

test("it stops after the attempts that it was given", () => {
  let tried = 0;
  const mutant = seed.map((byte) => 255 - byte);
  const shows = (): boolean => {
    tried++;
    return tried % 2 === 0;
  };
  reduce(seed, mutant, shows, 10);
  expect(tried).toBe(10);
});
