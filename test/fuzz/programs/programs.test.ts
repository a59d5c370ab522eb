import { expect, test } from "vitest";
import { type Fault, faultsOf, type Tested, tested } from "./batch.js";
import { type Configuration, configurationsOf } from "./configurations.js";
import { generate } from "./generator.js";
import { printFile } from "./print.js";
import { reduceWith } from "./reducer.js";
import type { ProgramTree } from "./tree.js";

const plain: Configuration = { level: 2, cpu: 3, order: "little", kernel: "6.1" };
const textOf = (tree: ProgramTree): string => printFile([tree]);

test("one seed gives the same program, another seed another", () => {
  expect(textOf(generate(7))).toBe(textOf(generate(7)));
  expect(textOf(generate(7))).not.toBe(textOf(generate(8)));
});

test("each batch has every level, cpu version, byte order and four targets", () => {
  for (const batch of [0, 1, 2, 3]) {
    const all = configurationsOf(batch);
    expect(new Set(all.map(({ level }) => level))).toEqual(new Set([0, 1, 2]));
    expect(new Set(all.map(({ cpu }) => cpu))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(all.map(({ order }) => order))).toEqual(new Set(["little", "big"]));
    expect(new Set(all.map(({ kernel }) => kernel)).size).toBe(4);
  }
});

test("programs agree with the evaluator", () => {
  const programs = [1, 2, 3, 4, 5].map((seed) => tested(generate(seed)));
  expect(faultsOf(programs, plain, false)).toEqual([]);
});

test("a program that does not do what is expected is found among others, with what differs", () => {
  const programs = [1, 2, 3].map((seed) => tested(generate(seed)));
  const [first, second, third] = programs;
  if (first === undefined || second === undefined || third === undefined) throw new Error("three programs");
  const outcomes = second.outcomes.map((outcome, index) =>
    index === 1 ? { ...outcome, action: outcome.action + 1 } : outcome,
  );
  const wrong: Tested = { ...second, outcomes };
  const faults = faultsOf([first, wrong, third], plain, false);
  expect(faults).toMatchObject([{ tree: { seed: 2 }, kind: "in process", configuration: plain }]);
  expect(faults[0]?.text).toMatch(/^run 1 on [\da-f]+\naction: expected \d, found \d$/);
});

test("the reducer keeps what the fault needs and little else", () => {
  const faultOf = (tree: ProgramTree): Fault | null =>
    textOf(tree).includes(" << ") ? { tree, configuration: plain, kind: "crash", key: "", text: "" } : null;
  const fault = [1, 2, 3, 4, 5, 6, 7, 8]
    .map((seed) => faultOf(generate(seed)))
    .find((found) => found !== null);
  if (fault === null || fault === undefined) throw new Error("some program shifts");
  const small = textOf(reduceWith(fault, faultOf).tree);
  expect(small).toContain(" << ");
  expect(small.length).toBeLessThan(textOf(fault.tree).length / 2);
  expect(small.split("\n").length).toBeLessThan(25);
});
