import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { sourcePath } from "./source-path.js";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));

test("a file of the project is named from its folder", () => {
  expect(sourcePath(`${repository}packages/compiler`, `${repository}packages/compiler/src/a.ts`)).toBe(
    "src/a.ts",
  );
});

test("a file of another package is named by the package, not by where it lies", () => {
  const path = `${repository}packages/kernel/src/current.ts`;
  expect(sourcePath(`${repository}examples/flows`, path)).toBe("@waggle/kernel/src/current.ts");
  expect(sourcePath(`${repository}examples/flows`, `${repository}node_modules/typescript/lib/a.ts`)).toBe(
    "typescript/lib/a.ts",
  );
});

test("a file of no package keeps its way from the project", () => {
  expect(sourcePath("/a/project", "/a/elsewhere/x.ts")).toBe("../elsewhere/x.ts");
});
