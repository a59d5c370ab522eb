import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createKernelProgram } from "./program.js";

setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

test("a program is not kept once its files have changed twice", async () => {
  if (typeof collectGarbage !== "function") throw new Error("there is no gc()");
  const file = join(import.meta.dirname, "changing.ts");
  const check = (version: number): WeakRef<object> =>
    new WeakRef(
      createKernelProgram(
        [file],
        import.meta.dirname,
        new Map([[file, `export const version = ${version};`]]),
      ).program,
    );
  const programs = Array.from({ length: 6 }, (_, version) => check(version));
  // The targets of new references are kept to the end of the job.
  await setImmediate();
  collectGarbage();
  expect(programs.filter((program) => program.deref() !== undefined).length).toBeLessThanOrEqual(2);
});
