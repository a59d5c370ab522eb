/** A file with an error of TypeScript's and mistakes of which only the compiler knows: each command tells all of them. */
import { afterEach, expect, test } from "vitest";
import { createAnalysis } from "../lsp/analysis.js";
import { createDocuments } from "../lsp/documents.js";
import type { TestProject } from "../testing/project.js";
import { testProject } from "../testing/project.js";
import type { BuildResult } from "./result.js";
import { watchEbpf } from "./watch.js";

let project: TestProject;
afterEach(() => project.remove());

const path = "src/kernel/mixed.ts";
const source = `import { HashMap, type u32, type u64, xdp, XdpAction, type XdpContext } from "@waggle/kernel";

export class Mixed {
  static readonly seen = new HashMap<u32, u64>({ maxEntries: 0 });

  @xdp()
  static first(ctx: XdpContext): XdpAction {
    const length: u32 = "long";
    return length > 5 ? XdpAction.Drop : XdpAction.Pass;
  }

  @xdp()
  static second(ctx: XdpContext): XdpAction {
    const half = 0.5;
    return XdpAction.Pass;
  }
}
`;
const all = [
  ["WG2007", 4],
  ["TS2322", 8],
  ["WG1002", 14],
];
const withoutTypeError = source.replace('"long"', "7");

const told = (diagnostics: readonly { readonly code: string; readonly line: number }[]): unknown =>
  diagnostics.map(({ code, line }) => [code, line]);

test.each(["check", "build-ebpf"])("%s, for people and as JSON", async (command) => {
  project = testProject({ [path]: source });
  const { code, out, err } = await project.xtask(command);
  expect([code, out]).toEqual([1, expect.stringMatching(/\b3 errors in /)]);
  expect([...err.matchAll(/^error\[(\w+)\]/gm)].map(([, found]) => found)).toEqual(
    all.map(([found]) => found),
  );
  const json = await project.xtask(command, "--json");
  const result = JSON.parse(json.out);
  expect([json.code, result.classes, told(result.diagnostics)]).toEqual([1, [], all]);
});

test("--watch, while the mistakes are mended one by one", async () => {
  project = testProject({ [path]: source });
  const found: unknown[] = [];
  const stop = new AbortController();
  const mended = [
    withoutTypeError,
    withoutTypeError.replace("0.5", "5").replace("maxEntries: 0", "maxEntries: 4"),
  ];
  const onBuild = ({ diagnostics }: BuildResult): void => {
    found.push(told(diagnostics));
    const next = mended.shift();
    if (next === undefined) stop.abort();
    else project.write(path, next);
  };
  await watchEbpf({ cwd: project.folder }, { onBuild }, stop.signal);
  expect(found).toEqual([all, all.filter(([code]) => code !== "TS2322"), []]);
});

test("an editor", async () => {
  project = testProject({ [path]: source });
  const file = project.path(path);
  const documents = createDocuments();
  const analysis = createAnalysis(documents);
  documents.open(`file://${file}`, 1, source);
  analysis.touch(file);
  await analysis.update(
    () => {},
    () => false,
  );
  expect(told(analysis.diagnostics(file))).toEqual(all);
});
