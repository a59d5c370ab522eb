import { expect, test } from "vitest";
import { readFuzzOptions } from "./arguments.js";

test("what is not given has a default", () => {
  expect(readFuzzOptions([], { count: 7 })).toEqual({ count: 7, seed: 1, seconds: Number.POSITIVE_INFINITY });
  expect(readFuzzOptions(["--seed", "5", "--time", "30", "--count", "9"], { count: 7 })).toEqual({
    count: 9,
    seed: 5,
    seconds: 30,
  });
});

test("what is no whole number is an error that says what is expected", () => {
  expect(() => readFuzzOptions(["--count", "many"], { count: 7 })).toThrow(
    new RangeError('--count is "many": expected a whole number, such as --count 1000'),
  );
});
