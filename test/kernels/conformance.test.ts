import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { kernelHas, parseKernelVersion } from "@waggle/object";
import { describe, expect, test } from "vitest";
import { all } from "../conformance/all.js";
import { buildGroup, kernelOf, writeGroup } from "../conformance/build.js";
import { levels } from "../conformance/program.js";
import { guestTestTimeout, runInKernel } from "./run-in-kernel.js";

const asked = (env.WAGGLE_KERNELS ?? "").split(",").filter((version) => version !== "");
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The objects that a kernel is to take, in base64 by class, by group and way. */
function bundleFor(kernel: string): Record<string, Record<string, string>> {
  // "newest" has whatever is asked for.
  const running = parseKernelVersion(kernel);
  const isTooNew = (oldest: string | undefined): boolean =>
    running !== null && oldest !== undefined && !kernelHas(running, oldest);
  const bundle: Record<string, Record<string, string>> = {};
  for (const group of all) {
    const files = writeGroup(group);
    try {
      for (const variant of group.variants ?? levels) {
        const oldest = kernelOf(group, variant);
        if (variant.byteOrder !== "little" || isTooNew(oldest)) continue;
        const { objects, said } = buildGroup(group, files.folder, variant);
        expect(said).toBe("");
        bundle[`${group.title}: level ${variant.optimize}, cpu v${variant.cpu}`] = Object.fromEntries(
          [...objects].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]),
        );
      }
    } finally {
      files.remove();
    }
  }
  return bundle;
}

describe.skipIf(asked.length === 0)(
  `the conformance programs on other kernels${asked.length === 0 ? " (skipped: WAGGLE_KERNELS names none)" : ""}`,
  () => {
    test.each(asked.length === 0 ? ["any"] : asked)(
      "Linux %s",
      { timeout: guestTestTimeout },
      async (kernel) => {
        const folder = mkdtempSync(join(root, "test/kernels/.bundle-"));
        try {
          const file = join(folder, "objects.json");
          writeFileSync(file, JSON.stringify(bundleFor(kernel)));
          const path = relative(root, file);
          const run = await runInKernel({
            kernel,
            program: fileURLToPath(new URL("guest/conformance.ts", import.meta.url)),
            args: [path],
            files: [path],
          });
          const faults = run.output.match(/^fault .*(\n(?!fault |conformance: ).*)*/gm) ?? [];
          // Vitest tells why a test failed at the end of the run, which other kernels put off by minutes.
          console.log(
            [`${run.release} by ${run.accelerator} in ${run.seconds.toFixed(1)} s`, ...faults].join("\n"),
          );
          expect(faults).toEqual([]);
          expect(run.output).toMatch(/^conformance: [1-9]\d+ passed, 0 failed$/m);
          expect(run.status).toBe(0);
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    );
  },
);
