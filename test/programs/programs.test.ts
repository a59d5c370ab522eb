/** Every kind of program that the running kernel can run: attached, and seen to do what it should. */
import { release } from "node:os";
import { bpfModule, canLoad } from "@waggle/userspace";
import { describe, test } from "vitest";
import type { KernelResult } from "../../scripts/kernel-lanes.js";
import { suites } from "./all.js";
import { buildSuite } from "./build.js";
import { lackOf } from "./machine.js";

const kernel = canLoad();

describe.each(suites)("$className", (suite) => {
  // It is compiled also where it cannot run.
  const module = bpfModule<never>(Buffer.from(buildSuite(suite)).toString("base64"));
  for (const check of suite.checks) {
    const lack = kernel.ok ? lackOf(suite, check) : (kernel.reason ?? "a kernel that loads programs");
    const title = lack === null ? check.name : `${check.name} (skipped: needs ${lack})`;
    test(title, async ({ task, skip }) => {
      const tell = (result: KernelResult["result"], why: string): void => {
        const one = { suite: suite.className, name: check.name, kinds: check.kinds, result, why };
        task.meta.kernels = { release: release(), results: [one] };
      };
      if (lack !== null) {
        tell("skipped", lack);
        skip(lack);
      }
      tell("failed", "");
      await check.run((options) => module.load(options));
      tell("passed", "");
    });
  }
});
