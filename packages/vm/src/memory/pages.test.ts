import { expect, test } from "vitest";
import { Pages } from "./pages.js";
import { Region } from "./region.js";

const pagesOf = (total: number, unit: number): Pages =>
  new Pages(total, unit, (bytes) => new Region(0, { kind: "map value", name: "test", bytes }));
const write = (pages: Pages, offset: number, values: readonly number[]): void => {
  const page = pages.at(offset, values.length);
  page.region.bytes.set(values, offset - page.start);
};

test("what was never touched reads as zero, over the edges of pages too", () => {
  const pages = pagesOf(100, 16);
  write(pages, 14, [1, 2]);
  write(pages, 33, [3]);
  expect([...pages.copy(12, 24)]).toEqual([0, 0, 1, 2, ...Array(17).fill(0), 3, 0, 0]);
  expect([...pages.copy(96, 4)]).toEqual([0, 0, 0, 0]);
});

test("a range over several pages joins them and keeps what they hold", () => {
  const pages = pagesOf(100, 16);
  write(pages, 0, [1]);
  write(pages, 40, [2]);
  write(pages, 99, [9]);
  write(pages, 15, [7, 8]);
  expect(pages.at(0, 1)).toBe(pages.at(31, 1));
  write(pages, 20, Array(20).fill(5));
  expect([...pages.copy(0, 48)]).toEqual([
    1,
    ...Array(14).fill(0),
    7,
    8,
    0,
    0,
    0,
    ...Array(20).fill(5),
    2,
    ...Array(7).fill(0),
  ]);
  expect(pages.at(47, 1).bytes).toHaveLength(48);
  // The last page is as long as what is left.
  expect(pages.at(99, 1).bytes).toHaveLength(4);
  expect([...pages.copy(98, 2)]).toEqual([0, 9]);
});
