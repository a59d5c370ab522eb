import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import { expect, it } from "vitest";
import { classify, rejectionClasses } from "./classify.js";
import { readLogs } from "./fixtures/logs.js";
import { parseLog } from "./log.js";
import { fill } from "./report.js";

const page = new URL("../../../../docs/verifier-errors.md", import.meta.url);
const START = /<!-- classes: .*? -->\n/;
const END = "<!-- end of classes -->";

/** The classes as the page shows them, each with the words of a recorded log. */
function table(): string {
  const examples = new Map<string, string>();
  for (const { log, errno } of readLogs()) {
    const verdict = classify(parseLog(log), errno);
    if (verdict.row !== null && !examples.has(verdict.row.id)) examples.set(verdict.row.id, verdict.reason);
  }
  return rejectionClasses
    .map((row) => {
      const verdict = { row, reason: "", instruction: null, text: null, register: null, groups: {} };
      return [
        `### ${row.id}`,
        "",
        fill(row.explain, verdict, null),
        "",
        `What to do: ${fill(row.fix, verdict, null)}`,
        "",
        `The verifier's words, for instance: \`${examples.get(row.id)}\``,
        "",
      ].join("\n");
    })
    .join("\n");
}

it("the page has every class as the table has it", () => {
  const text = readFileSync(page, "utf8");
  const start = START.exec(text);
  if (start === null) throw new Error("the page has no mark");
  const from = start.index + start[0].length;
  const wanted = `${text.slice(0, from)}\n${table()}\n${text.slice(text.indexOf(END))}`;
  if (env.WAGGLE_WRITE_DOCS === "1") writeFileSync(page, wanted);
  expect(readFileSync(page, "utf8")).toBe(wanted);
});
