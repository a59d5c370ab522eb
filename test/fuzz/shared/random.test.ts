import { expect, test } from "vitest";
import { randomFrom } from "./random.js";

const first = (seed: number): number[] => {
  const random = randomFrom(seed);
  return Array.from({ length: 8 }, () => random.below(1000));
};

test("one seed gives the same choices, another seed others", () => {
  expect(first(1)).toEqual(first(1));
  expect(first(1)).not.toEqual(first(2));
});

test("a row is taken as often as its weight says", () => {
  const random = randomFrom(1);
  const rows = [
    { weight: 1, name: "rare" },
    { weight: 9, name: "often" },
  ];
  const rare = Array.from({ length: 10_000 }, () => random.weighted(rows)).filter(
    ({ name }) => name === "rare",
  );
  expect(rare.length).toBeGreaterThan(800);
  expect(rare.length).toBeLessThan(1200);
});
