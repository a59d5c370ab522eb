/** Right programs that do not fit the machine: what the compiler says after the frontend, and where. */
import { formatKernelVersion } from "@waggle/object";
import { afterAll, expect, test } from "vitest";
import { compile } from "./compile.js";
import {
  annotate,
  fileOfCase,
  readFixtures,
  updateFixtures,
  withoutAnnotations,
} from "./frontend/fixtures/fixture-file.js";
import type { Cpu } from "./target/target-error.js";

const cpus: Readonly<Record<string, Cpu>> = { 1: 1, 2: 2, 3: 3, 4: 4 };
const topics = ["target", "loops"];
const updated = new Map(topics.map((topic) => [topic, [] as { name: string; text: string }[]]));
afterAll(() => {
  for (const [topic, found] of updated) updateFixtures("unfit", topic, found);
});

const fixtures = topics.flatMap((topic) => readFixtures("unfit", topic).map((each) => ({ ...each, topic })));
test.each(fixtures)("$topic: $name", ({ name, text, topic }) => {
  const plain = withoutAnnotations(text);
  const { file, source, firstLine, kernel } = fileOfCase(plain);
  const cpu = cpus[/^\/\/ cpu (\d)$/m.exec(plain)?.[1] ?? ""];
  const target = { kernel: formatKernelVersion(kernel), ...(cpu === undefined ? {} : { cpu }) };
  const result = compile({ files: [file], overlay: new Map([[file, source]]), target, check: true });
  const annotated = annotate(plain, result.diagnostics, 0, firstLine);
  updated.get(topic)?.push({ name, text: annotated });
  if (process.env.UPDATE_FIXTURES === "1") return;
  expect(result.diagnostics).not.toEqual([]);
  // A class is made where there are warnings only.
  const isRefused = result.diagnostics.some(({ severity }) => severity === "error");
  expect(result.classes.length).toBe(isRefused ? 0 : 1);
  expect(annotated).toBe(text);
});
