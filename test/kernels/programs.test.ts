import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { suites } from "../programs/all.js";
import { buildSuite } from "../programs/build.js";
import { runInKernel } from "./run-in-kernel.js";

const asked = (env.WAGGLE_KERNELS ?? "").split(",").filter((version) => version !== "");
const root = fileURLToPath(new URL("../..", import.meta.url));

describe.skipIf(asked.length === 0)(
  `every kind of program on other kernels${asked.length === 0 ? " (skipped: WAGGLE_KERNELS names none)" : ""}`,
  () => {
    test.each(asked.length === 0 ? ["any"] : asked)("Linux %s", { timeout: 600_000 }, async (kernel) => {
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
          modules: ["sch_ingress", "cls_bpf", "act_bpf", "cls_matchall", "veth", "netkit"],
          timeout: 400,
          commandLine: "lsm=landlock,lockdown,yama,bpf",
        });
        console.log(`${run.release} by ${run.accelerator} in ${run.seconds.toFixed(1)} s\n${run.output}`);
        expect(run.output.match(/^.*"result":"failed".*$|^uncaught .*$/gm) ?? []).toEqual([]);
        expect(run.output).toMatch(/"result":"passed"/);
        expect(run.status).toBe(0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
