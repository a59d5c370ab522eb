/** Worker threads that end while they read, in every way a thread can end. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildUserspace, hasKernel, readersObject, runChild, whySkipped } from "./child.js";

describe.skipIf(!hasKernel)(`worker threads that read${whySkipped}`, () => {
  const object = readersObject();
  beforeAll(buildUserspace);
  afterAll(() => object[Symbol.dispose]());

  const modes = [
    "terminate while nothing is read and it is idle",
    "terminate ring",
    "terminate perf",
    "terminate ring perf logs",
    "terminate ring while sending",
    "terminate perf logs while sending",
    "terminate ring aborted idle",
    "terminate perf aborted idle",
    "terminate busy",
    "terminate mapped idle",
    "exit ring perf",
    "throw ring perf",
    "close ring perf",
    "end ring perf",
  ];
  test.each(["", "main"])(
    "the process goes on, and no descriptor is left behind %s",
    (main) => {
      const chosen = main === "" ? modes : ["main", ...modes.slice(1, 5)];
      const { signal, status, output } = runChild("worker.mjs", [object.file, ...chosen], 100);
      expect({ signal, status, output }).toMatchObject({ signal: null, status: 0 });
      const left = output.split("\n").map((line) => line.replace(/, .* mappings$/, ""));
      expect(left).toEqual(chosen.map((mode) => `${mode}: 0 descriptors`));
    },
    110_000,
  );
});
