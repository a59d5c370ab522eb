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
  expect(
    loopForm({ turns, work: 10n, runs: 1n, locked: false, repeats: false, walksMap: false }, kernel),
  ).toBe(form);
});

test.each([
  [1024n, 100n, 1n, [6, 18], "iterator"],
  [1024n, 100n, 1n, [5, 17], "callback"],
  [1024n, 100n, 1n, [5, 10], "bounded"],
  [64n, 10n, 100n, [6, 18], "bounded"],
  [64n, 10n, 1000n, [6, 18], "iterator"],
] as const)("%s turns of %s operations, run %s times, on %j: %s", (turns, work, runs, kernel, form) => {
  expect(loopForm({ turns, work, runs, locked: false, repeats: false, walksMap: false }, kernel)).toBe(form);
});

test.each([
  [1025n, [5, 2], null],
  [1025n, [5, 17], "bounded"],
  [1025n, [6, 13], "bounded"],
  [1025n, [6, 14], "iterator"],
  [null, [6, 13], null],
  [null, [6, 14], "iterator"],
] as const)("%s turns while a lock is held, on %j: %s", (turns, kernel, form) => {
  expect(
    loopForm({ turns, work: 10n, runs: 1n, locked: true, repeats: false, walksMap: false }, kernel),
  ).toBe(form);
});

test.each([
  [16n, 1n, true, [5, 17], "bounded"],
  [17n, 1n, true, [5, 17], "callback"],
  [17n, 1n, true, [6, 4], "iterator"],
  [17n, 1n, true, [5, 16], "bounded"],
  [17n, 1n, false, [5, 17], "bounded"],
  [2n, 177n, false, [5, 17], "bounded"],
  [65n, 177n, false, [5, 17], "callback"],
] as const)(
  "%s turns in %s, with a repeating loop in them: %s, on %j: %s",
  (turns, runs, repeats, kernel, form) => {
    expect(loopForm({ turns, work: 225n, runs, locked: false, repeats, walksMap: false }, kernel)).toBe(form);
  },
);

test.each([
  [64n, 1n, [5, 13], "bounded"],
  [65n, 1n, [5, 13], null],
  [8n, 9n, [5, 13], null],
  [65n, 1n, [5, 17], "callback"],
] as const)("%s turns around a loop over a map, run %s times, on %j: %s", (turns, runs, kernel, form) => {
  expect(loopForm({ turns, work: 10n, runs, locked: false, repeats: true, walksMap: true }, kernel)).toBe(
    form,
  );
});
