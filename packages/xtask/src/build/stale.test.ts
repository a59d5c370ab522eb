import { existsSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import type { TestProject } from "../testing/project.js";
import { testProject } from "../testing/project.js";
import { embedModule } from "./embed.js";
import { removeStale } from "./stale.js";

let project: TestProject;
afterEach(() => project.remove());

test("removes what carries our header and has no class any more, and nothing else", () => {
  project = testProject({
    "src/kernel/here.ts": "",
    "src/kernel/elsewhere.ts": "",
    "out/mine.ts": "// mine\n",
    "out/mine.o": "",
    "out/gone.o": "",
    "out/renamed.o": "",
    "out/other.o": "",
  });
  const module = (name: string, source: string) =>
    project.write(
      `out/${name}.ts`,
      embedModule({
        className: "X",
        exportName: "X",
        source: project.path(`src/kernel/${source}.ts`),
        module: project.path(`out/${name}.ts`),
        object: new Uint8Array(),
      }),
    );
  module("kept", "here");
  module("renamed", "here");
  module("gone", "gone");
  module("other", "elsewhere");

  const current = new Set([project.path("out/kept.ts")]);
  const removed = removeStale(project.path("out"), current, new Set([project.path("src/kernel/here.ts")]));
  expect(removed.sort()).toEqual([project.path("out/gone.ts"), project.path("out/renamed.ts")]);
  const left = ["kept.ts", "mine.ts", "mine.o", "other.ts", "other.o"];
  expect(left.filter((name) => !existsSync(project.path(`out/${name}`)))).toEqual([]);
  expect(["gone.o", "renamed.o"].filter((name) => existsSync(project.path(`out/${name}`)))).toEqual([]);
});
