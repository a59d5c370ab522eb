import { expect, test } from "vitest";
import { randomFrom } from "../shared/random.js";
import { checkSource } from "./check-source.js";
import { mutate } from "./mutate.js";
import { reduce } from "./reduce.js";
import { readSeeds, root } from "./seeds.js";

const text = `import { xdp, XdpAction, type XdpContext } from "@waggle/kernel";
export class Filter {
  @xdp() static run(ctx: XdpContext): XdpAction { return ctx.length > 64 ? XdpAction.Drop : XdpAction.Pass; }
}
`;
const settings = { byteOrder: "little", kernel: "5.10", optimize: 2, check: true } as const;

test("one seed gives the same source, another seed another", () => {
  const made = (seed: number): string => mutate(text, text, randomFrom(seed));
  expect(made(3)).toBe(made(3));
  expect(new Set(Array.from({ length: 50 }, (_, seed) => made(seed))).size).toBeGreaterThan(40);
});

test("the seeds are correct sources but for the rejected ones", async () => {
  const seeds = await readSeeds();
  const kinds = new Set(seeds.map(({ name }) => name.split("/")[0]));
  expect([...kinds].sort()).toEqual(["accepted", "conformance", "examples", "rejected", "templates"]);
  const correct = seeds
    .filter(({ name }) => /^(accepted|conformance)/.test(name))
    .filter((_, index) => index % 150 === 0);
  const outcomes = correct.map(({ name, folder, text, kernel }) => ({
    name,
    ...checkSource(folder, text, { ...settings, kernel }),
  }));
  expect(outcomes.filter(({ kind, fault }) => kind === "diagnostics" || fault !== null)).toEqual([]);
});

test("a source with a mistake is fine, and so is one that loads", () => {
  expect(checkSource(root, text, settings).fault).toBeNull();
  expect(checkSource(root, text.replace("64", "6.4"), settings)).toEqual({
    kind: "diagnostics",
    fault: null,
  });
});

test("a failing source is made small", () => {
  const small = reduce(text, (next) => next.includes("ctx.length"));
  expect(small).toContain("ctx.length");
  expect(small.length).toBeLessThan(60);
});
