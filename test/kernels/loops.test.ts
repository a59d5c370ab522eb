/** The family of loops, compiled for each kernel, loads there or is refused with the target or the change that would do. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { buildLoops, loopFamily } from "../loops/family.js";
import { runInKernel } from "./run-in-kernel.js";

const asked = (env.WAGGLE_KERNELS ?? "").split(",").filter((version) => version !== "");
const root = fileURLToPath(new URL("../..", import.meta.url));

test.skipIf(asked.length === 0).each(asked.length === 0 ? ["any"] : asked)(
  "loops load on Linux %s",
  { timeout: 900_000 },
  async (kernel) => {
    const target = /^\d/.test(kernel) ? kernel : "6.12";
    const built = buildLoops(loopFamily([32, 500]), target);
    const objects = built.flatMap((one) =>
      "object" in one ? [[one.name, Buffer.from(one.object).toString("base64")]] : [],
    );
    const folder = mkdtempSync(join(root, "test/kernels/.bundle-"));
    try {
      const file = join(folder, "objects.json");
      writeFileSync(file, JSON.stringify(Object.fromEntries(objects)));
      const path = relative(root, file);
      const run = await runInKernel({
        kernel,
        program: fileURLToPath(new URL("guest/loads.ts", import.meta.url)),
        args: [path],
        files: [path],
      });
      console.log(`${run.release} by ${run.accelerator} in ${run.seconds.toFixed(1)} s`);
      expect(run.output.match(/^refused .*/gm) ?? []).toEqual([]);
      expect(run.output).toContain(`loads: ${objects.length} of ${objects.length}`);
      expect(run.status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
