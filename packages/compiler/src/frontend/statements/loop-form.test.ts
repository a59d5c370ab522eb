import { expect, test } from "vitest";
import { loopForm } from "./loop-form.js";

test.each([
  [4n, [5, 2], "unroll"],
  [257n, [5, 2], null],
  [null, [5, 2], null],
  [4n, [5, 3], "bounded"],
  [1024n, [6, 18], "bounded"],
  [1025n, [5, 10], "bounded"],
  [1025n, [5, 17], "callback"],
  [1025n, [6, 4], "iterator"],
  [65_536n, [5, 16], "bounded"],
  [65_537n, [5, 16], null],
  [65_537n, [5, 17], "callback"],
  [null, [5, 16], null],
  [null, [5, 17], "callback"],
  [null, [6, 3], "callback"],
  [null, [6, 4], "iterator"],
] as const)("%s turns on %j: %s", (turns, kernel, form) => {
  expect(loopForm(turns, kernel)).toBe(form);
});
