import { expect, test } from "vitest";
import { canRedraw } from "./terminal.js";

test("progress redraws on a terminal that has a size, and nowhere else", () => {
  expect(canRedraw({ isTTY: true, columns: 80 })).toBe(true);
  expect(canRedraw({ isTTY: true, columns: 0 })).toBe(false);
  expect(canRedraw({ isTTY: true })).toBe(false);
  expect(canRedraw({ columns: 80 })).toBe(false);
});
