/** Every kind of program that the running kernel can run: attached, and seen to do what it should. */
import { bpfModule, canLoad } from "@waggle/userspace";
import { describe, test } from "vitest";
import { suites } from "./all.js";
import { buildSuite } from "./build.js";
import { lackOf } from "./machine.js";

const kernel = canLoad();

describe.each(suites)("$className", (suite) => {
  // It is compiled also where it cannot run.
  const module = bpfModule<never>(Buffer.from(buildSuite(suite)).toString("base64"));
  for (const check of suite.checks) {
    const lack = kernel.ok ? lackOf(suite, check) : kernel.reason;
    const title = lack === null ? check.name : `${check.name} (skipped: needs ${lack})`;
    test.skipIf(lack !== null)(title, { timeout: 30_000 }, async () => {
      await check.run((options) => module.load(options));
    });
  }
});
