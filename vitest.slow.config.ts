import { defineConfig, mergeConfig } from "vitest/config";
import { ClosingLine } from "./scripts/closing-line.js";
import { StuckFiles } from "./scripts/stuck-files.js";
import config, { PATIENCE, slowTests } from "./vitest.config.js";

/** What takes too long for `npm test`: CI runs it. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [], exclude: [], reporters: [] } },
  defineConfig({
    test: { include: slowTests, reporters: ["default", new StuckFiles(2 * PATIENCE), new ClosingLine()] },
  }),
);
