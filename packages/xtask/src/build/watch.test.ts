import { renameSync, rmSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import type { TestProject } from "../testing/project.js";
import { counterSource, testProject } from "../testing/project.js";
import type { BuildResult } from "./result.js";
import { watchEbpf } from "./watch.js";

let project: TestProject;
afterEach(() => project.remove());

/** Starts a watch; `next` resolves to the result of each build in turn. */
function watching() {
  const results: BuildResult[] = [];
  let arrived = () => {};
  let failed: (error: unknown) => void = () => {};
  const stop = new AbortController();
  const ended = watchEbpf(
    { cwd: project.folder },
    {
      onBuild(result) {
        results.push(result);
        arrived();
      },
    },
    stop.signal,
  );
  ended.catch((error: unknown) => failed(error));
  return {
    async next(): Promise<BuildResult> {
      for (;;) {
        const result = results.shift();
        if (result !== undefined) return result;
        await new Promise<void>((resolve, reject) => {
          arrived = resolve;
          failed = reject;
        });
      }
    },
    async end() {
      stop.abort();
      await ended;
    },
  };
}

test("builds again on an edit, an input outside src, a new file and a removed one; errors do not end it", async () => {
  const importing = 'import { step } from "../../lib/step.js";\nexport const used = step;\n';
  project = testProject({
    "src/kernel/one.ts": counterSource("One", importing),
    "lib/step.ts": "export const step = 1n;\n",
  });
  const watch = watching();
  expect(await watch.next()).toMatchObject({ ok: true, classes: [{ name: "One", fresh: false }] });

  project.write("src/kernel/one.ts", counterSource("One", importing).replace("= 0;", '= "zero";'));
  expect(await watch.next()).toMatchObject({ ok: false, diagnostics: [{ code: "TS2322" }] });

  // As editors save: a new file takes the old one's place.
  project.write("src/kernel/one.ts.tmp", counterSource("One", importing).replace("+= 1n", "+= 2n"));
  renameSync(project.path("src/kernel/one.ts.tmp"), project.path("src/kernel/one.ts"));
  expect(await watch.next()).toMatchObject({ ok: true, classes: [{ name: "One", fresh: false }] });

  project.write("lib/step.ts", "export const step = 2n;\n");
  expect(await watch.next()).toMatchObject({ ok: true, classes: [{ name: "One", fresh: false }] });

  project.write("src/kernel/two.ts", counterSource("Two"));
  expect(await watch.next()).toMatchObject({
    ok: true,
    classes: [{ fresh: true }, { name: "Two", fresh: false }],
  });

  rmSync(project.path("src/kernel/one.ts"));
  expect(await watch.next()).toMatchObject({ ok: true, classes: [{ name: "Two", fresh: true }] });
  await watch.end();
}, 60_000);

test("a project without classes is watched until there is one", async () => {
  project = testProject({});
  const watch = watching();
  expect(await watch.next()).toMatchObject({ ok: false, diagnostics: [{ code: "WG4001" }] });
  project.write("src/kernel/one.ts", counterSource("One"));
  let result = await watch.next();
  // The folder may be seen before the file in it.
  if (!result.ok) result = await watch.next();
  expect(result).toMatchObject({ ok: true, classes: [{ name: "One" }] });
  await watch.end();
}, 60_000);
