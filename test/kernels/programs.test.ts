import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { KernelResult } from "../../scripts/kernel-lanes.js";
import { suites } from "../programs/all.js";
import { buildSuite } from "../programs/build.js";
import { guestTestTimeout, runInKernel } from "./run-in-kernel.js";

const asked = (env.WAGGLE_KERNELS ?? "").split(",").filter((version) => version !== "");
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The lines of JSON that the guest wrote. */
function readResults(output: string): readonly KernelResult[] {
  const lines = output.split("\n").filter((line) => line.startsWith('{"suite"'));
  return lines.map((line): KernelResult => JSON.parse(line));
}

describe.skipIf(asked.length === 0)(
  `every kind of program on other kernels${asked.length === 0 ? " (skipped: WAGGLE_KERNELS names none)" : ""}`,
  () => {
    test.for(asked.length === 0 ? ["any"] : asked)(
      "Linux %s",
      { timeout: guestTestTimeout },
      async (kernel, { task }) => {
        const folder = mkdtempSync(join(root, "test/kernels/.bundle-"));
        try {
          const file = join(folder, "programs.json");
          const objects = suites.map((suite) => [
            suite.file,
            Buffer.from(buildSuite(suite)).toString("base64"),
          ]);
          writeFileSync(file, JSON.stringify(Object.fromEntries(objects)));
          const path = relative(root, file);
          const run = await runInKernel({
            kernel,
            program: fileURLToPath(new URL("guest/programs.ts", import.meta.url)),
            args: [path],
            files: [path],
            modules: ["sch_ingress", "cls_bpf", "act_bpf", "cls_matchall", "veth", "netkit", "loop"],
            commandLine: "lsm=landlock,lockdown,yama,bpf",
          });
          console.log(`${run.release} by ${run.accelerator} in ${run.seconds.toFixed(1)} s`);
          const results = readResults(run.output);
          task.meta.kernels = { release: run.release, results };
          expect(results.filter(({ result }) => result === "failed")).toEqual([]);
          expect(run.output.match(/^uncaught .*$/gm) ?? []).toEqual([]);
          expect(results.filter(({ result }) => result === "passed").length).toBeGreaterThan(30);
          // One line each, whatever it came to.
          expect(results).toHaveLength(suites.flatMap(({ checks }) => checks).length);
          expect(run.status).toBe(0);
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    );
  },
);
