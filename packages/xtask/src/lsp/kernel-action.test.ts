import { afterEach, expect, test } from "vitest";
import { buildDiagnostic } from "../build/diagnostics.js";
import type { TestProject } from "../testing/project.js";
import { testProject } from "../testing/project.js";
import { createDocuments } from "./documents.js";
import { kernelAction } from "./kernel-action.js";

let project: TestProject;
afterEach(() => project.remove());

const help = 'for newer ones only, say target: { kernel: "6.12" } in xtask.config.ts or --kernel 6.12';
const diagnostic = buildDiagnostic("WG2015", "one.ts", "xdp programs have it from kernel 6.12 on", { help });
const documents = createDocuments();

test("the version in the configuration is replaced, however it is quoted", () => {
  const text = "export default {\n  out: 'a',\n  target: { cpu: 'v2', kernel: '5.15' },\n};\n";
  project = testProject({ "xtask.config.ts": text });
  const range = { start: { line: 2, character: 31 }, end: { line: 2, character: 37 } };
  expect(kernelAction(diagnostic, project.folder, documents, false)).toEqual({
    title: "Compile for kernel 6.12 and newer",
    kind: "quickfix",
    edit: { changes: { [documents.uri(project.path("xtask.config.ts"))]: [{ range, newText: '"6.12"' }] } },
  });
});

test("without a configuration, one is made where the editor can", () => {
  project = testProject({});
  const uri = documents.uri(project.path("xtask.config.ts"));
  expect(kernelAction(diagnostic, project.folder, documents, false)).toBeNull();
  expect(kernelAction(diagnostic, project.folder, documents, true)?.edit).toMatchObject({
    documentChanges: [
      { kind: "create", uri },
      { edits: [{ newText: expect.stringContaining('defineConfig({ target: { kernel: "6.12" } });') }] },
    ],
  });
});

test("nothing for a version that is computed, or a diagnostic of something else", () => {
  project = testProject({
    "xtask.config.ts": "const kernel = '5.15';\nexport default { target: { kernel } };\n",
  });
  expect(kernelAction(diagnostic, project.folder, documents, true)).toBeNull();
  expect(kernelAction({ ...diagnostic, help: "write u8(…)" }, project.folder, documents, true)).toBeNull();
});
