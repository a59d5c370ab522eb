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

/** Tests of the codes around the compiler and of its own failures, which have no kernel source to stand in: each names the message, and the place where there is one. */
const testsOf: Readonly<Record<string, string>> = {
  WG4001: "packages/xtask/src/main.test.ts",
  WG4002: "packages/xtask/src/check/check.test.ts",
  WG4003: "packages/xtask/src/commands/codegen.test.ts",
  WG4005: "packages/xtask/src/commands/codegen.test.ts",
  WG4006: "packages/xtask/src/build/build.test.ts",
  WG4007: "packages/xtask/src/lsp/lsp.slow.test.ts",
  WG4008: "packages/xtask/src/commands/codegen.test.ts",
  WG9001: "packages/xtask/src/build/failures.test.ts",
  WG9002: "packages/xtask/src/build/failures.test.ts",
};

/** The codes in the annotations of the fixtures: each stands under the source that it marks, with its message. */
function fixtureCodes(): Set<string> {
  const folder = `${root}packages/compiler/src/frontend/fixtures/`;
  const texts = ["rejected", "unfit"].flatMap((kind) =>
    readdirSync(folder + kind).map((name) => readFileSync(`${folder}${kind}/${name}`, "utf8")),
  );
  const marked = texts.flatMap((text) => [...text.matchAll(/^\s*\/\/\s*\^.*? (WG\d{4}) \S/gm)]);
  return new Set(marked.flatMap(([, code]) => code ?? []));
}

test("every code is in a fixture that shows its place and message, or has a test of its own", () => {
  const found = fixtureCodes();
  const listed = Object.entries(testsOf).filter(([code, file]) =>
    readFileSync(root + file, "utf8").includes(code),
  );
  expect(listed.map(([code]) => code)).toEqual(Object.keys(testsOf));
  expect([...found, ...Object.keys(testsOf)].sort()).toEqual(Object.keys(codes).sort());
});
