import { afterAll, describe, expect, test } from "vitest";
import {
  annotate,
  compileCase,
  readFixtures,
  topicsOf,
  updateFixtures,
  withoutAnnotations,
} from "./fixtures/fixture-file.js";

describe.each(topicsOf("rejected"))(
  "rejected programs have all and only the expected diagnostics: %s",
  (topic) => {
    const updated: { name: string; text: string }[] = [];
    test.each(readFixtures("rejected", topic))("$name", ({ name, text }) => {
      const plain = withoutAnnotations(text);
      const { result, firstLine } = compileCase(plain);
      const outside = plain.includes("\n---\n") ? (plain.split("\n---\n")[0] ?? "").split("\n").length : 0;
      const annotated = annotate(plain, result.diagnostics, outside, firstLine);
      updated.push({ name, text: annotated });
      if (process.env.UPDATE_FIXTURES === "1") return;
      expect(result.diagnostics).not.toEqual([]);
      expect(result.modules).toEqual([]);
      expect(annotated).toBe(text);
    });
    afterAll(() => updateFixtures("rejected", topic, updated));
  },
);
