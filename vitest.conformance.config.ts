import { env } from "node:process";
import { defineConfig, mergeConfig } from "vitest/config";
import { ConformanceLines } from "./scripts/conformance-lines.js";
import { StuckFiles } from "./scripts/stuck-files.js";
import config, { PATIENCE } from "./vitest.config.js";

env.WAGGLE_CONFORMANCE ??= "all";

/** The suites of the language: small programs that must work, and programs that must be refused. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [], reporters: [] } },
  defineConfig({
    test: {
      include: ["test/conformance/*.test.ts", "packages/compiler/src/frontend/rejected.test.ts"],
      reporters: ["default", new StuckFiles(PATIENCE), new ConformanceLines()],
    },
  }),
);
