import { afterAll, describe, expect, test } from "vitest";
import { checkModule } from "../ir/check.js";
import { printFunction } from "../ir/print.js";
import { compileCase, readFixtures, updateFixtures } from "./fixtures/fixture-file.js";

const updated: { name: string; text: string }[] = [];

describe("accepted programs give the expected IR", () => {
  test.each(readFixtures("accepted"))("$name", ({ name, text }) => {
    const [source = ""] = text.split("\n>>>\n");
    const { result } = compileCase(source);
    expect(result.diagnostics).toEqual([]);
    const ir = result.modules
      .flatMap((module) => module.functions.map((f) => printFunction(f).trim()))
      .join("\n\n");
    expect(result.modules.flatMap(checkModule)).toEqual([]);
    const printed = `${source}\n>>>\n${ir.replace(/ @\d+:\d+:\d+$/gm, "")}`;
    updated.push({ name, text: printed });
    if (process.env.UPDATE_FIXTURES !== "1") expect(printed).toBe(text);
  });
  afterAll(() => updateFixtures("accepted", updated));
});
