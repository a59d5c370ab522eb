import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import { expect, it } from "vitest";
import { classify, rejectionClasses, type Verdict } from "./classify.js";
import { readLogs } from "./fixtures/logs.js";
import { parseLog } from "./log.js";
import { fill } from "./report.js";

const page = new URL("../../../../docs/verifier-errors.md", import.meta.url);
const START = /<!-- classes: .*? -->\n/;
const END = "<!-- end of classes -->";

/** The classes as the page shows them, each for a message of a recorded log. */
function table(): string {
  const examples = new Map<string, Verdict>();
  for (const { log, errno } of readLogs()) {
    const verdict = classify(parseLog(log), errno);
    if (verdict.row !== null && !examples.has(verdict.row.id)) examples.set(verdict.row.id, verdict);
  }
  return rejectionClasses
    .map((row) => {
      const verdict = examples.get(row.id);
      if (verdict === undefined) throw new Error(`no recorded log has the class ${row.id}`);
      return [
        `### ${row.id}`,
        "",
        `\`${verdict.reason}\``,
        "",
        fill(row.explain, verdict, null),
        "",
        `Fix: ${fill(row.fix, verdict, null)}`,
        "",
      ].join("\n");
    })
    .join("\n");
}

it("docs/verifier-errors.md has the classes of the table", () => {
  const text = readFileSync(page, "utf8");
  const start = START.exec(text);
  if (start === null) throw new Error("docs/verifier-errors.md does not mark where the classes begin");
  const from = start.index + start[0].length;
  const wanted = `${text.slice(0, from)}\n${table()}\n${text.slice(text.indexOf(END))}`;
  if (env.WAGGLE_WRITE_DOCS === "1") writeFileSync(page, wanted);
  expect(readFileSync(page, "utf8")).toBe(wanted);
});
