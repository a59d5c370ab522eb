import { afterAll, describe, expect, test } from "vitest";
import { checkModule } from "../ir/check.js";
import { printFunction } from "../ir/print.js";
import { compileCase, readFixtures, topicsOf, updateFixtures } from "./fixtures/fixture-file.js";

describe.each(topicsOf("accepted"))("accepted programs give the expected IR: %s", (topic) => {
  const updated: { name: string; text: string }[] = [];
  test.each(readFixtures("accepted", topic))("$name", ({ name, text }) => {
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
  afterAll(() => updateFixtures("accepted", topic, updated));
});
