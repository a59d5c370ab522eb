/** Checks the files in fixtures/ as a user's editor would: they say by `@ts-expect-error` what must not pass. */
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

test.each(["boundary", "kernel-types", "language"])("%s type-checks", (name) => {
  const file = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
    types: [],
  };
  const found = ts.getPreEmitDiagnostics(ts.createProgram([file], options));
  expect(
    found.map(({ messageText, start }) => [start, ts.flattenDiagnosticMessageText(messageText, "\n")]),
  ).toEqual([]);
});
