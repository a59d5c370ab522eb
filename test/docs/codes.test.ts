/** The table of codes and the sources agree. */
import { readdirSync, readFileSync } from "node:fs";
import { codes } from "@waggle/compiler";
import { expect, test } from "vitest";
import { root } from "./blocks.js";

const table = "compiler/src/diagnostics/codes.ts";

/** Every code in the text of the packages' sources, tests and the table itself left out. */
function usedCodes(): Set<string> {
  const files = readdirSync(`${root}packages`).flatMap((name) =>
    readdirSync(`${root}packages/${name}/src`, { recursive: true, encoding: "utf8" })
      .map((file) => `${name}/src/${file}`)
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== table),
  );
  return new Set(
    files.flatMap((file) => readFileSync(`${root}packages/${file}`, "utf8").match(/\bWG\d{4}\b/g) ?? []),
  );
}

test("every code that the sources name is in the table, and every one in the table is used", () => {
  expect([...usedCodes()].sort()).toEqual(Object.keys(codes).sort());
});
