import { describe, expect, it } from "vitest";
import { classify, rejectionClasses } from "./classify.js";
import { expected } from "./fixtures/expected.js";
import { readLogs } from "./fixtures/logs.js";
import { parseLog } from "./log.js";

const logs = readLogs();

describe("recorded logs of the verifiers", () => {
  it.each(logs.map((one) => [one.kernel, one.name, one] as const))(
    "%s: %s",
    (kernel, name, { log, errno }) => {
      const verdict = classify(parseLog(log), errno);
      const wanted = expected[name];
      const id = typeof wanted === "string" ? wanted : (wanted?.[kernel] ?? wanted?.other);
      expect(id, `no expectation for ${name}`).toBeDefined();
      expect(verdict.row?.id, `${verdict.reason}\n${log.slice(-600)}`).toBe(id);
    },
  );

  it("have every class of the table", () => {
    const seen = new Set(logs.map(({ log, errno }) => classify(parseLog(log), errno).row?.id));
    expect(rejectionClasses.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([]);
  });
});
