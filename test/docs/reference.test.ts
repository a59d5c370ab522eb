import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import { expect, test } from "vitest";
import { root } from "./blocks.js";
import { referencePages } from "./reference.js";

const folder = `${root}docs/reference`;

test.each(Object.entries(referencePages()))("docs/reference/%s is what the tables say", (name, text) => {
  if (env.WAGGLE_WRITE_DOCS === "1") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/${name}`, text);
  }
  expect(readFileSync(`${folder}/${name}`, "utf8")).toBe(text);
});

test("every decorator has a page", () => {
  const programs = referencePages()["programs.md"] ?? "";
  // A kind with a decorator has a link to the page that shows it.
  const rows = programs.split("\n").filter((line) => line.includes("`@"));
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter((line) => !line.includes("](../programs/"))).toEqual([]);
});
