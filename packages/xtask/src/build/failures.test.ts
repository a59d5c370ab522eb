/** A bug of the compiler in one file: it is reported like a mistake, and the other files are built. */
import { type FaultStage, injectFault } from "@waggle/compiler";
import { afterEach, describe, expect, test } from "vitest";
import { createAnalysis } from "../lsp/analysis.js";
import { createDocuments } from "../lsp/documents.js";
import type { TestProject } from "../testing/project.js";
import { counterSource, testProject } from "../testing/project.js";
import type { BuildResult } from "./result.js";
import { watchEbpf } from "./watch.js";

let project: TestProject;
afterEach(() => {
  injectFault(null);
  project.remove();
});

const helper = "function next(key: u32): u32 { return key + 1; }\n";
const broken = counterSource("Broken", helper)
  .replace("get(key)", "get(next(key))")
  .replace("count(", "tally(");

function projectOfTwo(): TestProject {
  return testProject({ "src/kernel/broken.ts": broken, "src/kernel/fine.ts": counterSource("Fine") });
}

/** Fails at a stage of the file `broken.ts`. */
function failAt(
  stage: FaultStage,
  name = /broken/i,
  error: () => Error = () => new TypeError("no value"),
): void {
  injectFault((at, of) => {
    if (at === stage && name.test(of)) throw error();
  });
}

const places: readonly (readonly [stage: FaultStage, name: RegExp, place: string])[] = [
  ["check", /broken/, "1:1"],
  ["class", /Broken/, "5:14"],
  ["lower", /next/, "1:10"],
  ["optimize", /tally/, "9:10"],
  ["generate", /tally/, "9:10"],
  ["emit", /Broken/, "9:10"],
  ["link", /Broken/, "1:1"],
];

describe.each(places)("a fault in the stage %s", (stage, name, place) => {
  test("is reported at the best place known; exit code 70; the other file is built", async () => {
    project = projectOfTwo();
    failAt(stage, name);
    const { code, out, err } = await project.xtask("build-ebpf");
    expect(code).toBe(70);
    expect(err).toContain("error[WG9001]: internal error: no value\n");
    expect(err).toContain(`src/kernel/broken.ts:${place}\n`);
    expect(err).toContain("this is a bug in Waggle, not in your code");
    expect(err).toContain(
      "please report it with this text, the kernel file, and the versions of Waggle and Node",
    );
    expect(out).toContain("Fine");
  });
});

test("check --json prints its one document", async () => {
  project = projectOfTwo();
  failAt("lower", /count|tally/);
  const { code, out, err } = await project.xtask("check", "--json");
  expect([code, err]).toEqual([70, ""]);
  const { ok, classes, diagnostics } = JSON.parse(out);
  expect({ ok, classes }).toMatchObject({ ok: false, classes: [] });
  expect(diagnostics).toMatchObject([
    { code: "WG9001", file: project.path("src/kernel/broken.ts"), line: 9 },
    { code: "WG9001", file: project.path("src/kernel/fine.ts"), line: 9 },
  ]);
});

test("a stack that overflows is a limit, not a bug", async () => {
  project = projectOfTwo();
  failAt("optimize", /tally/, () => new RangeError("Maximum call stack size exceeded"));
  const { code, err } = await project.xtask("check");
  expect(code).toBe(1);
  expect(err).toContain(
    "error[WG9002]: this is nested too deeply, or one statement is too long, for the compiler",
  );
  expect(err).toContain("move the inner part into a function of its own, or write a loop");
});

test("a watch goes on, and builds when the fault is gone", async () => {
  project = projectOfTwo();
  failAt("class");
  const results: BuildResult[] = [];
  const stop = new AbortController();
  await watchEbpf(
    { cwd: project.folder },
    {
      onBuild(result) {
        results.push(result);
        injectFault(null);
        if (results.length === 1) project.write("src/kernel/broken.ts", `${broken}// again\n`);
        else stop.abort();
      },
    },
    stop.signal,
  );
  expect(results).toMatchObject([
    { ok: false, classes: [{ name: "Fine" }], diagnostics: [{ code: "WG9001" }] },
    { ok: true, classes: [{ name: "Broken" }, { name: "Fine" }], diagnostics: [] },
  ]);
});

test("an editor is told in the file, and what is typed next is checked", async () => {
  project = projectOfTwo();
  const file = project.path("src/kernel/broken.ts");
  const documents = createDocuments();
  const analysis = createAnalysis(documents);
  const update = async (version: number, text: string): Promise<unknown[]> => {
    documents.open(`file://${file}`, version, text);
    analysis.touch(file);
    await analysis.update(
      () => {},
      () => false,
    );
    return analysis.diagnostics(file).map(({ code, line }) => [code, line]);
  };
  failAt("generate", /tally/);
  expect(await update(1, broken)).toEqual([["WG9001", 9]]);
  injectFault(null);
  expect(await update(2, `${broken}// again\n`)).toEqual([]);
});
